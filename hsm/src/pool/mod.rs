//! Several devices that hold the same keys, as one backend.
//!
//! A signature waits in one queue, the urgent before the others ([`Priority`](crate::Priority)),
//! until a device that can make it has a free lane. One call of
//! [`SigningKey::sign`](crate::SigningKey::sign) is at most one attempt at a device that may have
//! signed: while devices certainly did not, the pool asks the next one by itself, and once one may
//! have, the error goes to the caller, who notes a further attempt and calls again; the device that
//! failed pauses meanwhile, so another one is asked first.
//!
//! A device that fails several times in a row rests, is probed, and comes back without a restart.
//! A wrong credential is never tried again ([`Pool::enable`] is for people), and neither is a device
//! whose signature did not verify or whose key is not the recorded one.
//!
//! | file | decides |
//! |---|---|
//! | `state.rs`, `queue.rs` | what waits |
//! | `dispatch.rs`, `hopeless.rs` | which command goes to which device, and which has no hope |
//! | `service.rs` | what people hear of |
//! | `outcome.rs`, `health.rs` | what follows from an answer or an error |
//! | `ticket.rs` | who still waits, and whether a device was asked to sign |
//! | `worker.rs`, `keeper.rs`, `wakes.rs` | nothing: the threads |
//! | `backend.rs`, `asking.rs` | which devices are asked for what is no signature |
//! | `upkeep.rs`, `drain.rs` | when and how a device's log is drained |

mod alarm;
mod asking;
mod backend;
mod clock;
mod dispatch;
mod drain;
mod durations;
mod entry;
mod error;
mod health;
mod hopeless;
mod inner;
mod job;
mod keeper;
mod key;
mod log_sink;
mod member;
mod options;
mod outcome;
mod queue;
mod service;
mod snapshot;
mod state;
mod ticket;
mod upkeep;
mod wakes;
mod worker;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};

use crate::{Device, DeviceName, KeyLabel};
use entry::Slot;
use inner::Inner;
use job::{Command, Rank};
use state::State;
use ticket::Answer;

pub use alarm::{Alarm, AlarmHook, QuarantineCause};
pub use clock::{ManualMonotonicClock, MonotonicClock, SystemMonotonicClock};
pub use durations::Durations;
pub use error::PoolError;
pub use health::DeviceState;
pub use log_sink::{DrainError, LogSink, SinkError};
pub use member::Member;
pub use options::PoolOptions;
pub use snapshot::{DeviceSnapshot, KeyCounters, PoolSnapshot};

