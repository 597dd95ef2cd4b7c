//! What the threads of a pool and its callers share.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, RwLock};

use super::job::{Call, Command, Otherwise, Rank};
use super::state::{State, Submitted};
use super::ticket::{Answer, Waited};
use super::{AlarmHook, LogSink, MonotonicClock};
use crate::{Device, Error, Priority};

pub(super) struct Inner {
    pub(super) clock: Arc<dyn MonotonicClock>,
    pub(super) state: Mutex<State>,
    /// Wakes the keeper of timers.
    pub(super) keeper: Condvar,
    /// A thread ended.
    pub(super) ended: Condvar,
    pub(super) sink: RwLock<Option<Arc<dyn LogSink>>>,
    pub(super) hook: RwLock<Option<Arc<dyn AlarmHook>>>,
}

/// A call that was handed to a device; its result is waited for.
pub(super) struct Pending<T> {
    operation: &'static str,
    submitted: Submitted,
    deadline_at: Duration,
    result: Arc<Mutex<Option<T>>>,
}

impl Inner {
    /// Acts under the lock, draws every consequence, and tells alarms once the lock is free.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State, Duration) -> T) -> T {
        let (answer, woken, timers, alarms) = {
            let mut state = self.state.lock();
            let now = self.clock.now();
            let answer = act(&mut state, now);
            state.settle(now);
            let woken = state.take_woken();
            (answer, woken, state.timers_changed, state.has_alarms())
        };
        woken.wake();
        if timers {
            self.keeper.notify_one();
        }
        if alarms {
            self.tell_alarms();
        }
        answer
    }

    /// Alarms without a hook are kept until there is one.
    pub(super) fn tell_alarms(&self) {
        let Some(hook) = self.hook.read().clone() else {
            return;
        };
        let alarms = self.state.lock().take_alarms();
        for alarm in alarms {
            // The thread that tells may be a lane's: it must not end with the hook.
            if catch_unwind(AssertUnwindSafe(|| hook.alarm(&alarm))).is_err() {
                tracing::error!(alarm = alarm.code(), device.name = %alarm.device(), "the hook of alarms panicked over this one");
            }
        }
    }

    /// Queues a command and waits for its end.
    pub(super) fn ask(
        &self,
        priority: Priority,
        command: Command,
        deadline: Duration,
        check: impl FnOnce(&State) -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        let operation = command.operation();
        if deadline.is_zero() {
            return Err(timed_out(operation, false));
        }
        let (submitted, deadline_at) = self.with(|state, now| {
            check(state)?;
            let deadline_at = now.saturating_add(deadline);
            let submitted = state.submit(Rank::Asked(priority), None, command, now, deadline_at)?;
            Ok((submitted, deadline_at))
        })?;
        self.wait(&submitted, operation, deadline_at)
    }

    pub(super) fn wait(
        &self,
        submitted: &Submitted,
        operation: &'static str,
        deadline_at: Duration,
    ) -> Result<Answer, Error> {
        match submitted.ticket.wait(self.clock.as_ref(), deadline_at) {
            Waited::Answered(answer) => answer,
            Waited::TimedOut { attempted } => {
                self.with(|state, now| state.gave_up(submitted, now));
                Err(timed_out(operation, attempted))
            }
        }
    }

    /// Hands a call that signs nothing to one device.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        index: usize,
        operation: &'static str,
        deadline: Duration,
        otherwise: Otherwise,
        call: impl Fn(&dyn Device) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Pending<T>, Error> {
        let result = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&result);
        let call: Call = Arc::new(move |device| {
            let value = call(device)?;
            *kept.lock() = Some(value);
            Ok(())
        });
        let command = Command::Call {
            operation,
            call,
            otherwise,
        };
        let (submitted, deadline_at) = self.with(|state, now| {
            let (rank, until) = (
                Rank::Asked(Priority::Issuance),
                now.saturating_add(deadline),
            );
            state
                .submit(rank, Some(index), command, now, until)
                .map(|submitted| (submitted, until))
        })?;
        Ok(Pending {
            operation,
            submitted,
            deadline_at,
            result,
        })
    }

    /// Waits for a call's result.
    pub(super) fn end<T>(&self, pending: Pending<T>) -> Result<T, Error> {
        let operation = pending.operation;
        self.wait(&pending.submitted, operation, pending.deadline_at)?;
        let value = pending.result.lock().take();
        value.ok_or_else(|| timed_out(operation, true))
    }

    /// A call of one device, and its result.
    pub(super) fn call<T: Send + 'static>(
        &self,
        index: usize,
        operation: &'static str,
        deadline: Duration,
        otherwise: Otherwise,
        call: impl Fn(&dyn Device) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let pending = self.begin(index, operation, deadline, otherwise, call)?;
        self.end(pending)
    }
}

fn timed_out(operation: &'static str, attempted: bool) -> Error {
    Error::TimedOut {
        backend: "pool".to_owned(),
        operation,
        attempted,
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}
