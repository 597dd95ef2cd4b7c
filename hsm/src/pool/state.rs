//! What the lock of a pool guards, and the decisions that are made under it. No thread, no wait
//! and no call of a device, sink or hook is in here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::entry::{Entry, Running, Slot};
use super::job::{Command, Job, Rank};
use super::queue::Queue;
use super::ticket::Ticket;
use super::{Alarm, DeviceState, KeyCounters, Member, PoolOptions};
use crate::{Error, KeyInfo, KeyLabel, Priority, SigningKey};

/// Most alarms that wait for a hook; beyond it the oldest go.
const MAX_ALARMS: usize = 256;

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
    jitter: fastrand::Rng,
    /// In the order in which they are asked.
    pub(super) entries: Vec<Entry>,
    pub(super) keys: Vec<KnownKey>,
    places: BTreeMap<KeyLabel, usize>,
    pub(super) queue: Queue,
    next_number: u64,
    alarms: VecDeque<Alarm>,
    pub(super) has_sink: bool,
    pub(super) closed: bool,
    /// The keeper must look anew when it has to wake.
    pub(super) timers_changed: bool,
    /// A device or key left service: some requests may have no hope.
    look_for_hopeless: bool,
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

    /// Everything that follows from the time and from what changed: upkeep that is due, requests
    /// without hope, and commands for free lanes.
    pub(super) fn settle(&mut self, now: Duration) {
        if self.closed {
            return;
        }
        self.plan_upkeep(now);
        if std::mem::take(&mut self.look_for_hopeless) {
            self.end_hopeless(now);
        }
        self.dispatch(now);
    }

    fn plan_upkeep(&mut self, now: Duration) {
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            if entry.health.probe_due(now) {
                entry.health.probing();
                self.queue_upkeep(index, Command::Probe, now);
            }
            let entry = &mut self.entries[index];
            if self.has_sink && may_be_read(entry) && entry.log.due(now, &self.options) {
                entry.log.queued();
                self.queue_upkeep(index, Command::Drain, now);
            }
        }
    }

    fn queue_upkeep(&mut self, index: usize, command: Command, now: Duration) {
        let number = self.next_number;
        self.next_number += 1;
        self.queue.put(Job {
            number,
            rank: Rank::Upkeep,
            only: Some(index),
            command,
            ticket: Arc::new(Ticket::new()),
            queued_at: now,
            deadline_at: Duration::MAX,
        });
    }

    fn dispatch(&mut self, now: Duration) {
        if self.queue.is_empty() {
            return;
        }
        let mut free: usize = self.entries.iter().map(Entry::free_lanes).sum();
        let mut blocked = vec![false; self.keys.len()];
        let mut chosen = Vec::new();
        for job in self.queue.iter() {
            if free == 0 {
                break;
            }
            let index = match (job.only, job.key()) {
                (Some(index), _) => takes(&self.entries[index], job, now).then_some(index),
                (None, Some(key)) if !blocked[key] => {
                    let best = best(&self.entries, key, now);
                    blocked[key] = best.is_none();
                    best
                }
                (None, _) => None,
            };
            if let Some(index) = index {
                let entry = &mut self.entries[index];
                entry.running.push(Running {
                    number: job.number,
                    overdue: false,
                });
                entry.given += 1;
                free -= 1;
                chosen.push((index, job.rank, job.number));
            }
        }
        for (index, rank, number) in chosen {
            if let Some(job) = self.queue.take(rank, number) {
                let entry = &mut self.entries[index];
                entry.inbox.push_back(job);
                entry.work.notify_one();
            }
        }
    }

    /// Why no device will ever take it as things stand, if so.
    fn no_hope(&self, job: &Job, now: Duration) -> Option<Error> {
        if let Some(index) = job.only {
            let entry = &self.entries[index];
            let readable = matches!(job.command, Command::Drain) && may_be_read(entry);
            return (entry.health.locked() && !readable).then(|| Error::Unreachable {
                backend: entry.name.to_string(),
                reason: "it is out of service until it is enabled".to_owned(),
            });
        }
        let key = job.key()?;
        if self.keys.get(key)?.info.is_none() {
            return Some(self.changed(key));
        }
        let mut absent = false;
        for entry in &self.entries {
            match entry.slots.get(key) {
                _ if entry.health.locked() => {}
                Some(Slot::Absent { until }) if *until > now => absent = true,
                Some(Slot::Differs) | None => {}
                Some(Slot::Absent { .. } | Slot::Open(_) | Slot::Unopened) => return None,
            }
        }
        let label = self.keys.get(key)?.label.clone();
        if absent {
            // Asked for again after a while: the next request for it finds out.
            return Some(Error::KeyNotFound {
                label,
                backend: "every device of the pool that is in service".to_owned(),
            });
        }
        let reason = self.describe_states(key);
        Some(Error::NoDevice { label, reason })
    }

    /// A handle's public key is no longer the one that is recorded.
    pub(super) fn changed(&self, key: usize) -> Error {
        Error::NoDevice {
            label: self.keys[key].label.clone(),
            reason: "another public key is recorded for it now: open it anew".to_owned(),
        }
    }

    fn describe_states(&self, key: usize) -> String {
        let states = self.entries.iter().map(|entry| {
            let name = &entry.name;
            match (entry.health.state(), entry.slots.get(key)) {
                (DeviceState::Disabled { reason }, _) => format!("{name} is disabled ({reason})"),
                (DeviceState::Quarantined { reason }, _) => {
                    format!("{name} is quarantined ({reason})")
                }
                (_, Some(Slot::Differs)) => format!("{name} holds another key under this label"),
                (_, Some(Slot::Absent { .. })) => format!("{name} does not hold the key"),
                (DeviceState::InService, _) => format!("{name} is in service"),
                (DeviceState::Resting | DeviceState::Probing, _) => {
                    format!("{name} rests after failures")
                }
            }
        });
        states.collect::<Vec<_>>().join("; ")
    }

    fn end_hopeless(&mut self, now: Duration) {
        let hopeless: Vec<_> = self
            .queue
            .iter()
            .filter_map(|job| Some((job.rank, job.number, self.no_hope(job, now)?)))
            .collect();
        for (rank, number, error) in hopeless {
            if let Some(job) = self.queue.take(rank, number) {
                if let (Command::Drain, Some(index)) = (&job.command, job.only) {
                    self.entries[index].log.dropped();
                }
                job.ticket.answer(Err(error));
            }
        }
    }

    /// The next time at which something happens by itself.
    pub(super) fn next_event(&self, now: Duration) -> Option<Duration> {
        let mut next: Option<Duration> = None;
        let mut consider = |at: Duration| {
            next = Some(next.map_or(at, |earlier| earlier.min(at)));
        };
        for entry in &self.entries {
            if let Some(until) = entry.health.until()
                && until > now
            {
                consider(until);
            }
            if self.has_sink
                && may_be_read(entry)
                && let Some(at) = entry.log.next(&self.options)
            {
                consider(at);
            }
            for slot in &entry.slots {
                if let Slot::Absent { until } = slot
                    && *until > now
                {
                    consider(*until);
                }
            }
        }
        next
    }

    pub(super) fn rests(&mut self, index: usize, reason: String) {
        let device = self.entries[index].name.clone();
        self.entries[index].forget_device();
        self.alarm(Alarm::Resting { device, reason });
    }

    pub(super) fn disable(&mut self, index: usize, reason: String) {
        let entry = &mut self.entries[index];
        if entry.health.disable(reason.clone()) {
            let device = entry.name.clone();
            self.alarm(Alarm::Disabled { device, reason });
            self.left_service();
        }
    }

    pub(super) fn quarantine(&mut self, index: usize, reason: String) {
        let entry = &mut self.entries[index];
        if entry.health.quarantine(reason.clone()) {
            let device = entry.name.clone();
            self.alarm(Alarm::Quarantined { device, reason });
            self.left_service();
        }
    }

    pub(super) const fn left_service(&mut self) {
        self.look_for_hopeless = true;
        self.timers_changed = true;
    }

    pub(super) fn alarm(&mut self, alarm: Alarm) {
        alarm.trace();
        if self.alarms.len() >= MAX_ALARMS {
            self.alarms.pop_front();
        }
        self.alarms.push_back(alarm);
    }

    pub(super) fn take_alarms(&mut self) -> VecDeque<Alarm> {
        std::mem::take(&mut self.alarms)
    }

    pub(super) fn has_alarms(&self) -> bool {
        !self.alarms.is_empty()
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
        for job in self.queue.drain() {
            job.ticket.answer(Err(Self::shut_down()));
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
            self.quarantine(index, reason);
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

/// The log may be read: even a quarantined device's, since it shows what the device did.
fn may_be_read(entry: &Entry) -> bool {
    entry.log.has_log()
        && matches!(
            entry.health.state(),
            DeviceState::InService | DeviceState::Quarantined { .. }
        )
}

/// Whether a device takes a command that is for it alone, now.
fn takes(entry: &Entry, job: &Job, now: Duration) -> bool {
    match job.command {
        Command::Drain => entry.may_drain(),
        Command::Probe => entry.free_lanes() > 0,
        Command::Call { .. } | Command::Sign { .. } => entry.free_lanes() > 0 && entry.usable(now),
    }
}

/// The device that a signature by a key goes to now: of those with a free lane the first
/// preference, then the least loaded, then the one that was given least.
fn best(entries: &[Entry], key: usize, now: Duration) -> Option<usize> {
    entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.free_lanes() > 0 && entry.usable(now) && entry.holds(key, now))
        .min_by_key(|(_, entry)| {
            // Running commands in thousandths of the lanes.
            let load = entry.running.len() * 1_000 / entry.lanes;
            (entry.preference, load, entry.given)
        })
        .map(|(index, _)| index)
}