/// Several devices that hold the same keys. Dropping it ends its threads; one that a device does not
/// let go is left behind after a grace.
#[derive(Debug)]
pub struct Pool {
    inner: Arc<Inner>,
    devices: Vec<Arc<dyn Device>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pool {
    /// Starts a thread for each lane of each device, and one for timers. Asks the devices nothing
    /// but name and lanes.
    ///
    /// # Errors
    /// [`PoolError`].
    pub fn new(
        members: Vec<Member>,
        options: PoolOptions,
        clock: Arc<dyn MonotonicClock>,
    ) -> Result<Arc<Self>, PoolError> {
        if members.is_empty() {
            return Err(PoolError::NoMember);
        }
        let mut names = BTreeSet::new();
        for member in &members {
            if !names.insert(member.device.name().clone()) {
                return Err(PoolError::NameTwice {
                    device: member.device.name().clone(),
                });
            }
        }
        let state = State::new(members, options);
        let devices = state.entries.iter().map(|it| Arc::clone(&it.device));
        let pool = Self {
            devices: devices.collect(),
            threads: Mutex::default(),
            inner: Arc::new(Inner {
                clock,
                state: Mutex::new(state),
                keeper: Condvar::new(),
                ended: Condvar::new(),
                sink: RwLock::new(None),
                hook: RwLock::new(None),
            }),
        };
        pool.start()?;
        Ok(Arc::new(pool))
    }

    /// The devices, those that are asked first before the others.
    pub fn devices(&self) -> impl Iterator<Item = &Arc<dyn Device>> {
        self.devices.iter()
    }

    /// The device of that name.
    #[must_use]
    pub fn device(&self, name: &DeviceName) -> Option<&Arc<dyn Device>> {
        self.devices.iter().find(|device| device.name() == name)
    }

    /// Who hears alarms from now on, those that nobody heard yet first.
    pub fn set_alarm_hook(&self, hook: Arc<dyn AlarmHook>) {
        *self.inner.hook.write() = Some(hook);
        self.inner.tell_alarms();
    }

    /// Where the devices' logs go from now on. What they hold already is drained at once.
    pub fn set_log_sink(&self, sink: Arc<dyn LogSink>) {
        *self.inner.sink.write() = Some(sink);
        self.inner.with(|state, _| {
            state.has_sink = true;
            state.timers_changed = true;
            for index in 0..state.entries.len() {
                let (options, _, entry) = state.parts(index);
                entry.log.look(options);
            }
        });
    }

    /// Drains the log of every device that keeps one, and waits for it. Gives the number of entries
    /// that were stored and acknowledged.
    pub fn drain_now(&self) -> Vec<(DeviceName, Result<usize, DrainError>)> {
        let begun = self.inner.with(|state, now| {
            let deadline_at = now.saturating_add(state.options.call_deadline);
            let mut begun = Vec::new();
            for index in 0..state.entries.len() {
                if !state.entries[index].log.has_log() {
                    continue;
                }
                let name = state.entries[index].name.clone();
                let submitted = if state.has_sink {
                    let submitted =
                        state.submit(Rank::Upkeep, Some(index), Command::Drain, now, deadline_at);
                    if submitted.is_ok() {
                        state.entries[index].log.queued();
                    }
                    submitted.map_err(DrainError::Device)
                } else {
                    Err(DrainError::NoSink)
                };
                begun.push((name, submitted.map(|it| (it, deadline_at))));
            }
            begun
        });
        begun
            .into_iter()
            .map(|(name, begun)| {
                let drained = begun.and_then(|(submitted, deadline_at)| {
                    match self.inner.wait(&submitted, "drain", deadline_at)? {
                        Answer::Drained(stored) => Ok(stored?),
                        Answer::Done | Answer::Signature(_) => Ok(0),
                    }
                });
                (name, drained)
            })
            .collect()
    }

    /// People say that a disabled, quarantined or resting device is well again: it is probed, its
    /// keys are opened and compared anew, and it is used if that succeeds. Gives the state that it
    /// was in, or nothing if there is no such device.
    ///
    /// A credential that was refused is tried once more where the device counts no refused ones
    /// ([`Device::forget_refusal`]).
    pub fn enable(&self, device: &DeviceName) -> Option<DeviceState> {
        self.device(device)?.forget_refusal();
        self.inner.with(|state, now| {
            let entry = state.entries.iter_mut().find(|it| it.name == *device)?;
            let before = entry.health.state().clone();
            entry.health.enable(now);
            entry.slots.fill_with(Slot::default);
            entry.forget_device();
            state.timers_changed = true;
            Some(before)
        })
    }

    /// A key was cloned to further devices: those that did not hold it are asked again.
    pub fn refresh(&self, label: &KeyLabel) {
        self.inner.with(|state, _| {
            let Some(place) = state.known(label) else {
                return;
            };
            for entry in &mut state.entries {
                if matches!(entry.slots[place], Slot::Absent { .. } | Slot::Differs) {
                    entry.slots[place] = Slot::Unopened;
                }
                entry.labels.clear();
            }
        });
    }

    /// The pool at this moment.
    #[must_use]
    pub fn snapshot(&self) -> PoolSnapshot {
        let state = self.inner.state.lock();
        let devices = state.entries.iter().map(|entry| {
            let keys = state.keys.iter().zip(&entry.counters);
            DeviceSnapshot {
                name: entry.name.clone(),
                state: entry.health.state().clone(),
                preference: entry.preference,
                lanes: entry.lanes,
                in_flight: entry.running.len(),
                overdue: entry.overdue(),
                failures: entry.failures.clone(),
                drained_pages: entry.log.pages,
                drained_entries: entry.log.entries,
                sink_failures: entry.log.sink_failures,
                undrained_commands: entry.log.commands,
                keys: keys
                    .map(|(key, counters)| (key.label.clone(), counters.clone()))
                    .collect(),
            }
        });
        PoolSnapshot {
            devices: devices.collect(),
            queued: state.queue.by_priority(),
        }
    }

    fn start(&self) -> Result<(), PoolError> {
        let lanes: Vec<_> = {
            let state = self.inner.state.lock();
            let entries = state.entries.iter().enumerate();
            entries
                .flat_map(|(index, entry)| {
                    let name = entry.name.to_string();
                    (0..entry.lanes).map(move |_| (index, name.clone()))
                })
                .collect()
        };
        for (index, device) in lanes {
            let inner = Arc::clone(&self.inner);
            self.spawn(device, move || worker::work(&inner, index))?;
        }
        let inner = Arc::clone(&self.inner);
        self.spawn("the pool".to_owned(), move || keeper::keep(&inner))
    }

    fn spawn(&self, device: String, run: impl FnOnce() + Send + 'static) -> Result<(), PoolError> {
        self.inner.state.lock().threads += 1;
        let spawned = thread::Builder::new()
            .name(format!("hsm {device}"))
            .spawn(run);
        match spawned {
            Ok(thread) => {
                self.threads.lock().push(thread);
                Ok(())
            }
            Err(error) => {
                self.inner.state.lock().threads -= 1;
                Err(PoolError::Thread {
                    device,
                    reason: error.to_string(),
                })
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let clock = &self.inner.clock;
        let mut state = self.inner.state.lock();
        state.close();
        let woken = state.take_woken();
        MutexGuard::unlocked(&mut state, || woken.wake());
        self.inner.keeper.notify_all();
        let until = clock.now().saturating_add(state.options.shutdown_grace);
        while state.threads > 0 {
            if clock.now() >= until {
                tracing::warn!(
                    threads = state.threads,
                    "devices hold threads of a closed pool"
                );
                break;
            }
            self.inner.ended.wait_for(&mut state, clock.nap(until));
        }
        let all_ended = state.threads == 0;
        drop(state);
        // What a thread still holds is let go before the process may end: a vendor's library does not
        // bear calls while it is unloaded.
        for thread in self.threads.get_mut().drain(..) {
            let is_this = thread.thread().id() == thread::current().id();
            if !is_this && (all_ended || thread.is_finished()) {
                let _ended = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod tests;
