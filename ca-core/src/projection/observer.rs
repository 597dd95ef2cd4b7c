//! The projection follows the ledger's committer.

use std::sync::Arc;

use kasane_ledger::Observer;

use super::apply::{ApplyError, apply, finish};
use super::books;
use super::meta::{self, Progress};
use super::view::View;
use crate::reconcile::Books;
use crate::store::{StoreError, Tables};

/// Applies each committed batch to the tables, in order.
pub struct ProjectionObserver {
    tables: Arc<dyn Tables>,
    progress: Progress,
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
        })
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
        self.tables.commit(view.into_writes())?;
        self.progress = progress;
        Ok(())
    }
}

impl Observer for ProjectionObserver {
    fn committed(&mut self, first_index: u64, entries: &[Vec<u8>]) -> Result<(), String> {
        self.apply_batch(first_index, entries)
            .map_err(|error| error.to_string())
    }
}
