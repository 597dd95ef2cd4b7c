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

/// Rows after which what was applied is committed: a mass revocation changes a million.
const STEP_ROWS: usize = 8_192;

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
        let tables = Arc::clone(&self.tables);
        let mut pending = first..;
        let mut rest = entries.iter().peekable();
        while rest.peek().is_some() {
            let mut view = View::new(&*tables);
            let mut progress = self.progress;
            for (bytes, index) in rest.by_ref().zip(pending.by_ref()) {
                apply(&mut view, &mut progress, &mut self.books, index, bytes)?;
                if view.pending() >= STEP_ROWS {
                    break;
                }
            }
            self.commit(view, progress)?;
        }
        Ok(())
    }

    /// Commits what was applied up to `progress`, whole entries of it.
    fn commit(&mut self, mut view: View<'_>, progress: Progress) -> Result<(), ApplyError> {
        finish(&mut view, &progress, &mut self.books)?;
        let writes = view.into_writes();
        let mut revoked = [false; 256];
        for key in writes.keys(Table::Revocations) {
            // The keys end with the serial number.
            if let Some(changed) = key
                .last()
                .and_then(|last| revoked.get_mut(usize::from(*last)))
            {
                *changed = true;
            }
        }
        self.tables.commit(writes)?;
        self.progress = progress;
        // After the commit: who reads the new count reads the new status.
        for (last_octet, _) in (0..=u8::MAX).zip(revoked).filter(|(_, changed)| *changed) {
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
