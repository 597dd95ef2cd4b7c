//! Threads that have something to do now.

use std::sync::Arc;

use parking_lot::Condvar;

use super::entry::Entry;
use super::ticket::Ticket;

/// Threads that have something to do now. They are collected under the pool's lock and woken without
/// it: a woken thread may take the processor of the one that wakes it, and would leave the lock with
/// a thread that does not run.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    answered: Vec<Arc<Ticket>>,
    /// Devices with a command for a lane, once for each command.
    given: Vec<usize>,
}

/// What is woken once the lock is free.
#[derive(Debug, Default)]
pub(super) struct Woken {
    answered: Vec<Arc<Ticket>>,
    lanes: Vec<Arc<Condvar>>,
}

impl Wakes {
    pub(super) fn answered(&mut self, ticket: Arc<Ticket>) {
        self.answered.push(ticket);
    }

    pub(super) fn given(&mut self, index: usize) {
        self.given.push(index);
    }

    /// Everything so far.
    pub(super) fn take(&mut self, entries: &[Entry]) -> Woken {
        let given = std::mem::take(&mut self.given);
        Woken {
            answered: std::mem::take(&mut self.answered),
            lanes: given
                .into_iter()
                .map(|index| Arc::clone(&entries[index].work))
                .collect(),
        }
    }
}

impl Woken {
    pub(super) const fn is_empty(&self) -> bool {
        self.answered.is_empty() && self.lanes.is_empty()
    }

    /// Wakes them. The caller holds no lock.
    pub(super) fn wake(self) {
        for lane in self.lanes {
            lane.notify_one();
        }
        for ticket in self.answered {
            ticket.wake();
        }
    }
}
