//! Intermediates whose signature was verified once.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::certificate::Certificate;
use crate::crypto::{CryptoProvider, Digest, DigestAlgorithm, PublicKey};

/// Remembers which CA certificates a key has signed, with their parsed keys, so that the steady
/// state costs one signature check. It says nothing about validity, revocation or policy: those are
/// judged anew for each question. Only signatures below a trust anchor get in.
pub struct IntermediateCache {
    entries: RwLock<Entries>,
    capacity: usize,
}

#[derive(Default)]
struct Entries {
    keys: HashMap<Digest, Arc<dyn PublicKey>>,
    /// In the order of their coming, for eviction.
    order: VecDeque<Digest>,
}

impl IntermediateCache {
    /// A cache for at most `capacity` certificates; a network has some dozens. Each costs about
    /// 1 KiB, for an RSA-4096 key 3 KiB.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: RwLock::default(),
            capacity,
        }
    }

    /// How many certificates it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        let entries = self.entries.read();
        entries.unwrap_or_else(PoisonError::into_inner).keys.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let entries = self.entries.write();
        *entries.unwrap_or_else(PoisonError::into_inner) = Entries::default();
    }

    /// The entry's name: a digest over the issuer's key and the whole certificate, so over what was
    /// signed, how, and the signature. Both tell their own length, so no two pairs mix. The provider
    /// is named behind them: what one verifies, such as SHA-1, another may refuse.
    pub(super) fn id(
        crypto: &dyn CryptoProvider,
        issuer_spki: &[u8],
        certificate: &Certificate<'_>,
    ) -> Digest {
        let provider = format!("{crypto:?}");
        let all = [issuer_spki, certificate.der(), provider.as_bytes()].concat();
        crypto.digest(DigestAlgorithm::Sha256, &all)
    }

    pub(super) fn find(&self, id: &Digest) -> Option<Arc<dyn PublicKey>> {
        let entries = self.entries.read();
        let entries = entries.unwrap_or_else(PoisonError::into_inner);
        entries.keys.get(id).map(Arc::clone)
    }

    pub(super) fn insert(&self, id: Digest, key: Arc<dyn PublicKey>) {
        let entries = self.entries.write();
        let mut entries = entries.unwrap_or_else(PoisonError::into_inner);
        if self.capacity == 0 || entries.keys.contains_key(&id) {
            return;
        }
        while entries.keys.len() >= self.capacity {
            let Some(oldest) = entries.order.pop_front() else {
                break;
            };
            entries.keys.remove(&oldest);
        }
        entries.order.push_back(id);
        entries.keys.insert(id, key);
    }
}

impl fmt::Debug for IntermediateCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntermediateCache")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish()
    }
}
