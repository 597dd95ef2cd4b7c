//! Entries that were received and are not durable here: no checkpoint covers them yet, or the disk is
//! full.

use crate::projection::meta::Progress;
use crate::projection::{ApplyError, Provisional};
use crate::store::Tables;

/// Held at most: beyond that only covered entries are asked for.
const MAX_ENTRIES: usize = 65_536;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The same for rows that they would change: one entry of a mass revocation changes thousands.
const MAX_CHANGES: usize = 1_000_000;

/// Entries in memory, and what they would change.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) view: Provisional,
    bytes: usize,
}

impl Held {
    /// None, beyond tables at `progress`.
    pub(super) const fn none(view: Provisional) -> Self {
        Self {
            entries: Vec::new(),
            view,
            bytes: 0,
        }
    }

    /// Takes another entry.
    pub(super) fn push(&mut self, tables: &dyn Tables, entry: Vec<u8>) -> Result<(), ApplyError> {
        self.view.apply(tables, &entry)?;
        self.bytes += entry.len();
        self.entries.push(entry);
        Ok(())
    }

    /// The same without the first `count`, which the tables have now.
    pub(super) fn without(
        &self,
        count: usize,
        tables: &dyn Tables,
        progress: Progress,
    ) -> Result<Self, ApplyError> {
        let mut rest = Self::none(Provisional::after(progress));
        for entry in self.entries.iter().skip(count) {
            rest.push(tables, entry.clone())?;
        }
        Ok(rest)
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MAX_ENTRIES
            || self.bytes >= MAX_BYTES
            || self.view.changes() >= MAX_CHANGES
    }
}
