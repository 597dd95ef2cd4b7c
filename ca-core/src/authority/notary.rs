//! Writes to the ledger what the door needs written.

use std::sync::Arc;

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger::Ledger;
use kasane_ledger_schema::{DeviceAlarmRaised, Event, SignaturesCounted, SignaturesReserved};

use crate::clock::Clock;
use crate::projection::books;
use crate::reconcile::alarm;
use crate::signing::{Product, SignatureNotes, SigningDoor, WrongSignature};
use crate::store::Tables;
use crate::{Actor, Error, journal};

/// OCSP responses that one reservation covers: an entry for some seconds of a device's work, and
/// after a crash so many at most that nobody can vouch for.
const OCSP_BLOCK: u64 = 256;

/// Checkpoints that one reservation covers: ten minutes of them.
const CHECKPOINT_BLOCK: u64 = 64;

/// Writes to the ledger what the door needs written. The door knows it weakly: it ends with the
/// authority.
pub(super) struct Notary {
    pub(super) ledger: Ledger,
    pub(super) tables: Arc<dyn Tables>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) door: Arc<SigningDoor>,
}

impl Notary {
    fn append(&self, events: Vec<Event>) -> Result<(), Error> {
        if events.is_empty() {
            return Ok(());
        }
        journal::append(&self.ledger, &Actor::system(), self.clock.now(), events)?;
        Ok(())
    }

    /// Reserves another block unless some of the last one is left.
    pub(super) fn reserve_block(&self, label: &KeyLabel, role: KeyRole) -> Result<(), Error> {
        let block = match role {
            KeyRole::Ledger => CHECKPOINT_BLOCK,
            _ => OCSP_BLOCK,
        };
        let usage = self.door.usage(label, role);
        let writing = usage.writing();
        if writing.has_room() {
            return Ok(());
        }
        let (made, new) = writing.made();
        // What an earlier process reserved and did not give back may all have been asked for.
        let left = if writing.is_fresh() {
            books::key(&*self.tables, label.as_str())?.map_or(0, |key| key.reserved)
        } else {
            0
        };
        let mut events = Vec::new();
        if new + left > 0 {
            events.push(counted(label, role, new + left));
        }
        events.push(reserved(label, role, block));
        self.append(events)?;
        writing.granted(made, block);
        Ok(())
    }

    /// Notes how often devices were asked since the last note.
    pub(super) fn count(&self) -> Result<(), Error> {
        let usages = self.door.usages();
        let mut notes = Vec::new();
        let mut events = Vec::new();
        for (label, usage) in &usages {
            let writing = usage.writing();
            let (made, new) = writing.made();
            if new > 0 {
                events.push(counted(label, usage.role(), new));
            }
            notes.push((writing, made));
        }
        self.append(events)?;
        for (writing, made) in notes {
            writing.noted(made);
        }
        Ok(())
    }

    /// The last note before a stop: gives back what was reserved and not used, but for
    /// `coming_checkpoints` of `ledger_key`, which nobody can note later.
    pub(super) fn close(
        &self,
        ledger_key: &KeyLabel,
        coming_checkpoints: u64,
    ) -> Result<(), Error> {
        // A process that signed no checkpoint yet takes over what is left first.
        if coming_checkpoints > 0 && self.door.logs_commands_of(KeyRole::Ledger) {
            self.reserve_block(ledger_key, KeyRole::Ledger)?;
        }
        // So that what comes is counted where nothing was signed yet.
        self.door.usage(ledger_key, KeyRole::Ledger);
        let usages = self.door.usages();
        let mut notes = Vec::new();
        let mut events = Vec::new();
        for (label, usage) in &usages {
            let writing = usage.writing();
            let coming = match usage.role() {
                KeyRole::Ledger => coming_checkpoints,
                _ => 0,
            };
            if !self.door.logs_commands_of(usage.role()) {
                let (made, new) = writing.made();
                if new + coming > 0 {
                    events.push(counted(label, usage.role(), new + coming));
                }
                notes.push((writing, made + coming, None));
            } else if !writing.is_fresh() {
                let (made, new) = writing.close();
                if new > 0 {
                    events.push(counted(label, usage.role(), new));
                }
                events.push(reserved(label, usage.role(), coming));
                notes.push((writing, made, Some(coming)));
            }
        }
        self.append(events)?;
        for (writing, made, granted) in notes {
            match granted {
                Some(count) => writing.granted(made, count),
                None => writing.noted(made),
            }
        }
        Ok(())
    }

    /// Raises an alarm for each wrong signature that had none.
    pub(super) fn tell_wrong_signatures(&self) -> Result<(), Error> {
        let wrong = self.door.take_wrong_signatures();
        if wrong.is_empty() {
            return Ok(());
        }
        self.raise_wrong_signatures(&wrong)
            .inspect_err(|_| self.door.put_back_wrong_signatures(wrong))
    }

    fn raise_wrong_signatures(&self, wrong: &[WrongSignature]) -> Result<(), Error> {
        let known = books::read(&*self.tables)?;
        let events = wrong.iter().map(|wrong| {
            let device = wrong.device.to_string();
            let serial = self.door.serial_of(&wrong.device);
            let serial = serial.unwrap_or_else(|| known.serial_under_name(&device));
            let detail = format!(
                "key {}: a signature that device {device} gave does not verify against the key on \
                 record",
                wrong.label
            );
            tracing::error!(
                device.name = device,
                device.serial = serial,
                alarm = alarm::WRONG_SIGNATURE,
                detail,
                "a device gave a wrong signature"
            );
            Event::DeviceAlarmRaised(DeviceAlarmRaised {
                device,
                serial,
                alarm: alarm::WRONG_SIGNATURE.to_owned(),
                detail,
                number: None,
            })
        });
        self.append(events.collect())
    }
}

impl SignatureNotes for Notary {
    fn reserve(&self, label: &KeyLabel, role: KeyRole) -> Result<(), String> {
        self.reserve_block(label, role)
            .map_err(|error| error.to_string())
    }

    fn wrong_signature(&self) {
        if let Err(error) = self.tell_wrong_signatures() {
            tracing::error!(code = error.code(), %error, "an alarm could not be recorded");
        }
    }
}

fn counted(label: &KeyLabel, role: KeyRole, count: u64) -> Event {
    Event::SignaturesCounted(SignaturesCounted {
        key_label: label.to_string(),
        product: Product::unrecorded(role).as_str().to_owned(),
        count,
    })
}

fn reserved(label: &KeyLabel, role: KeyRole, count: u64) -> Event {
    Event::SignaturesReserved(SignaturesReserved {
        key_label: label.to_string(),
        product: Product::unrecorded(role).as_str().to_owned(),
        count,
    })
}
