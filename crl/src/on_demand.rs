//! Lists that somebody asks for and that do not hold any more: the clock jumped.
//!
//! [`Publisher::publish_due`] would replace them at its next turn. Who asks now shall get neither a list
//! of the future nor one that is over.

use std::sync::Arc;

use kasane_ca_core::projection::crl::CrlKey;
use kasane_verify::UnixTime;

use crate::due::has_lists;
use crate::{PublishedCrl, Publisher, Sweep};

impl Publisher {
    /// Whether [`renewed`](Self::renewed) may bring another list in the place of `crl`, which is not
    /// current at `now`: its key is here, its CA goes on, and no attempt failed just before. Does not
    /// block.
    #[must_use]
    pub fn may_renew(&self, crl: &PublishedCrl, now: UnixTime) -> bool {
        let Ok(issuer) = self.authority.issuer(&crl.issuer) else {
            return false;
        };
        if !issuer.has_key() || issuer.ended || !has_lists(&issuer, now) {
            return false;
        }
        let series = self.series.lock();
        let series = series.get(&key_of(crl));
        series.is_none_or(|it| !it.rests(now) && !it.rests_on_demand(now))
    }

    /// The newest list of the kind and shard of `crl`, after publishing what of that series is due by
    /// the authority's clock. Waits for a list that is being made, and for the key's signatures. When
    /// nothing came of it, the series is not asked again for some seconds, however many ask.
    #[must_use]
    pub fn renewed(&self, crl: &PublishedCrl) -> Option<Arc<PublishedCrl>> {
        // What fails is logged.
        let mut sweep = Sweep::default();
        if let Ok(issuer) = self.authority.issuer(&crl.issuer) {
            self.visit(&issuer, crl.shard, self.authority.now(), &mut sweep);
        }
        let newest = self.current(&crl.issuer, crl.shard, crl.kind);
        let now = self.authority.now();
        let is_current = newest.as_ref().is_some_and(|newest| newest.is_current(now));
        // What was made and does not hold either met another jump: that is no failure.
        if !is_current && sweep.published.is_empty() {
            let mut series = self.series.lock();
            series
                .entry(key_of(crl))
                .or_default()
                .brought_nothing_on_demand(now);
        }
        newest
    }
}

fn key_of(crl: &PublishedCrl) -> CrlKey {
    CrlKey {
        issuer: crl.issuer.clone(),
        shard: crl.shard,
    }
}
