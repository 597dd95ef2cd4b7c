//! Writing to the ledger.

use kasane_hsm::KeyRole;
use kasane_ledger_schema::{Entry, Event};

use super::Authority;
use crate::{Actor, Error, journal};

impl Authority {
    /// Appends one event; returns its index when it is durable and visible.
    pub(crate) fn append(&self, actor: &Actor, event: Event) -> Result<u64, Error> {
        self.append_all(actor, vec![event])
    }

    /// Appends events that stand or fall together; returns the index of the first.
    pub(crate) fn append_all(&self, actor: &Actor, events: Vec<Event>) -> Result<u64, Error> {
        journal::append(&self.ledger, actor, self.now(), events)
    }

    pub(crate) fn encode(&self, actor: &Actor, events: Vec<Event>) -> Result<Vec<Vec<u8>>, Error> {
        journal::encode(actor, self.now(), events)
    }

    /// The entry at `index`.
    ///
    /// # Errors
    /// [`Error::Ledger`] when there is none or it cannot be read.
    pub fn entry(&self, index: u64) -> Result<Entry, Error> {
        Ok(Entry::from_bytes(&self.ledger.entry(index)?)?)
    }

    /// Signs a checkpoint of everything durable now.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn checkpoint(&self) -> Result<String, Error> {
        // Reserved before, because the ledger lets nobody flush while it waits for the signature;
        // what is reserved is below the checkpoint then, and asks for no other one.
        let _one = self.checkpointing.lock();
        if self.door.logs_commands_of(KeyRole::Ledger) {
            let label = self.ledger_key.label();
            self.notary.reserve_block(label, KeyRole::Ledger)?;
        }
        let note = self.ledger.checkpoint(&self.ledger_key);
        self.notary.tell_wrong_signatures()?;
        let note = note?;
        self.head.write(&note)?;
        Ok(note)
    }

    /// Stops issuance for good: integrity is in doubt.
    pub fn stop_issuance(&self, reason: String) {
        tracing::error!(reason, "issuance is stopped");
        self.stopped.write().get_or_insert(reason);
    }

    /// Why issuance is stopped, if it is.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        let own = self.stopped.read().clone();
        own.or_else(|| self.ledger.stopped().map(|stop| stop.to_string()))
    }

    pub(crate) fn ensure_running(&self) -> Result<(), Error> {
        match self.stopped() {
            Some(reason) => Err(Error::Stopped { reason }),
            None => Ok(()),
        }
    }
}
