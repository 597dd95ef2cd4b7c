//! The threads that call devices, one for each lane of each device, and the calls themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::drain::drain;
use super::entry::Slot;
use super::inner::Inner;
use super::job::{Command, Job};
use super::outcome::Outcome;
use super::state::State;
use super::ticket::Answer;
use crate::{
    Device, DeviceName, Disposition, Error, KeyLabel, KeyRole, Priority, SignRequest, SigningKey,
};

/// Serves one lane of a device until the pool is closed.
pub(super) fn work(inner: &Inner, index: usize) {
    while let Some(task) = next(inner, index) {
        carry_out(inner, index, task);
    }
    inner.state.lock().threads -= 1;
    inner.ended.notify_all();
}

/// Executes a command, and draws the consequences. No lock is held by the caller.
fn carry_out(inner: &Inner, index: usize, task: Task) {
    let started = inner.clock.now();
    let outcome = catch_unwind(AssertUnwindSafe(|| execute(inner, index, &task, started)))
        .unwrap_or_else(|_| Outcome::Failed {
            error: Error::Device {
                backend: task.name.to_string(),
                operation: task.job.command.operation(),
                reason: "its driver panicked".to_owned(),
                disposition: Disposition::OtherDevice,
            },
            asked: true,
        });
    inner.with(|state, now| state.finish(index, task.job, outcome, started, now));
}

/// A command with all that its execution needs, so that no lock is held meanwhile.
struct Task {
    job: Job,
    device: Arc<dyn Device>,
    name: DeviceName,
    key: Option<Key>,
}

/// The key to sign with.
struct Key {
    place: usize,
    label: KeyLabel,
    role: KeyRole,
    opened: Option<Arc<dyn SigningKey>>,
}

fn next(inner: &Inner, index: usize) -> Option<Task> {
    let mut state = inner.state.lock();
    loop {
        if let Some(job) = state.entries[index].inbox.pop_front() {
            return Some(state.task(index, job));
        }
        if state.closed {
            return None;
        }
        let work = Arc::clone(&state.entries[index].work);
        work.wait(&mut state);
    }
}

impl State {
    /// A command that a device takes up.
    fn task(&self, index: usize, job: Job) -> Task {
        let entry = &self.entries[index];
        let key = job.key().and_then(|place| {
            let info = self.keys.get(place)?.info.as_ref()?;
            let opened = match entry.slots.get(place) {
                Some(Slot::Open(key)) => Some(Arc::clone(key)),
                _ => None,
            };
            Some(Key {
                place,
                label: info.label.clone(),
                role: info.role,
                opened,
            })
        });
        Task {
            job,
            device: Arc::clone(&entry.device),
            name: entry.name.clone(),
            key,
        }
    }
}

fn execute(inner: &Inner, index: usize, task: &Task, started: Duration) -> Outcome {
    let device = task.device.as_ref();
    let done = |result: Result<Answer, Error>| match result {
        Ok(answer) => Outcome::Answered(answer),
        Err(error) => Outcome::Failed {
            error,
            asked: false,
        },
    };
    match &task.job.command {
        Command::Call { .. } if task.job.ticket.abandoned() => Outcome::Abandoned,
        Command::Call { .. } if is_locked(inner, index) => done(Err(Error::Unreachable {
            backend: task.name.to_string(),
            reason: "it is out of service until it is enabled".to_owned(),
        })),
        Command::Call { call, .. } => done(call(device).map(|()| Answer::Done)),
        Command::Drain => done(drain(inner, index, device).map(Answer::Drained)),
        Command::Probe => done(device.probe().map(|()| Answer::Done)),
        Command::Sign {
            algorithm, message, ..
        } => {
            let priority = match task.job.rank {
                super::job::Rank::Asked(priority) => priority,
                super::job::Rank::Upkeep => Priority::Revocation,
            };
            let request = SignRequest {
                algorithm: *algorithm,
                message,
                priority,
                deadline: task.job.deadline_at.saturating_sub(started),
            };
            sign(inner, index, task, request)
        }
    }
}

fn sign(inner: &Inner, index: usize, task: &Task, mut request: SignRequest<'_>) -> Outcome {
    let Some(key) = &task.key else {
        return Outcome::PassedOn;
    };
    if task.job.ticket.abandoned() {
        return Outcome::Abandoned;
    }
    let opened = match &key.opened {
        Some(opened) => Arc::clone(opened),
        None if is_locked(inner, index) => return Outcome::PassedOn,
        None => match task.device.open(&key.label, key.role) {
            Ok(opened) => {
                let kept = Arc::clone(&opened);
                if !inner.with(|state, _| state.adopt(index, key.place, kept)) {
                    return Outcome::PassedOn;
                }
                request.deadline = task.job.deadline_at.saturating_sub(inner.clock.now());
                opened
            }
            Err(error) => {
                return Outcome::Failed {
                    error,
                    asked: false,
                };
            }
        },
    };
    // A device that was found wrong while this command waited for its worker is asked no more.
    if is_locked(inner, index) {
        return Outcome::PassedOn;
    }
    if !task.job.ticket.ask() {
        return Outcome::Abandoned;
    }
    match opened.sign(&request) {
        Ok(mut signature) => {
            // The name in the configuration, whatever the device calls itself.
            signature.device = task.name.clone();
            Outcome::Answered(Answer::Signature(signature))
        }
        Err(error) => Outcome::Failed { error, asked: true },
    }
}

fn is_locked(inner: &Inner, index: usize) -> bool {
    inner.state.lock().entries[index].health.locked()
}
