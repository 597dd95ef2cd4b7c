//! Attempts that have no entry of their own, and wrong signatures that were not told yet.

use std::sync::{Arc, Weak};

use kasane_hsm::{DeviceName, KeyLabel, KeyRole};

use super::SigningDoor;
use crate::signing::usage::Usage;
use crate::signing::{SignatureNotes, SigningError, WrongSignature};

/// Wrong signatures that wait for their alarm: one for each key of each device.
const MAX_WRONG_SIGNATURES: usize = 256;

impl SigningDoor {
    /// Where attempts that have no entry of their own are reserved, and wrong signatures told.
    pub fn note_through(&self, notes: Weak<dyn SignatureNotes>) {
        *self.notes.write() = Some(notes);
    }

    /// The attempts of a key that are not recorded one by one.
    pub(crate) fn usage(&self, label: &KeyLabel, role: KeyRole) -> Arc<Usage> {
        if let Some(usage) = self.usage.read().get(label) {
            return Arc::clone(usage);
        }
        let limited = self.backend.logs_commands_of(role);
        let made = || Arc::new(Usage::new(role, limited));
        Arc::clone(self.usage.write().entry(label.clone()).or_insert_with(made))
    }

    /// The attempts of every key that are not recorded one by one, by label.
    pub(crate) fn usages(&self) -> Vec<(KeyLabel, Arc<Usage>)> {
        let usages = self.usage.read();
        let mut all: Vec<_> = usages
            .iter()
            .map(|(label, usage)| (label.clone(), Arc::clone(usage)))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// Wrong signatures that nobody was told of yet: each key of each device once.
    /// What cannot be told comes back by [`SigningDoor::put_back_wrong_signatures`].
    pub(crate) fn take_wrong_signatures(&self) -> Vec<WrongSignature> {
        std::mem::take(&mut *self.wrong.lock())
    }

    /// They could not be told: they wait on.
    pub(crate) fn put_back_wrong_signatures(&self, wrong: Vec<WrongSignature>) {
        for one in wrong {
            self.keep_wrong(one);
        }
    }

    pub(super) fn notes(&self) -> Option<Arc<dyn SignatureNotes>> {
        self.notes.read().as_ref()?.upgrade()
    }

    pub(super) fn reserve(&self, label: &KeyLabel, role: KeyRole) -> Result<(), SigningError> {
        let failed = |reason: String| SigningError::NotReserved {
            label: label.clone(),
            reason,
        };
        let notes = self
            .notes()
            .ok_or_else(|| failed("the authority is not running".to_owned()))?;
        notes.reserve(label, role).map_err(failed)
    }

    pub(super) fn came_back_wrong(&self, label: &KeyLabel, device: &DeviceName) {
        self.keep_wrong(WrongSignature {
            label: label.clone(),
            device: device.clone(),
        });
    }

    fn keep_wrong(&self, one: WrongSignature) {
        let mut wrong = self.wrong.lock();
        if wrong.len() < MAX_WRONG_SIGNATURES && !wrong.contains(&one) {
            wrong.push(one);
        }
    }
}
