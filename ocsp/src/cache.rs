//! Signed responses, bounded in size.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Weak};

use kasane_verify::UnixTime;
use parking_lot::Mutex;

use crate::kept::{ByCertId, Kept};

/// What an entry costs beside its octets: its fields, its places in the set and in the queue.
const ENTRY_BYTES: usize = 512;

/// Parts with a lock each, so that cores do not wait for one another. A power of two.
const SHARDS: usize = 16;

/// Responses in two generations: what was not asked for while one filled up is dropped with it, so
/// that nothing has to be counted or ordered per look-up.
#[derive(Debug)]
pub(crate) struct Cache {
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug)]
struct Shard {
    young: HashSet<ByCertId>,
    old: HashSet<ByCertId>,
    young_bytes: usize,
    generation_bytes: usize,
    /// What was put, oldest first. Holds no response: what was dropped stays dropped.
    queue: VecDeque<Queued>,
}

#[derive(Debug)]
struct Queued {
    due: UnixTime,
    kept: Weak<Kept>,
}

impl Cache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        let shard = || Shard {
            young: HashSet::new(),
            old: HashSet::new(),
            young_bytes: 0,
            generation_bytes: max_bytes / SHARDS / 2,
            queue: VecDeque::new(),
        };
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect(),
        }
    }

    /// What is kept under a `CertID` (DER).
    pub(crate) fn find(&self, cert_id: &[u8]) -> Option<Arc<Kept>> {
        let mut shard = self.shard(cert_id)?.lock();
        if let Some(kept) = shard.young.get(cert_id) {
            return Some(Arc::clone(&kept.0));
        }
        let kept = shard.old.take(cert_id)?.0;
        shard.insert(&kept);
        Some(kept)
    }

    /// Keeps `kept`; at `due` it is looked at again.
    pub(crate) fn put(&self, kept: &Arc<Kept>, due: UnixTime) {
        let Some(shard) = self.shard(&kept.cert_id) else {
            return;
        };
        let mut shard = shard.lock();
        shard.insert(kept);
        let queued = Queued {
            due,
            kept: Arc::downgrade(kept),
        };
        shard.queue.push_back(queued);
        shard.prune();
    }

    /// At most `most` of those that are due, each once.
    pub(crate) fn take_due(&self, now: UnixTime, most: usize) -> Vec<Arc<Kept>> {
        let mut taken = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock();
            while taken.len() < most && shard.queue.front().is_some_and(|queued| queued.due <= now)
            {
                let queued = shard.queue.pop_front();
                taken.extend(queued.and_then(|queued| queued.kept.upgrade()));
            }
        }
        taken
    }

    fn shard(&self, cert_id: &[u8]) -> Option<&Mutex<Shard>> {
        // The last octet is that of the serial number, which is random.
        let last = usize::from(cert_id.last().copied().unwrap_or(0));
        self.shards.get(last % SHARDS)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let shards = self.shards.iter().map(|shard| shard.lock());
        shards.map(|it| it.young.len() + it.old.len()).sum()
    }

    #[cfg(test)]
    fn queued(&self) -> usize {
        self.shards.iter().map(|it| it.lock().queue.len()).sum()
    }
}

impl Shard {
    fn insert(&mut self, kept: &Arc<Kept>) {
        let bytes = ENTRY_BYTES + 2 * kept.cert_id.len() + kept.response.der.len();
        if self.young_bytes + bytes > self.generation_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.replace(ByCertId(Arc::clone(kept)));
    }

    /// Keeps the queue as short as what is kept.
    fn prune(&mut self) {
        let kept = self.young.len() + self.old.len();
        if self.queue.len() > 2 * kept + 64 {
            self.queue.retain(|queued| queued.kept.strong_count() > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use kasane_ca_core::authority::Status;
    use kasane_verify::ocsp::OcspResponseStatus;

    use super::*;
    use crate::Response;
    use crate::kept::Stamps;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn kept(cert_id: &[u8], bytes: usize) -> Arc<Kept> {
        let response = Response {
            der: vec![0; bytes].into(),
            status: OcspResponseStatus::Successful,
            cacheable: None,
            validators: None,
        };
        Arc::new(Kept {
            cert_id: cert_id.into(),
            issuer: Arc::from("issuer"),
            serial: cert_id.into(),
            status: Status::Good,
            produced_at: at(100),
            renew_at: at(200),
            next_update: at(1_000),
            signer: Arc::from([1]),
            response,
            stamps: Stamps::new(0, 0),
            asked: AtomicBool::new(false),
        })
    }

    #[test]
    fn response_is_handed_out_within_its_time_only() {
        let kept = kept(b"a", 10);
        for (now, fresh, current) in [
            (99, false, false),
            (100, true, true),
            (199, true, true),
            (200, false, true),
            (699, false, true),
            (700, false, false),
        ] {
            assert_eq!(kept.is_fresh(at(now)), fresh, "{now}");
            assert_eq!(kept.is_current(at(now)), current, "{now}");
        }
    }

    #[test]
    fn size_is_bounded_and_the_used_stay() {
        let per_entry = ENTRY_BYTES + 100 + 2 * 4;
        let cache = Cache::new(20 * SHARDS * per_entry);
        for n in 0..16_000_u32 {
            cache.put(&kept(&n.to_be_bytes(), 100), at(n.into()));
            assert!(cache.len() <= 20 * SHARDS, "{}", cache.len());
            assert!(cache.queued() <= 2 * cache.len() + 65 * SHARDS);
            assert!(cache.find(&0_u32.to_be_bytes()).is_some(), "{n}");
        }
        assert!(cache.find(&500_u32.to_be_bytes()).is_none());
    }

    #[test]
    fn newer_response_takes_the_place_of_the_older() {
        let cache = Cache::new(1 << 20);
        let (older, newer) = (kept(b"a", 10), kept(b"a", 20));
        cache.put(&older, at(5));
        cache.put(&newer, at(6));
        assert_eq!(cache.len(), 1);
        assert!(Arc::ptr_eq(&cache.find(b"a").unwrap(), &newer));
    }

    #[test]
    fn what_is_due_comes_once_and_no_more_than_asked_for() {
        let cache = Cache::new(1 << 20);
        let all: Vec<_> = (0..40_u8).map(|n| kept(&[n], 10)).collect();
        for kept in &all {
            cache.put(kept, at(50));
        }
        assert!(cache.take_due(at(49), 100).is_empty());
        assert_eq!(cache.take_due(at(50), 30).len(), 30);
        assert_eq!(cache.take_due(at(50), 30).len(), 10);
        assert!(cache.take_due(at(50), 30).is_empty());
        assert_eq!(cache.len(), 40);
    }
}
