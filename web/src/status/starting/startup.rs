//! How far a start is.

use std::time::Instant;

use parking_lot::Mutex;

/// What a start does now. Told by whoever starts, read by `/health`.
#[derive(Debug)]
pub struct Startup {
    begun: Instant,
    step: Mutex<Step>,
}

/// A step, and how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// In words.
    pub(super) what: &'static str,
    /// Entries of the ledger done, and to do; none where nothing is counted.
    pub(super) entries: Option<(u64, u64)>,
}

impl Startup {
    /// A start that begins now, with `what`.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        let entries = None;
        Self {
            begun: Instant::now(),
            step: Mutex::new(Step { what, entries }),
        }
    }

    /// From here on it does that.
    pub fn does(&self, what: &'static str) {
        let entries = None;
        *self.step.lock() = Step { what, entries };
    }

    /// `done` of `total` entries are done of the present step.
    pub fn report(&self, done: u64, total: u64) {
        self.step.lock().entries = Some((done, total));
    }

    pub(super) fn step(&self) -> Step {
        *self.step.lock()
    }

    /// Seconds since it began.
    pub(super) fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }
}
