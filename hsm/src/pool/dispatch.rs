//! Which command goes to which device, and what is due by itself.

use std::sync::Arc;
use std::time::Duration;

use super::DeviceState;
use super::entry::{Entry, Running, Slot};
use super::job::{Command, Job, Rank};
use super::state::State;
use super::ticket::Ticket;

impl State {
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
                self.wakes.given(index);
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
}

/// The log may be read: even a quarantined device's, since it shows what the device did.
pub(super) fn may_be_read(entry: &Entry) -> bool {
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
