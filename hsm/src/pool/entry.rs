//! What a pool knows of one device.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Condvar;

use super::health::Health;
use super::job::Job;
use super::upkeep::LogUpkeep;
use super::{KeyCounters, Member};
use crate::{Device, DeviceIdentity, DeviceName, KeyLabel, SigningKey};

/// A key in one device.
#[derive(Clone, Debug, Default)]
pub(super) enum Slot {
    /// Not there; asked for again at that time.
    Absent {
        until: Duration,
    },
    /// There, but with another public key than the others.
    Differs,
    Open(Arc<dyn SigningKey>),
    #[default]
    Unopened,
}

/// A command that was given to a worker.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) number: u64,
    /// Its caller ran out of time.
    pub(super) overdue: bool,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) device: Arc<dyn Device>,
    pub(super) name: DeviceName,
    pub(super) preference: u8,
    pub(super) lanes: usize,
    pub(super) health: Health,
    pub(super) log: LogUpkeep,
    /// By place in the list of opened keys.
    pub(super) slots: Vec<Slot>,
    pub(super) counters: Vec<KeyCounters>,
    pub(super) failures: BTreeMap<&'static str, u64>,
    pub(super) running: Vec<Running>,
    /// Given to this device's workers, not taken up yet.
    pub(super) inbox: VecDeque<Job>,
    pub(super) work: Arc<Condvar>,
    /// Commands ever given to it.
    pub(super) given: u64,
    /// Read once for the log's sink, and again after a rest.
    pub(super) identity: Option<DeviceIdentity>,
    /// Names of keys in its log, as far as asked.
    pub(super) labels: BTreeMap<u16, KeyLabel>,
}

impl Entry {
    pub(super) fn new(member: Member) -> Self {
        let device = member.device;
        Self {
            name: device.name().clone(),
            preference: member.preference,
            lanes: device.lanes().get(),
            health: Health::new(),
            log: LogUpkeep::new(device.command_log().is_some()),
            slots: Vec::new(),
            counters: Vec::new(),
            failures: BTreeMap::new(),
            running: Vec::new(),
            inbox: VecDeque::new(),
            work: Arc::new(Condvar::new()),
            given: 0,
            identity: None,
            labels: BTreeMap::new(),
            device,
        }
    }

    pub(super) fn free_lanes(&self) -> usize {
        self.lanes.saturating_sub(self.running.len())
    }

    pub(super) fn overdue(&self) -> usize {
        self.running.iter().filter(|it| it.overdue).count()
    }

    /// Every lane is held by a command whose caller gave up.
    pub(super) fn hangs(&self) -> bool {
        self.overdue() >= self.lanes
    }

    /// Takes ordinary commands now, if a lane is free.
    pub(super) fn usable(&self, now: Duration) -> bool {
        self.health.usable(now) && !self.log.blocks()
    }

    /// A drain looks at a log that no other command writes to; a command that hangs does not count.
    pub(super) fn may_drain(&self) -> bool {
        self.free_lanes() > 0 && self.running.iter().all(|it| it.overdue)
    }

    pub(super) fn holds(&self, key: usize, now: Duration) -> bool {
        match self.slots.get(key) {
            Some(Slot::Absent { until }) => *until <= now,
            Some(Slot::Differs) | None => false,
            Some(Slot::Open(_) | Slot::Unopened) => true,
        }
    }

    pub(super) fn count_failure(&mut self, key: Option<usize>, code: &'static str) {
        *self.failures.entry(code).or_insert(0) += 1;
        if let Some(counters) = key.and_then(|key| self.counters.get_mut(key)) {
            *counters.failures.entry(code).or_insert(0) += 1;
        }
    }

    /// What was cached of the device may be another device's by now.
    pub(super) fn forget_device(&mut self) {
        self.identity = None;
        self.labels.clear();
    }
}
