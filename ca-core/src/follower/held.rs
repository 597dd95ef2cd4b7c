//! Entries that were received and are not durable here: no checkpoint covers them yet, or the disk is
//! full.

use crate::projection::meta::Progress;
use crate::projection::{ApplyError, Provisional};
use crate::store::Tables;

/// How much an edge holds in memory, a page more at most. Beyond that it asks for nothing that it would
/// have to hold: it hears of no newer revocation then, and claims to know of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLimits {
    /// Entries.
    pub entries: usize,
    /// Their octets.
    pub bytes: usize,
    /// Rows that they would change: one entry of a mass revocation changes thousands.
    pub changes: usize,
}

impl Default for HeldLimits {
    fn default() -> Self {
        Self {
            entries: 65_536,
            bytes: 64 * 1024 * 1024,
            changes: 1_000_000,
        }
    }
}

/// Entries in memory, and what they would change.
#[derive(Debug)]
pub(super) struct Held {
    /// Index of the first: how far the tables are.
    pub(super) first: u64,
    pub(super) entries: Vec<Vec<u8>>,
    /// So many of them, from the first on, are known to be covered by a checkpoint.
    pub(super) covered: usize,
    pub(super) view: Provisional,
    pub(super) bytes: usize,
}

impl Held {
    /// None, beyond tables at `progress`.
    pub(super) fn none(progress: Progress) -> Self {
        Self {
            first: progress.next_index,
            entries: Vec::new(),
            covered: 0,
            view: Provisional::after(progress),
            bytes: 0,
        }
    }

    /// Index of the next entry to ask for.
    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
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
        let mut rest = Self::none(progress);
        for entry in self.entries.iter().skip(count) {
            rest.push(tables, entry.clone())?;
        }
        rest.covered = self.covered.saturating_sub(count);
        Ok(rest)
    }

    /// Those that may become durable.
    pub(super) fn covered(&self) -> &[Vec<u8>] {
        self.entries.get(..self.covered).unwrap_or(&self.entries)
    }

    pub(super) fn is_full(&self, limits: HeldLimits) -> bool {
        self.entries.len() >= limits.entries
            || self.bytes >= limits.bytes
            || self.view.changes() >= limits.changes
    }
}
