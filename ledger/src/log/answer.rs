//! The answer to one append. Its waiter sleeps at once: a channel's receiver would first spin and
//! yield, and with many callers that takes the processor from those who have work.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::error::Error;
use crate::log::api::Appended;

/// Where the answer is given. Dropped without one, the waiter learns that there will be none.
#[derive(Debug)]
pub(crate) struct Answer(Arc<Slot>);

/// Where the answer is waited for.
#[derive(Debug)]
pub(crate) struct Waiter(Arc<Slot>);

#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    Given(Result<Appended, Error>),
    Gone,
}

/// Both ends.
pub(crate) fn answer() -> (Answer, Waiter) {
    let slot = Arc::new(Slot::default());
    (Answer(Arc::clone(&slot)), Waiter(slot))
}

impl Answer {
    /// Gives the answer; the first one counts.
    pub(crate) fn give(&self, result: Result<Appended, Error>) {
        self.set(State::Given(result));
    }

    fn set(&self, state: State) {
        let mut open = self.0.state.lock();
        if matches!(*open, State::Open) {
            *open = state;
            self.0.changed.notify_one();
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.set(State::Gone);
    }
}

impl Waiter {
    /// Waits; none when nobody is left to answer.
    pub(crate) fn wait(self) -> Option<Result<Appended, Error>> {
        let mut state = self.0.state.lock();
        while matches!(*state, State::Open) {
            self.0.changed.wait(&mut state);
        }
        match std::mem::replace(&mut *state, State::Gone) {
            State::Given(result) => Some(result),
            State::Open | State::Gone => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_answer_wakes_its_waiter() {
        let (answer, waiter) = answer();
        let waiting = std::thread::spawn(move || waiter.wait());
        drop(answer);
        assert!(waiting.join().unwrap().is_none());
    }

    #[test]
    fn first_answer_counts() {
        let (answer, waiter) = answer();
        answer.give(Err(Error::Closed));
        drop(answer);
        assert!(matches!(waiter.wait(), Some(Err(Error::Closed))));
    }
}
