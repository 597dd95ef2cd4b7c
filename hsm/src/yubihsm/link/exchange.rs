//! What is known of the exchange that a call made.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// How far the last exchange of a call came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::yubihsm) enum Seen {
    /// No request of the call reached the relay.
    Nothing,
    /// Under way: the request may be at the device.
    InFlight,
    /// The connector was not reached: certainly nothing was sent.
    NotSent(String),
    /// Sent, and no usable answer came.
    NoAnswer {
        /// Because the time was over.
        timed_out: bool,
        /// What was seen.
        reason: String,
    },
    /// The device answered with an error outside of the secure channel.
    Refused {
        /// Its code.
        code: u8,
    },
    /// An answer was handed on.
    Answered,
}

/// The call that is under way, shared by the caller and the relay's thread.
#[derive(Debug)]
pub(super) struct Exchange {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Debug)]
struct State {
    call: u64,
    deadline: Option<Instant>,
    seen: Seen,
    in_flight: bool,
}

impl Exchange {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                call: 0,
                deadline: None,
                seen: Seen::Nothing,
                in_flight: false,
            }),
            idle: Condvar::new(),
        }
    }

    /// A call begins, which waits until `deadline`.
    pub(super) fn begin_call(&self, deadline: Instant) {
        let mut state = self.state.lock();
        state.call += 1;
        state.deadline = Some(deadline);
        state.seen = Seen::Nothing;
    }

    /// How far the call's last exchange came.
    pub(super) fn seen(&self) -> Seen {
        self.state.lock().seen.clone()
    }

    /// An exchange begins: the call that it belongs to, and the time left to it.
    pub(super) fn begin(&self, otherwise: Duration) -> (u64, Duration) {
        let mut state = self.state.lock();
        state.seen = Seen::InFlight;
        state.in_flight = true;
        let left = state.deadline.map_or(otherwise, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        (state.call, left)
    }

    /// It ended. A call that was given up meanwhile is told nothing.
    pub(super) fn end(&self, call: u64, seen: Seen) {
        let mut state = self.state.lock();
        state.in_flight = false;
        if state.call == call {
            state.seen = seen;
        }
        drop(state);
        self.idle.notify_all();
    }

    /// Waits until no exchange is under way.
    pub(super) fn wait_until_idle(&self, deadline: Instant) {
        let mut state = self.state.lock();
        while state.in_flight {
            if self.idle.wait_until(&mut state, deadline).timed_out() {
                return;
            }
        }
    }
}
