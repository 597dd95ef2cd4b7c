//! Whether the clock may be believed.

use kasane_ledger_schema::ServiceChanged;
use kasane_verify::UnixTime;

use super::Authority;
use super::reason::check_reason;
use crate::projection::{CLOCK_ACCEPTED, meta};
use crate::{Actor, Error};

/// How far clocks may differ without harm: ours may be behind the ledger, which it wrote itself before
/// it was set, and behind that of another who signed.
pub(super) const CLOCK_TOLERANCE_SECONDS: i64 = 300;

impl Authority {
    /// Refuses a clock that is behind the ledger's newest entry: dates of the policy would open
    /// again, and certificates would begin before their issuer.
    pub(super) fn ensure_time(&self) -> Result<(), Error> {
        match self.time_ahead()? {
            Some((now, latest)) => Err(Error::ClockBehind { now, latest }),
            None => Ok(()),
        }
    }

    /// What the clock says and the time of the newest entry, when the clock is behind it.
    fn time_ahead(&self) -> Result<Option<(UnixTime, UnixTime)>, Error> {
        let now = self.now();
        let latest = UnixTime::from_seconds(meta::progress(self.tables())?.latest_time);
        Ok((now.plus_seconds(CLOCK_TOLERANCE_SECONDS) < latest).then_some((now, latest)))
    }

    /// Says that the clock is right and that newer entries bear a wrong time.
    ///
    /// # Errors
    /// [`Error::BadArgument`] without a reason or when the clock is not behind; [`Error::Ledger`].
    pub fn accept_clock(&self, actor: &Actor, reason: &str) -> Result<u64, Error> {
        check_reason(reason, "how the clock came to be wrong")?;
        let Some((now, latest)) = self.time_ahead()? else {
            return Err(Error::BadArgument {
                what: "accept-clock",
                reason: "the clock is not behind the ledger: nothing is to be accepted".into(),
            });
        };
        let event = ServiceChanged {
            change: CLOCK_ACCEPTED.to_owned(),
            detail: format!("clock {now}, newest entry {latest}: {reason}"),
        };
        self.append(actor, event.into())
    }
}
