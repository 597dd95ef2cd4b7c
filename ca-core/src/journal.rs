//! Events as ledger entries.

use kasane_ledger::{Batch, Ledger};
use kasane_ledger_schema::{Entry, Event};
use kasane_verify::UnixTime;

use crate::{Actor, Error};

/// The canonical bytes of events that `actor` caused at `now`.
pub(crate) fn encode(
    actor: &Actor,
    now: UnixTime,
    events: impl IntoIterator<Item = Event>,
) -> Result<Vec<Vec<u8>>, Error> {
    let encode = |event| {
        let (time, actor) = (now.seconds(), actor.to_string());
        Ok(Entry { time, actor, event }.to_bytes()?)
    };
    events.into_iter().map(encode).collect()
}

/// Appends events that stand or fall together; returns the index of the first when all are durable.
pub(crate) fn append(
    ledger: &Ledger,
    actor: &Actor,
    now: UnixTime,
    events: impl IntoIterator<Item = Event>,
) -> Result<u64, Error> {
    let batch = Batch {
        entries: encode(actor, now, events)?,
        private: Vec::new(),
    };
    Ok(ledger.append(batch)?.first_index)
}
