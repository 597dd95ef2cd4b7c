//! The sessions of a token: so many at most, each for one command at a time.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use cryptoki::session::Session;
use parking_lot::{Condvar, Mutex};

use super::connection::Connection;

/// Permits for commands, and the sessions that are open and unused.
#[derive(Debug)]
pub(super) struct Lanes {
    count: NonZeroUsize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    permits: usize,
    idle: Vec<(Arc<Connection>, Session)>,
}

/// Leave to use one session; given back when dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    lanes: &'a Lanes,
}

impl Lanes {
    pub(super) fn new(count: NonZeroUsize) -> Self {
        Self {
            count,
            state: Mutex::new(State {
                permits: count.get(),
                idle: Vec::new(),
            }),
            freed: Condvar::new(),
        }
    }

    pub(super) const fn count(&self) -> NonZeroUsize {
        self.count
    }

    /// Waits for a permit until `deadline`.
    pub(super) fn take(&self, deadline: Instant) -> Option<Permit<'_>> {
        let mut state = self.state.lock();
        while state.permits == 0 {
            if self.freed.wait_until(&mut state, deadline).timed_out() && state.permits == 0 {
                return None;
            }
        }
        state.permits -= 1;
        Some(Permit { lanes: self })
    }

    /// An unused session of that connection.
    pub(super) fn reuse(&self, connection: &Arc<Connection>) -> Option<Session> {
        let mut state = self.state.lock();
        let at = state
            .idle
            .iter()
            .rposition(|(of, _)| Arc::ptr_eq(of, connection))?;
        Some(state.idle.swap_remove(at).1)
    }

    pub(super) fn put_back(&self, connection: Arc<Connection>, session: Session) {
        self.state.lock().idle.push((connection, session));
    }

    /// The unused sessions of every connection but `current`.
    pub(super) fn outdated(&self, current: Option<&Arc<Connection>>) -> Vec<(u64, Session)> {
        let mut state = self.state.lock();
        let (keep, outdated) = std::mem::take(&mut state.idle)
            .into_iter()
            .partition(|(of, _)| current.is_some_and(|current| Arc::ptr_eq(of, current)));
        state.idle = keep;
        outdated
            .into_iter()
            .map(|(of, session): (Arc<Connection>, _)| (of.generation, session))
            .collect()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.lanes.state.lock().permits += 1;
        self.lanes.freed.notify_one();
    }
}
