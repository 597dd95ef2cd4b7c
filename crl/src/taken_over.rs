//! Lists of CAs whose keys are elsewhere.

use std::sync::Arc;

use kasane_ca_core::Error;
use kasane_ca_core::projection::crl::CrlKey;
use kasane_verify::UnixTime;

use crate::{CrlKind, PublishedCrl, Publisher};

/// An imported list is asked for anew so long before its end: somebody has to carry it here.
const IMPORT_NOTICE_SECONDS: i64 = 30 * 86_400;

impl Publisher {
    /// The list of a CA whose key is elsewhere is published as it was imported. It is never signed
    /// here; that the next one must be fetched is told in time, once a day.
    pub(crate) fn take_over(&self, key: &CrlKey, now: UnixTime) -> Result<(), Error> {
        let row = self.authority.crl_series(&key.issuer, key.shard)?;
        let published = self.current(&key.issuer, key.shard, CrlKind::Full);
        let number = row.full.as_ref().map(|full| full.number);
        if number != published.map(|crl| crl.number)
            && let Some(crl) = self
                .authority
                .current_crl(&key.issuer, key.shard, CrlKind::Full)?
        {
            let crl = PublishedCrl::new(CrlKind::Full, crl);
            tracing::info!(
                issuer.name = key.issuer,
                crl.shard = key.shard,
                crl.number = crl.number,
                "imported CRL published"
            );
            let place = (key.clone(), CrlKind::Full);
            self.newest.write().insert(place, Arc::new(crl));
        }
        let left = row
            .full
            .map(|full| full.next_update.saturating_sub(now.seconds()));
        let mut series = self.series.lock();
        let series = series.entry(key.clone()).or_default();
        let told = series.rests_until.is_some_and(|until| now < until);
        if left.is_none_or(|left| left <= IMPORT_NOTICE_SECONDS) && !told {
            series.rests_until = Some(now.plus_seconds(86_400));
            tracing::warn!(
                issuer.name = key.issuer,
                crl.shard = key.shard,
                seconds_left = left.unwrap_or_default(),
                "the CRL of a CA whose key is elsewhere is missing or ends soon: have it signed \
                 there and run 'kasane crl import'"
            );
        }
        Ok(())
    }
}
