//! Which requests no device will ever take as things stand, and why.

use std::time::Duration;

use super::DeviceState;
use super::dispatch::may_be_read;
use super::entry::Slot;
use super::job::{Command, Job};
use super::state::State;
use crate::Error;

impl State {
    /// Why no device will ever take it as things stand, if so.
    pub(super) fn no_hope(&self, job: &Job, now: Duration) -> Option<Error> {
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

    pub(super) fn end_hopeless(&mut self, now: Duration) {
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
                self.answer(job.ticket, Err(error));
            }
        }
    }
}
