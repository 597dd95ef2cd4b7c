//! What the service notes about itself.

use kasane_ledger_schema::{Event, ServiceChanged};

use super::{Authority, DeviceAction};
use crate::reconcile::ENABLE;
use crate::{Actor, Error};

/// Entries that may wait for the next checkpoint, and how long.
const MAX_UNCOVERED: u64 = 256;
const UNCOVERED_SECONDS: i64 = 3600;

/// Characters of the state that a device was in: four bytes each fit into a note.
const MAX_STATE_CHARACTERS: usize = 120;

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

    /// Notes that someone lets a device sign again, and why it did not; before it is let. From here
    /// on it is not quarantined any more. `serial` is empty where the device does not answer: then
    /// whichever had that name is meant.
    ///
    /// # Errors
    /// [`Error::BadArgument`] for a name or serial number that is too long; [`Error::Ledger`].
    pub fn note_device_enabled(
        &self,
        actor: &Actor,
        device: &str,
        serial: &str,
        before: &str,
    ) -> Result<u64, Error> {
        let before: String = before.chars().take(MAX_STATE_CHARACTERS).collect();
        let action = DeviceAction {
            device,
            serial,
            action: ENABLE,
            subject: "",
            detail: &format!("was {before}"),
        };
        self.note_device_action(actor, &action)
    }

    /// Notes how often devices were asked for what has no entry of its own (OCSP responses,
    /// checkpoints) since the last such note.
    ///
    /// # Errors
    /// [`Error::Ledger`]: the counts are kept for the next note.
    pub fn note_signatures(&self) -> Result<(), Error> {
        self.notary.tell_wrong_signatures()?;
        self.notary.count()
    }

    /// The last such note before a stop: what was reserved and not used is given back, and
    /// `coming_checkpoints`, which nobody can note later, are counted ahead.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn note_last_signatures(&self, coming_checkpoints: u64) -> Result<(), Error> {
        self.notary.tell_wrong_signatures()?;
        self.notary
            .close(self.ledger_key.label(), coming_checkpoints)
    }

    /// Whether the published checkpoint covers every entry, but for what signing checkpoints itself
    /// leaves behind: pages of devices' logs, counts and reservations of signatures. Those wait for
    /// the next checkpoint, at most for an hour; else an idle service would sign for ever.
    #[must_use]
    pub fn is_checkpointed(&self) -> bool {
        let covered = self
            .ledger
            .latest_checkpoint()
            .and_then(|note| self.ledger_key.verifier().open(&note).ok())
            .map(|checkpoint| checkpoint.size);
        let size = self.ledger.size();
        let Some(covered) = covered else {
            return false;
        };
        let now = self.now();
        covered == size
            || size.saturating_sub(covered) <= MAX_UNCOVERED
                && (covered..size).all(|index| {
                    self.entry(index).is_ok_and(|entry| {
                        is_left_by_signing(&entry.event)
                            && now.seconds() - entry.time < UNCOVERED_SECONDS
                    })
                })
    }
}

const fn is_left_by_signing(event: &Event) -> bool {
    matches!(
        event,
        Event::DeviceLogDrained(_) | Event::SignaturesCounted(_) | Event::SignaturesReserved(_)
    )
}
