//! The responder.

use std::sync::Arc;

use kasane_ca_core::Authority;
use parking_lot::Mutex;

use crate::cache::{Cache, MAX_CACHE_BYTES};
use crate::identity::Identities;
use crate::roll_over::Rolling;
use crate::signer::Signers;

/// Answers OCSP requests (RFC 6960, RFC 9919) for every issuing CA of an authority. Shared by `Arc`;
/// blocks while a key signs.
pub struct Responder {
    pub(crate) authority: Arc<Authority>,
    pub(crate) identities: Identities,
    pub(crate) signers: Signers,
    pub(crate) cache: Mutex<Cache>,
    /// Signers are replaced by one caller at a time.
    pub(crate) rolling: Mutex<Rolling>,
}

impl Responder {
    /// A responder without any response yet.
    #[must_use]
    pub fn new(authority: Arc<Authority>) -> Self {
        Self {
            authority,
            identities: Identities::default(),
            signers: Signers::default(),
            cache: Mutex::new(Cache::new(MAX_CACHE_BYTES)),
            rolling: Mutex::default(),
        }
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Responder({:?})", self.authority)
    }
}
