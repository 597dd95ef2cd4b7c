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

/// Between two looks whether the act is durable, or covered.
const LOOK: Duration = Duration::from_millis(10);

/// Looks whether it is covered before others go on without: half a second in all.
const LOOKS: u32 = 50;

impl Authority {
    /// Appends a batch. The checkpoint does not wait until the projection has taken it up, which takes
    /// its time; one that fails is made up for by the next. What is held so that this act is `alone` is let go
    /// when it is done, and what says that it is `acting` when it is covered, or after half a second: a key
    /// that does not sign keeps nobody waiting.
    pub(super) fn append_covered(
        &self,
        batch: Batch,
        alone: impl Sized,
        acting: impl Sized,
    ) -> Result<Appended, Error> {
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
            drop(alone);
            if let Ok(appended) = &appended {
                // Entries of others may have come before it.
                let end = appended.first_index + count;
                for _ in 0..LOOKS {
                    if self.is_covered(end) {
                        break;
                    }
                    ThreadPause.pause(LOOK);
                }
            }
            drop(acting);
            is_over.store(true, Ordering::Release);
            appended
        })?;
        self.cover(appended.first_index + appended.count);
        Ok(appended)
    }

    fn is_covered(&self, end: u64) -> bool {
        self.ledger.checkpoint_size().is_some_and(|it| it >= end)
    }

    fn cover(&self, end: u64) {
        if self.is_covered(end) {
            return;
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(code = error.code(), %error, "checkpoint is not signed");
        }
    }
}
