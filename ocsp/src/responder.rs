//! The responder.

use std::sync::Arc;

use kasane_ca_core::status_source::StatusSource;
use parking_lot::Mutex;

use crate::cache::Cache;
use crate::complaints::Complaints;
use crate::identity::Identities;
use crate::roll_over::Rolling;
use crate::signer::Signers;

/// Octets of responses kept at most when nobody says otherwise. One costs about 2 KiB with all that
/// belongs to it, so this holds two hundred thousand: the terminals of a morning.
pub const DEFAULT_CACHE_BYTES: usize = 384 * 1024 * 1024;

/// Answers OCSP requests (RFC 6960, RFC 9919) for every issuing CA of an authority, there or at an edge.
/// Shared by `Arc`.
pub struct Responder {
    pub(crate) source: Arc<dyn StatusSource>,
    pub(crate) identities: Identities,
    pub(crate) signers: Signers,
    pub(crate) cache: Cache,
    /// Signers are replaced by one caller at a time.
    pub(crate) rolling: Mutex<Rolling>,
    pub(crate) complaints: Complaints,
}

impl Responder {
    /// A responder without any response yet, which keeps [`DEFAULT_CACHE_BYTES`].
    #[must_use]
    pub fn new(source: Arc<impl StatusSource + 'static>) -> Self {
        Self::with_cache(source, DEFAULT_CACHE_BYTES)
    }

    /// The same with at most `cache_bytes` of responses.
    #[must_use]
    pub fn with_cache(source: Arc<impl StatusSource + 'static>, cache_bytes: usize) -> Self {
        Self {
            source,
            identities: Identities::default(),
            signers: Signers::default(),
            cache: Cache::new(cache_bytes),
            rolling: Mutex::default(),
            complaints: Complaints::default(),
        }
    }

    /// What it answers from.
    #[must_use]
    pub fn source(&self) -> &dyn StatusSource {
        &*self.source
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Responder").finish_non_exhaustive()
    }
}
