//! Brings what an act revoked into the rows of its certificates and lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::applied::Applied;
use super::apply::ApplyError;
use super::revoke::revoke_others;
use super::unspread;
use super::view::View;
use crate::store::{StoreError, Tables};

/// Steps that are taken together: below a second of work.
const SOME_STEPS: u32 = 32;

/// Does what is left of acts, a few hundred certificates at a time, so that entries of the ledger are applied
/// between. The order of the two changes nothing of what the tables say in the end: a certificate that
/// was revoked by itself keeps that, whichever came first.
#[derive(Clone)]
pub struct Spreader {
    pub(super) tables: Arc<dyn Tables>,
    pub(super) applied: Arc<Mutex<Applied>>,
    pub(super) stopped: Arc<AtomicBool>,
}

impl Spreader {
    /// Whether nothing is left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_done(&self) -> Result<bool, StoreError> {
        unspread::is_empty(&*self.tables)
    }

    /// Some thousand certificates of it; whether there may be more.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn some(&self) -> Result<bool, ApplyError> {
        for _ in 0..SOME_STEPS {
            if !self.step()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// From when this returns on, nothing is written by [`step`](Self::step).
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        drop(self.applied.lock());
    }

    /// One row of it; whether there was one. It is committed whole: a process that is killed goes on
    /// where it was.
    ///
    /// # Errors
    /// [`ApplyError`]; the row stays, and what it revokes counts as revoked.
    pub fn step(&self) -> Result<bool, ApplyError> {
        let tables = &*self.tables;
        tables.wait_for_room();
        let mut applied = self.applied.lock();
        if applied.is_halted {
            return Err(ApplyError::Contradiction {
                index: applied.progress.next_index,
                reason: "it could not be applied, and nothing is written after it",
            });
        }
        let Some((key, row)) = unspread::first(tables)? else {
            return Ok(false);
        };
        if self.stopped.load(Ordering::Acquire) {
            return Err(ApplyError::Stopped);
        }
        let mut view = View::new(tables);
        let mut progress = applied.progress;
        revoke_others(
            &mut view,
            &mut progress,
            row.issuer,
            row.serials,
            row.revocation,
        )?;
        unspread::remove(&mut view, key);
        let writes = applied.writes(view, &progress)?;
        applied.commit(tables, writes, progress)?;
        // Entries may be waiting.
        MutexGuard::unlock_fair(applied);
        Ok(true)
    }
}

impl std::fmt::Debug for Spreader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spreader")
    }
}
