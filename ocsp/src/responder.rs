//! The responder.

use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ledger::Stop;
use parking_lot::Mutex;

use crate::cache::Cache;
use crate::complaints::Complaints;
use crate::identity::Identities;
use crate::roll_over::Rolling;
use crate::signer::Signers;

/// Octets of responses kept at most when nobody says otherwise. One costs about 2 KiB with all that
/// belongs to it, so this holds two hundred thousand: the terminals of a morning.
pub const DEFAULT_CACHE_BYTES: usize = 384 * 1024 * 1024;

/// Answers OCSP requests (RFC 6960, RFC 9919) for every issuing CA of an authority. Shared by `Arc`.
pub struct Responder {
    pub(crate) authority: Arc<Authority>,
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
    pub fn new(authority: Arc<Authority>) -> Self {
        Self::with_cache(authority, DEFAULT_CACHE_BYTES)
    }

    /// The same with at most `cache_bytes` of responses.
    #[must_use]
    pub fn with_cache(authority: Arc<Authority>, cache_bytes: usize) -> Self {
        Self {
            authority,
            identities: Identities::default(),
            signers: Signers::default(),
            cache: Cache::new(cache_bytes),
            rolling: Mutex::default(),
            complaints: Complaints::default(),
        }
    }

    /// Whether the projection lags behind the ledger: a revocation may be missing in it then.
    pub(crate) fn lags(&self) -> bool {
        matches!(
            self.authority.ledger().stopped(),
            Some(Stop::Observer { .. })
        )
    }
}

impl std::fmt::Debug for Responder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Responder({:?})", self.authority)
    }
}
