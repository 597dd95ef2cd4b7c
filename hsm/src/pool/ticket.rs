//! What a caller waits on.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::{MonotonicClock, SinkError};
use crate::{Error, Signature};

/// What a command gave.
#[derive(Debug)]
pub(super) enum Answer {
    /// It was carried out; what it gave is kept by whoever asked.
    Done,
    /// Entries of the log that were stored, or why they were not.
    Drained(Result<usize, SinkError>),
    /// A signature.
    Signature(Signature),
}

/// How a wait ended.
#[derive(Debug)]
pub(super) enum Waited {
    Answered(Result<Answer, Error>),
    /// The time was over; whether a device had been asked to sign.
    TimedOut {
        attempted: bool,
    },
}

/// Between a caller and the worker that serves it. Locked after the pool's state, never before.
#[derive(Debug)]
pub(super) struct Ticket {
    phase: Mutex<Phase>,
    changed: Condvar,
}

#[derive(Debug)]
enum Phase {
    /// Queued, or a device is asked for something that signs nothing.
    Waiting,
    /// A device is asked to sign.
    Asked,
    Answered(Result<Answer, Error>),
    /// Nobody waits any more.
    Abandoned,
}

impl Ticket {
    pub(super) const fn new() -> Self {
        Self {
            phase: Mutex::new(Phase::Waiting),
            changed: Condvar::new(),
        }
    }

    /// Waits until `until` at most.
    pub(super) fn wait(&self, clock: &dyn MonotonicClock, until: Duration) -> Waited {
        let mut phase = self.phase.lock();
        loop {
            if matches!(*phase, Phase::Answered(_))
                && let Phase::Answered(answer) = std::mem::replace(&mut *phase, Phase::Abandoned)
            {
                return Waited::Answered(answer);
            }
            if clock.now() >= until {
                let attempted = matches!(*phase, Phase::Asked);
                *phase = Phase::Abandoned;
                return Waited::TimedOut { attempted };
            }
            self.changed.wait_for(&mut phase, clock.nap(until));
        }
    }

    /// A device is about to be asked to sign. False if nobody waits for it: then it must not be.
    pub(super) fn ask(&self) -> bool {
        let mut phase = self.phase.lock();
        if matches!(*phase, Phase::Abandoned) {
            return false;
        }
        *phase = Phase::Asked;
        true
    }

    /// The device certainly did not sign. False if nobody waits any more.
    pub(super) fn ask_again(&self) -> bool {
        let mut phase = self.phase.lock();
        if matches!(*phase, Phase::Abandoned) {
            return false;
        }
        *phase = Phase::Waiting;
        true
    }

    pub(super) fn abandoned(&self) -> bool {
        matches!(*self.phase.lock(), Phase::Abandoned)
    }

    /// Leaves the answer. False if nobody waits for it any more; else somebody must [`Self::wake`]
    /// the caller, once no lock is held: a thread that is woken may take the waker's processor, and
    /// everybody would wait for what the waker holds.
    pub(super) fn answer(&self, answer: Result<Answer, Error>) -> bool {
        let mut phase = self.phase.lock();
        if matches!(*phase, Phase::Abandoned) {
            return false;
        }
        *phase = Phase::Answered(answer);
        true
    }

    /// Tells the caller that the answer is there.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }
}
