//! What was done, for tests to count.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counts since the start of the process.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counters {
    /// Commands that were executed with success, by code (inside the channel, if there).
    pub commands: BTreeMap<u8, u64>,
    /// Commands that were answered with an error, by the error's code.
    pub errors: BTreeMap<u8, u64>,
    /// Signatures, by the key's id.
    pub signatures: BTreeMap<u16, u64>,
}

impl Counters {
    pub(super) fn count(&mut self, command: u8) {
        *self.commands.entry(command).or_default() += 1;
    }

    pub(super) fn count_error(&mut self, error: u8) {
        *self.errors.entry(error).or_default() += 1;
    }

    pub(super) fn count_signature(&mut self, key: u16) {
        *self.signatures.entry(key).or_default() += 1;
    }
}
