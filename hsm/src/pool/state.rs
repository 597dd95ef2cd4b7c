//! What the lock of a pool guards. The decisions under it are made here and in the files beside: no
//! thread, no wait and no call of a device, sink or hook is in any of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::entry::{Entry, Slot};
use super::job::{Command, Job, Rank};
use super::queue::Queue;
use super::ticket::{Answer, Ticket};
use super::wakes::{Wakes, Woken};
use super::{Alarm, KeyCounters, Member, PoolOptions, QuarantineCause};
use crate::{Error, KeyInfo, KeyLabel, Priority, SigningKey};

/// A key that was opened, or whose public key is known.
#[derive(Debug)]
pub(super) struct KnownKey {
    pub(super) label: KeyLabel,
    /// Once a device opened it.
    pub(super) info: Option<KeyInfo>,
    /// DER `SubjectPublicKeyInfo` that is recorded for the label.
    pub(super) expected: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) options: PoolOptions,
    pub(super) jitter: fastrand::Rng,
    /// In the order in which they are asked.
    pub(super) entries: Vec<Entry>,
    pub(super) keys: Vec<KnownKey>,
    places: BTreeMap<KeyLabel, usize>,
    pub(super) queue: Queue,
    pub(super) next_number: u64,
    pub(super) alarms: VecDeque<Alarm>,
    pub(super) wakes: Wakes,
    pub(super) has_sink: bool,
    pub(super) closed: bool,
    /// The keeper must look anew when it has to wake.
    pub(super) timers_changed: bool,
    /// A device or key left service: some requests may have no hope.
    pub(super) look_for_hopeless: bool,
    pub(super) threads: usize,
}

impl State {
    pub(super) fn new(members: Vec<Member>, options: PoolOptions) -> Self {
        let mut entries: Vec<_> = members.into_iter().map(Entry::new).collect();
        entries.sort_by_key(|entry| entry.preference);
        Self {
            jitter: fastrand::Rng::with_seed(options.jitter_seed),
            options,
            entries,
            keys: Vec::new(),
            places: BTreeMap::new(),
            queue: Queue::default(),
            next_number: 0,
            alarms: VecDeque::new(),
            wakes: Wakes::default(),
            has_sink: false,
            closed: false,
            timers_changed: false,
            look_for_hopeless: false,
            threads: 0,
        }
    }

    /// The place of a label in the list of keys.
    pub(super) fn place(&mut self, label: &KeyLabel) -> usize {
        if let Some(place) = self.places.get(label) {
            return *place;
        }
        let place = self.keys.len();
        self.keys.push(KnownKey {
            label: label.clone(),
            info: None,
            expected: None,
        });
        self.places.insert(label.clone(), place);
        for entry in &mut self.entries {
            entry.slots.push(Slot::Unopened);
            entry.counters.push(KeyCounters::default());
        }
        place
    }

    pub(super) fn known(&self, label: &KeyLabel) -> Option<usize> {
        self.places.get(label).copied()
    }

    /// Puts a command into the queue.
    pub(super) fn submit(
        &mut self,
        rank: Rank,
        only: Option<usize>,
        command: Command,
        now: Duration,
        deadline_at: Duration,
    ) -> Result<Submitted, Error> {
        if self.closed {
            return Err(Self::shut_down());
        }
        // A revocation is never kept out by what could wait.
        let bounded = !matches!(rank, Rank::Upkeep | Rank::Asked(Priority::Revocation));
        if bounded && self.queue.len() >= self.options.queue_limit {
            return Err(Error::Busy {
                backend: "pool".to_owned(),
                operation: command.operation(),
                reason: format!("{} requests wait already", self.queue.len()),
            });
        }
        let number = self.next_number;
        self.next_number += 1;
        let job = Job {
            number,
            rank,
            only,
            command,
            ticket: Arc::new(Ticket::new()),
            queued_at: now,
            deadline_at,
        };
        if let Some(error) = self.no_hope(&job, now) {
            return Err(error);
        }
        let ticket = Arc::clone(&job.ticket);
        self.queue.put(job);
        Ok(Submitted {
            rank,
            number,
            ticket,
        })
    }

