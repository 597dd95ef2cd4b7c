//! What was changed reaches the disk before anybody hears of it.

use super::Device;
use crate::{
    Error,
    object::ObjectStore,
    protocol::DeviceError,
    state::{Folder, Snapshot},
};

impl Device {
    /// Makes all changes durable. When that fails, what is on disk is unknown, and the device
    /// executes nothing until the next start.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        let outcome = self.write();
        self.unsaved.clear();
        match &outcome {
            Ok(()) => self.changed = false,
            Err(_) => self.broken = true,
        }
        outcome
    }

    fn write(&mut self) -> Result<(), Error> {
        let Some(folder) = &mut self.folder else {
            return Ok(());
        };
        if !self.changed && !folder.wants_snapshot() {
            return folder.append(&self.unsaved);
        }
        let snapshot = Snapshot {
            version: Snapshot::VERSION,
            what: Snapshot::WHAT.to_owned(),
            serial: self.serial,
            firmware: self.firmware.octets(),
            attestation: self.attestation.save()?,
            audit: self.audit.clone(),
            log: self.log.clone(),
            journal_sequence: Folder::sequence(folder),
            objects: saved(&self.objects)?,
            sequences: self
                .objects
                .sequences()
                .iter()
                .map(|(key, sequence)| (*key, *sequence))
                .collect(),
        };
        folder.save(&snapshot)
    }
}

fn saved(objects: &ObjectStore) -> Result<Vec<crate::state::SavedObject>, Error> {
    Snapshot::save(objects).map_err(|_: DeviceError| Error::Cryptography { what: "snapshot" })
}
