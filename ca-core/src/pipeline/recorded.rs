//! Bytes that are durable in the ledger: from here on a key may be used, once.

use kasane_ledger::Ledger;
use kasane_verify::UnixTime;

use super::{Linted, ToBeSigned};
use crate::{Actor, Error, journal};

/// Durable in the ledger, not yet signed. Moved into the signing door.
#[derive(Debug)]
pub struct Recorded<T> {
    index: u64,
    tbs: T,
}

impl<T: ToBeSigned> Linted<T> {
    /// Makes serial or CRL number and bytes durable. Returns when they are.
    ///
    /// # Errors
    /// [`Error::Ledger`]: nothing was recorded, nothing may be signed.
    pub fn record(
        self,
        ledger: &Ledger,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Recorded<T>, Error> {
        let event = self.inner().record_event(ledger)?;
        Ok(Recorded {
            index: journal::append(ledger, actor, now, [event])?,
            tbs: self.into_inner(),
        })
    }
}

impl<T> Recorded<T> {
    /// Ledger index of the record.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// What was recorded.
    #[must_use]
    pub const fn tbs(&self) -> &T {
        &self.tbs
    }

    pub(crate) fn into_parts(self) -> (u64, T) {
        (self.index, self.tbs)
    }
}
