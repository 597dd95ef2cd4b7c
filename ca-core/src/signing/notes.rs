//! What the door has written down for it.

use kasane_hsm::{DeviceName, KeyLabel, KeyRole};

/// Writes to the ledger for the door.
pub trait SignatureNotes: Send + Sync {
    /// Makes durable that devices may be asked for another block of signatures that have no entry
    /// of their own.
    ///
    /// # Errors
    /// Why not, for people: nothing more is asked for.
    fn reserve(&self, label: &KeyLabel, role: KeyRole) -> Result<(), String>;

    /// A signature came back wrong: the alarm is raised now.
    fn wrong_signature(&self);
}

/// A signature that the key on record did not make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSignature {
    /// The label that was asked.
    pub label: KeyLabel,
    /// The device that answered.
    pub device: DeviceName,
}
