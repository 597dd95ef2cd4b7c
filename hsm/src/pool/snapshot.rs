//! What a pool looks like at one moment.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DeviceState, Durations};
use crate::{DeviceName, KeyLabel, Priority};

/// A pool at one moment. Counters begin with the pool.
#[derive(Clone, Debug, Default)]
pub struct PoolSnapshot {
    /// Its devices, those that are asked first before the others.
    pub devices: Vec<DeviceSnapshot>,
    /// Waiting signatures, by priority.
    pub queued: BTreeMap<Priority, usize>,
}

/// A device at one moment.
#[derive(Clone, Debug)]
pub struct DeviceSnapshot {
    /// Its name.
    pub name: DeviceName,
    /// Whether it is asked.
    pub state: DeviceState,
    /// Lower is asked first.
    pub preference: u8,
    /// Commands that it can run at once.
    pub lanes: usize,
    /// Commands in flight, those that nobody waits for any more included.
    pub in_flight: usize,
    /// Commands in flight whose callers ran out of time.
    pub overdue: usize,
    /// Failures of any command, by the error's code.
    pub failures: BTreeMap<&'static str, u64>,
    /// Pages of its log that were stored and acknowledged.
    pub drained_pages: u64,
    /// Entries of its log that were stored and acknowledged.
    pub drained_entries: u64,
    /// Times that the sink could not store.
    pub sink_failures: u64,
    /// Commands since its log was last drained.
    pub undrained_commands: u32,
    /// By key, ordered by label.
    pub keys: BTreeMap<KeyLabel, KeyCounters>,
}

/// Counters of one key in one device.
#[derive(Clone, Debug, Default)]
pub struct KeyCounters {
    /// Signatures given to callers.
    pub signatures: u64,
    /// Signatures that came when nobody waited for them any more.
    pub late_signatures: u64,
    /// Signatures that did not verify.
    pub rejections: u64,
    /// Failed attempts, by the error's code.
    pub failures: BTreeMap<&'static str, u64>,
    /// From the request to its start at this device.
    pub queue_wait: Durations,
    /// From the start to the device's answer.
    pub service: Durations,
}

impl PoolSnapshot {
    /// The device of that name.
    #[must_use]
    pub fn device(&self, name: &DeviceName) -> Option<&DeviceSnapshot> {
        self.devices.iter().find(|device| device.name == *name)
    }
}

impl KeyCounters {
    pub(super) fn served(&mut self, waited: Duration, took: Duration) {
        self.queue_wait.add(waited);
        self.service.add(took);
    }
}
