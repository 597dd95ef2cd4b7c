//! Signed responses, bounded in size.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_ca_core::authority::Status;
use kasane_verify::UnixTime;

use crate::Response;

/// Octets of responses kept at most. An answer with its signer's certificate is 1 to 3 KiB, so this
/// holds a morning's terminals.
pub(crate) const MAX_CACHE_BYTES: usize = 64 * 1024 * 1024;

/// What an entry costs beside its octets.
const ENTRY_BYTES: usize = 256;

/// Responses in two generations: what was not asked for while one filled up is dropped with it, so
/// that nothing has to be counted or ordered per look-up.
#[derive(Debug)]
pub(crate) struct Cache {
    young: HashMap<Vec<u8>, Cached>,
    old: HashMap<Vec<u8>, Cached>,
    young_bytes: usize,
    generation_bytes: usize,
}

/// A signed response about one certificate.
#[derive(Clone, Debug)]
pub(crate) struct Cached {
    /// What it says.
    pub(crate) status: Status,
    /// From here on another is signed.
    pub(crate) refresh_at: UnixTime,
    /// When it was signed.
    pub(crate) produced_at: UnixTime,
    /// The serial of the signer's certificate.
    pub(crate) signer: Arc<[u8]>,
    pub(crate) response: Response,
}

impl Cache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
            generation_bytes: max_bytes / 2,
        }
    }

    /// The response under `key` (the `CertID`, DER), if it still says what is true and is fresh.
    pub(crate) fn find(&mut self, key: &[u8], status: Status, now: UnixTime) -> Option<Cached> {
        if let Some(cached) = self.young.get(key) {
            return cached.answer(status, now);
        }
        let cached = self.old.remove(key)?;
        let answer = cached.answer(status, now);
        if answer.is_some() {
            self.put(key.to_vec(), cached);
        }
        answer
    }

    pub(crate) fn put(&mut self, key: Vec<u8>, cached: Cached) {
        let bytes = ENTRY_BYTES + key.len() + cached.response.der.len();
        if self.young_bytes + bytes > self.generation_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, cached);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

impl Cached {
    fn answer(&self, status: Status, now: UnixTime) -> Option<Self> {
        // A clock that was set back makes an answer of the future: nobody would take it.
        let fresh = self.produced_at <= now && now < self.refresh_at;
        (fresh && self.status == status).then(|| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use kasane_verify::ocsp::OcspResponseStatus;

    use super::*;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn cached(bytes: usize) -> Cached {
        let response = Response {
            der: vec![0; bytes].into(),
            status: OcspResponseStatus::Successful,
            cacheable: None,
            etag: Arc::from(""),
        };
        Cached {
            status: Status::Good,
            refresh_at: at(200),
            produced_at: at(100),
            signer: Arc::from([1]),
            response,
        }
    }

    #[test]
    fn answer_ends_with_its_status_and_its_time() {
        let mut cache = Cache::new(10_000);
        cache.put(b"a".to_vec(), cached(10));
        assert!(cache.find(b"a", Status::Good, at(100)).is_some());
        assert!(cache.find(b"a", Status::Good, at(199)).is_some());
        assert!(cache.find(b"a", Status::Good, at(200)).is_none());
        assert!(cache.find(b"a", Status::Good, at(99)).is_none());
        let revoked = Status::Revoked {
            date: at(150),
            reason: None,
            invalidity_date: None,
        };
        assert!(cache.find(b"a", revoked, at(150)).is_none());
        assert!(cache.find(b"b", Status::Good, at(100)).is_none());
    }

    #[test]
    fn size_is_bounded_and_the_used_stay() {
        let mut cache = Cache::new(20 * (ENTRY_BYTES + 100 + 4));
        for n in 0..1_000_u32 {
            cache.put(n.to_be_bytes().to_vec(), cached(100));
            assert!(cache.len() <= 20, "{}", cache.len());
            let first = cache.find(&0_u32.to_be_bytes(), Status::Good, at(150));
            assert!(first.is_some(), "{n}");
        }
        assert!(
            cache
                .find(&500_u32.to_be_bytes(), Status::Good, at(150))
                .is_none()
        );
    }
}
