//! The lines that the device keeps.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::LogEntry;

/// Lines that there is room for (YubiHSM User Guide, "Logs").
pub const CAPACITY: usize = 62;

/// A ring of lines. What was read and marked as read makes room; without force-audit the oldest
/// line makes room too.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LogStore {
    entries: VecDeque<LogEntry>,
    /// Number and digest of the newest line, which outlive the line.
    number: u16,
    digest: [u8; 16],
    /// Boots that found no room.
    pub unlogged_boots: u16,
    /// Sessions that found no room.
    pub unlogged_authentications: u16,
}

impl LogStore {
    /// The log after a reset: one line, chained to a random digest.
    #[must_use]
    pub fn initialised(seed: &[u8; 16]) -> Self {
        let mut store = Self {
            entries: VecDeque::with_capacity(CAPACITY),
            number: 0,
            digest: *seed,
            unlogged_boots: 0,
            unlogged_authentications: 0,
        };
        store.push(LogEntry::initialised());
        store
    }

    /// Writes a line, over the oldest one if there is no room.
    pub fn push(&mut self, entry: LogEntry) -> LogEntry {
        let entry = entry.chained(self.number.wrapping_add(1), &self.digest);
        self.restore(entry);
        entry
    }

    /// Puts a line back that was numbered and chained before.
    pub fn restore(&mut self, entry: LogEntry) {
        while self.entries.len() >= CAPACITY {
            self.entries.pop_front();
        }
        self.number = entry.number;
        self.digest = entry.digest;
        self.entries.push_back(entry);
    }

    /// Whether the next line would overwrite one.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.entries.len() >= CAPACITY
    }

    /// Lines that are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines up to `number` were read; false when there is no such line.
    pub fn read_up_to(&mut self, number: u16) -> bool {
        let Some(at) = self.entries.iter().position(|one| one.number == number) else {
            return false;
        };
        self.entries.drain(..=at);
        self.unlogged_boots = 0;
        self.unlogged_authentications = 0;
        true
    }

    /// The answer of GET LOG ENTRIES.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(5 + self.entries.len() * LogEntry::BYTES);
        data.extend_from_slice(&self.unlogged_boots.to_be_bytes());
        data.extend_from_slice(&self.unlogged_authentications.to_be_bytes());
        data.push(u8::try_from(self.entries.len()).unwrap_or(u8::MAX));
        for entry in &self.entries {
            data.extend_from_slice(&entry.encode());
        }
        data
    }
}
