//! The projection follows the ledger's committer.

use std::sync::Arc;

use kasane_ledger::Observer;

use parking_lot::Mutex;

use super::applied::Applied;
use super::apply::{ApplyError, apply};
use super::books;
use super::meta::{self, Progress};
use super::spreader::Spreader;
use super::status_changes::StatusChanges;
use super::view::View;
use crate::store::{StoreError, Table, Tables};

/// Rows after which what was applied is committed; large ones count for more.
const STEP_ROWS: usize = 8_192;

/// Applies each committed batch to the tables, in order.
pub struct ProjectionObserver {
    tables: Arc<dyn Tables>,
    applied: Arc<Mutex<Applied>>,
    status_changes: Arc<StatusChanges>,
}

impl ProjectionObserver {
    /// Goes on where the tables are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(tables: Arc<dyn Tables>) -> Result<Self, StoreError> {
        let applied = Applied {
            progress: meta::progress(&*tables)?,
            books: books::read(&*tables)?,
            is_halted: false,
        };
        Ok(Self {
            tables,
            applied: Arc::new(Mutex::new(applied)),
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
    pub fn next_index(&self) -> u64 {
        self.applied.lock().progress.next_index
    }

    /// Does what this leaves of acts that revoke many.
    #[must_use]
    pub fn spreader(&self) -> Spreader {
        Spreader {
            tables: Arc::clone(&self.tables),
            applied: Arc::clone(&self.applied),
            stopped: Arc::default(),
        }
    }

    fn apply_batch(&self, first: u64, entries: &[Vec<u8>]) -> Result<(), ApplyError> {
        if first != self.next_index() {
            let reason = "entries committed out of turn";
            return Err(ApplyError::Contradiction {
                index: first,
                reason,
            });
        }
        let mut pending = first..;
        let mut rest = entries.iter().peekable();
        while rest.peek().is_some() {
            let mut applied = self.applied.lock();
            let step = rest.by_ref().zip(pending.by_ref());
            // Until it is done, and so where it fails or panics.
            applied.is_halted = true;
            self.apply_some(&mut applied, step)?;
            applied.is_halted = false;
        }
        Ok(())
    }

    /// Applies entries until there are enough for a commit.
    fn apply_some<'e>(
        &self,
        applied: &mut Applied,
        entries: impl Iterator<Item = (&'e Vec<u8>, u64)>,
    ) -> Result<(), ApplyError> {
        let mut view = View::spreading_later(&*self.tables);
        let mut progress = applied.progress;
        for (bytes, index) in entries {
            apply(&mut view, &mut progress, &mut applied.books, index, bytes)?;
            if view.load() >= STEP_ROWS {
                break;
            }
        }
        self.commit(applied, view, progress)
    }

    /// Commits what was applied up to `progress`, whole entries of it.
    fn commit(
        &self,
        applied: &mut Applied,
        view: View<'_>,
        progress: Progress,
    ) -> Result<(), ApplyError> {
        let writes = applied.writes(view, &progress)?;
        let revokes_many = writes.count(Table::UnspreadRevocations) > 0;
        let mut revoked = [revokes_many; 256];
        for key in writes.keys(Table::Revocations) {
            // The keys end with the serial number.
            if let Some(changed) = key
                .last()
                .and_then(|last| revoked.get_mut(usize::from(*last)))
            {
                *changed = true;
            }
        }
        applied.commit(&*self.tables, writes, progress)?;
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
