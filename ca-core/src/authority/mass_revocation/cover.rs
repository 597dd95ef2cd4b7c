//! A checkpoint over an act as soon as the act is durable.
//!
//! Edges hold only so much that no checkpoint covers, and an act may be more. What is covered they take
//! up at once, and once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kasane_ledger::{Appended, Batch};

use crate::Error;
use crate::authority::Authority;
use crate::pause::{Pause, ThreadPause};

/// Between two looks whether the act is durable: what comes after that takes seconds.
const LOOK: Duration = Duration::from_millis(10);

impl Authority {
    /// Appends a batch. The checkpoint does not wait until the projection has taken it up, which takes
    /// its time; one that fails is made up for by the next. What is `held` for the act is let go when it is
    /// done: a key that does not sign keeps nobody waiting.
    pub(super) fn append_covered(&self, batch: Batch, held: impl Sized) -> Result<Appended, Error> {
        let count = batch.entries.len() as u64;
        let end = self.ledger.size() + count;
        let is_over = AtomicBool::new(false);
        let appended = std::thread::scope(|scope| {
            scope.spawn(|| {
                while self.ledger.size() < end && !is_over.load(Ordering::Acquire) {
                    ThreadPause.pause(LOOK);
                }
                if self.ledger.size() >= end {
                    self.cover(end);
                }
            });
            let appended = self.ledger.append(batch);
            drop(held);
            is_over.store(true, Ordering::Release);
            appended
        })?;
        // Entries of others may have come before it.
        self.cover(appended.first_index + appended.count);
        Ok(appended)
    }

    fn cover(&self, end: u64) {
        if self.ledger.checkpoint_size().is_some_and(|it| it >= end) {
            return;
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(code = error.code(), %error, "checkpoint is not signed");
        }
    }
}