    /// A caller gave up.
    pub(super) fn gave_up(&mut self, submitted: &Submitted, now: Duration) {
        if let Some(job) = self.queue.take(submitted.rank, submitted.number)
            && let (Command::Drain, Some(index)) = (&job.command, job.only)
        {
            self.entries[index].log.dropped();
            self.timers_changed = true;
        }
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            // Given to a worker that did not take it up yet: the device has no part in it.
            if let Some(at) = entry
                .inbox
                .iter()
                .position(|job| job.number == submitted.number)
            {
                let job = entry.inbox.remove(at);
                if job.is_some_and(|job| matches!(job.command, Command::Drain)) {
                    entry.log.dropped();
                    self.timers_changed = true;
                }
                entry.running.retain(|it| it.number != submitted.number);
                return;
            }
            let Some(running) = entry
                .running
                .iter_mut()
                .find(|running| running.number == submitted.number)
            else {
                continue;
            };
            running.overdue = true;
            entry.count_failure(None, "key.timed-out");
            let rests = entry
                .health
                .failed(now, now, &self.options, &mut self.jitter);
            self.timers_changed = true;
            if rests {
                self.rests(index, "commands did not end in time".to_owned());
            }
        }
    }

    /// Leaves an answer for its caller. False if nobody waits for it any more.
    pub(super) fn answer(&mut self, ticket: Arc<Ticket>, answer: Result<Answer, Error>) -> bool {
        let heard = ticket.answer(answer);
        if heard {
            self.wakes.answered(ticket);
        }
        heard
    }

    /// The threads to wake once the lock is free.
    pub(super) fn take_woken(&mut self) -> Woken {
        self.wakes.take(&self.entries)
    }

    /// The options, the jitter and one entry, each for itself.
    pub(super) fn parts(&mut self, index: usize) -> (&PoolOptions, &mut fastrand::Rng, &mut Entry) {
        (&self.options, &mut self.jitter, &mut self.entries[index])
    }

    pub(super) fn shut_down() -> Error {
        Error::Unreachable {
            backend: "pool".to_owned(),
            reason: "it is shut down".to_owned(),
        }
    }

    /// Ends every waiting request: the pool shuts down.
    pub(super) fn close(&mut self) {
        self.closed = true;
        let waiting: Vec<_> = self.queue.drain().collect();
        for job in waiting {
            self.answer(job.ticket, Err(Self::shut_down()));
        }
        for entry in &self.entries {
            entry.work.notify_all();
        }
    }

    /// The public key that a device must hold under a label, once it is known.
    pub(super) fn reference(&self, key: usize) -> Option<&[u8]> {
        let known = self.keys.get(key)?;
        known
            .expected
            .as_deref()
            .or_else(|| Some(known.info.as_ref()?.spki.as_slice()))
    }

    /// Keeps a key that a device opened. False if it is not the one that it must be: the device is
    /// not asked for it.
    pub(super) fn adopt(&mut self, index: usize, key: usize, opened: Arc<dyn SigningKey>) -> bool {
        let fits = self.reference(key) == Some(opened.info().spki.as_slice());
        if fits {
            self.entries[index].slots[key] = Slot::Open(opened);
            return true;
        }
        let label = self.keys[key].label.clone();
        if self.keys[key].expected.is_some() {
            let reason = format!("its key {label} is not the recorded one");
            self.quarantine(index, QuarantineCause::WrongKey, reason);
        } else {
            self.entries[index].slots[key] = Slot::Differs;
            let device = self.entries[index].name.clone();
            self.alarm(Alarm::KeyDiffers { device, label });
            self.left_service();
        }
        false
    }
}

/// What a caller keeps of a command in the queue.
pub(super) struct Submitted {
    pub(super) rank: Rank,
    pub(super) number: u64,
    pub(super) ticket: Arc<Ticket>,
}
