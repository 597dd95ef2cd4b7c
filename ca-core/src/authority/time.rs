//! Whether the clock may be believed.

use kasane_ledger_schema::ServiceChanged;
use kasane_verify::UnixTime;

use super::Authority;
use crate::projection::{CLOCK_ACCEPTED, meta};
use crate::{Actor, Error};

/// How far the clock may be behind the ledger: clocks are set back by so little without harm.
const TOLERANCE_SECONDS: i64 = 300;

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
        Ok((now.plus_seconds(TOLERANCE_SECONDS) < latest).then_some((now, latest)))
    }

    /// Says that the clock is right and that newer entries bear a wrong time.
    ///
    /// # Errors
    /// [`Error::BadArgument`] without a reason or when the clock is not behind; [`Error::Ledger`].
    pub fn accept_clock(&self, actor: &Actor, reason: &str) -> Result<u64, Error> {
        if reason.trim().is_empty() || reason.len() > 500 {
            return Err(Error::BadArgument {
                what: "reason",
                reason: "say in 1 to 500 bytes how the clock came to be wrong".into(),
            });
        }
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
