//! What devices did, held against what they were asked for; what was noted about them.

use kasane_ledger_schema::{DeviceActionNoted, Event};

use super::Authority;
use crate::projection::{books, meta};
use crate::reconcile::{ACTIONS, Books, RECONCILE_BEGUN, RECONCILED, ReconcileReport, report};
use crate::{Actor, Error};

/// Longest text of a note, in bytes.
const MAX_NOTE_BYTES: usize = 500;

/// Something about to be done with a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeviceAction<'a> {
    /// The device's name in the configuration; empty when it may be any.
    pub device: &'a str,
    /// Its serial number; empty when it may be any.
    pub serial: &'a str,
    /// One of [`ACTIONS`].
    pub action: &'a str,
    /// The label of the key that it is done with, or empty.
    pub subject: &'a str,
    /// Why, or with what.
    pub detail: &'a str,
}

impl Authority {
    /// Notes, durably, what is about to be done with a device: its log will show commands that this
    /// explains. To be called before the device is asked, once for each time.
    ///
    /// # Errors
    /// [`Error::BadArgument`] for an action that does not exist or a text that is too long;
    /// [`Error::Ledger`].
    pub fn note_device_action(
        &self,
        actor: &Actor,
        action: &DeviceAction<'_>,
    ) -> Result<u64, Error> {
        self.append(actor, checked_note(action)?)
    }

    /// Reads every device's log to its end, holds what devices did against what they were asked
    /// for, and raises each thing that does not fit, once.
    ///
    /// Works on running totals: its time does not grow with the ledger. [`ReconcileReport`] is the
    /// same that [`from_ledger`](crate::reconcile::from_ledger) makes of the entries.
    ///
    /// # Errors
    /// [`Error::Signing`] when a device's log could not be read: what is known is raised all the
    /// same. [`Error::Ledger`] or [`Error::Store`].
    pub fn reconcile(&self) -> Result<ReconcileReport, Error> {
        let _one = self.reconciling.lock();
        self.notary.tell_wrong_signatures()?;
        self.notary.count()?;
        if self.door.keeps_command_log() {
            // What was let out before is in the logs that are read now, and what the logs show was
            // on record before: so the marks stand around the reading. Without the log of one device
            // it is no reading of all, and what is missing in the others proves nothing.
            let every_log = self.devices.context.logs_not_read.is_empty();
            if every_log {
                self.append(&Actor::system(), mark(RECONCILE_BEGUN))?;
            }
            if let Err(error) = self.door.drain_command_logs() {
                self.raise_findings()?;
                return Err(error.into());
            }
            if every_log {
                self.append(&Actor::system(), mark(RECONCILED))?;
            }
        }
        self.raise_foreign_sessions()?;
        self.raise_findings()?;
        self.reconcile_report()
    }

    /// The same from what is stored, without asking any device.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn reconcile_report(&self) -> Result<ReconcileReport, Error> {
        let size = meta::progress(self.tables())?.next_index;
        Ok(report(&self.books()?, size, &self.devices.context))
    }

    /// The accounts of keys and devices.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn books(&self) -> Result<Books, Error> {
        Ok(books::read(self.tables())?)
    }
}

pub(super) fn noted(action: &DeviceAction<'_>) -> Event {
    Event::DeviceActionNoted(DeviceActionNoted {
        device: action.device.to_owned(),
        serial: action.serial.to_owned(),
        action: action.action.to_owned(),
        subject: action.subject.to_owned(),
        detail: action.detail.to_owned(),
    })
}

/// The same, if its action exists and its texts are short.
pub(super) fn checked_note(action: &DeviceAction<'_>) -> Result<Event, Error> {
    if !ACTIONS.iter().any(|(name, _)| *name == action.action) {
        let names: Vec<&str> = ACTIONS.iter().map(|(name, _)| *name).collect();
        return Err(Error::BadArgument {
            what: "device action",
            reason: format!(
                "{:?} is none of {}",
                action.action.chars().take(40).collect::<String>(),
                names.join(", ")
            ),
        });
    }
    let texts = [action.device, action.serial, action.subject, action.detail];
    if texts.iter().any(|text| text.len() > MAX_NOTE_BYTES) {
        return Err(Error::BadArgument {
            what: "note of a device action",
            reason: format!("no text may be longer than {MAX_NOTE_BYTES} bytes"),
        });
    }
    Ok(noted(action))
}

fn mark(action: &str) -> Event {
    noted(&DeviceAction {
        action,
        ..DeviceAction::default()
    })
}
