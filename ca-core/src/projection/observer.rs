//! The projection follows the ledger's committer.

use std::sync::Arc;

use kasane_ledger::Observer;

use super::apply::{ApplyError, apply, finish};
use super::books;
use super::meta::{self, Progress};
use super::status_changes::StatusChanges;
use super::view::View;
use crate::reconcile::Books;
use crate::store::{StoreError, Table, Tables};

/// Applies each committed batch to the tables, in order.
pub struct ProjectionObserver {
    tables: Arc<dyn Tables>,
    progress: Progress,
    status_changes: Arc<StatusChanges>,
    /// Kept in memory: a row of it changes with nearly every entry.
    books: Books,
}

impl ProjectionObserver {
    /// Goes on where the tables are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(tables: Arc<dyn Tables>) -> Result<Self, StoreError> {
        let progress = meta::progress(&*tables)?;
        let books = books::read(&*tables)?;
        Ok(Self {
            tables,
            progress,
            books,
            status_changes: Arc::default(),
        })
    }

    /// Counts what the batches to come change in certificates' status.
    #[must_use]
    pub fn status_changes(&self) -> Arc<StatusChanges> {
        Arc::clone(&self.status_changes)
    }

    /// The index of the next entry to apply.
    #[must_use]
    pub const fn next_index(&self) -> u64 {
        self.progress.next_index
    }

    fn apply_batch(&mut self, first: u64, entries: &[Vec<u8>]) -> Result<(), ApplyError> {
        if first != self.progress.next_index {
            let reason = "entries committed out of turn";
            return Err(ApplyError::Contradiction {
                index: first,
                reason,
            });
        }
        let mut view = View::new(&*self.tables);
        let mut progress = self.progress;
        for (index, bytes) in (first..).zip(entries) {
            apply(&mut view, &mut progress, &mut self.books, index, bytes)?;
        }
        finish(&mut view, &progress, &mut self.books)?;
        let writes = view.into_writes();
        let revoked: Vec<u8> = writes
            .keys(Table::NewRevocations)
            // The keys end with the last octet of the serial number.
            .filter_map(|key| key.last().copied())
            .collect();
        self.tables.commit(writes)?;
        self.progress = progress;
        // After the commit: who reads the new count reads the new status.
        for last_octet in revoked {
            self.status_changes.advance(last_octet);
        }
        Ok(())
    }
}

impl Observer for ProjectionObserver {
    fn committed(&mut self, first_index: u64, entries: &[Vec<u8>]) -> Result<(), String> {
        self.apply_batch(first_index, entries).map_err(|error| {
            // The tables lag behind the ledger from here on: a revocation may be missing in them.
            self.status_changes.halt();
            error.to_string()
        })
    }
}
