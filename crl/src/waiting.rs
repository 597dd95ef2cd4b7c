//! Revocations that wait for the pause after the list before.

use kasane_ca_core::projection::crl::CrlKey;
use kasane_verify::UnixTime;

use crate::{Publisher, Sweep};

impl Publisher {
    /// Publishes the lists that a revocation waited for and whose pause is over. Reads nothing while
    /// none is, so it may be called as often as the pauses are to be kept; what else is due is for
    /// [`publish_due`](Self::publish_due).
    pub fn publish_waiting(&self, now: UnixTime) -> Sweep {
        let mut sweep = Sweep::default();
        for CrlKey { issuer, shard } in self.that_waited(now) {
            if let Ok(issuer) = self.authority.issuer(&issuer) {
                self.visit(&issuer, shard, now, &mut sweep);
            }
        }
        sweep
    }

    fn that_waited(&self, now: UnixTime) -> Vec<CrlKey> {
        let series = self.series.lock();
        let waited = series.iter().filter(|(_, series)| series.has_waited(now));
        waited.map(|(key, _)| key.clone()).collect()
    }
}
