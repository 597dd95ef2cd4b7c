//! What is kept in memory beside the tables, by whoever writes to them.

use super::apply::{ApplyError, finish};
use super::meta::Progress;
use super::view::View;
use crate::reconcile::Books;
use crate::store::{Tables, WriteSet};

/// How far the tables are. Locked by the one who writes to them.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) progress: Progress,
    /// A row of it changes with nearly every entry.
    pub(super) books: Books,
    /// Whether an entry could not be applied: nothing is written any more.
    pub(super) is_halted: bool,
}

impl Applied {
    /// What the tables need to be at `progress`.
    pub(super) fn writes(
        &mut self,
        mut view: View<'_>,
        progress: &Progress,
    ) -> Result<WriteSet, ApplyError> {
        finish(&mut view, progress, &mut self.books)?;
        Ok(view.into_writes())
    }

    /// Commits them.
    pub(super) fn commit(
        &mut self,
        tables: &dyn Tables,
        writes: WriteSet,
        progress: Progress,
    ) -> Result<(), ApplyError> {
        tables.commit(writes)?;
        self.progress = progress;
        Ok(())
    }
}
