//! What the service notes about itself.

use kasane_ledger_schema::ServiceChanged;

use super::Authority;
use crate::{Actor, Error};

impl Authority {
    /// Notes that the service `started` or `stopped`; `detail` names version and key backend.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn note_service(&self, change: &str, detail: &str) -> Result<u64, Error> {
        let event = ServiceChanged {
            change: change.to_owned(),
            detail: detail.to_owned(),
        };
        self.append(&Actor::system(), event.into())
    }

    /// Notes how often devices were asked for what has no entry of its own (OCSP responses,
    /// checkpoints) since the last such note. With `coming_checkpoints` it is the last note before a
    /// stop: they are counted ahead, for nobody can note them later, and what else was reserved is
    /// given back.
    ///
    /// # Errors
    /// [`Error::Ledger`]: the counts are kept for the next note.
    pub fn note_signatures(&self, coming_checkpoints: u64) -> Result<(), Error> {
        self.notary.tell_wrong_signatures()?;
        match coming_checkpoints {
            0 => self.notary.count(),
            coming => self.notary.close(self.ledger_key.label(), coming),
        }
    }

    /// Whether the published checkpoint covers every entry.
    #[must_use]
    pub fn is_checkpointed(&self) -> bool {
        self.ledger
            .latest_checkpoint()
            .and_then(|note| self.ledger_key.verifier().open(&note).ok())
            .is_some_and(|checkpoint| checkpoint.size == self.ledger.size())
    }
}
