//! Devices that hold keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Those that are asked first before the others.
    pub devices: Vec<DeviceView>,
    /// Signatures that wait, by priority.
    pub queued: BTreeMap<String, usize>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Its name in the configuration.
    pub name: String,
    /// `hardware`, `simulator`, `software`, or `not-known` of one that was left out.
    pub kind: String,
    /// What and where it is, for people.
    pub description: String,
    /// `in-service`, `resting`, `probing`, `disabled`, `quarantined`, or `left-out` when it could not
    /// be opened at the start.
    pub state: String,
    /// Why it is disabled, quarantined or left out.
    pub reason: Option<String>,
    /// Which device it says it is; absent while it does not answer.
    pub identity: Option<DeviceIdentityView>,
    /// Why it does not answer.
    pub problem: Option<String>,
    /// Lower is asked first.
    pub preference: u8,
    /// Commands that it can run at once.
    pub lanes: usize,
    /// The sessions of this process in it, where it has few for everybody.
    pub sessions: Option<DeviceSessionsView>,
    /// Commands in flight.
    pub in_flight: usize,
    /// Failures since the process began, by code.
    pub failures: BTreeMap<String, u64>,
    /// Entries of its own log that were stored, if it keeps one.
    pub drained_log_entries: Option<u64>,
    /// Its keys, by label.
    pub keys: Vec<DeviceKeyView>,
    /// What was asked of it since the process began, by the key's label.
    pub usage: Vec<KeyUsageView>,
}

/// What was asked of a device with one key, since the process began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsageView {
    /// The key's label.
    pub label: String,
    /// Signatures that were let out.
    pub signatures: u64,
    /// Signatures that came when nobody waited any more.
    pub late_signatures: u64,
    /// Signatures that did not verify; they are among the others too.
    pub wrong_signatures: u64,
    /// Failed attempts, by code.
    pub failures: BTreeMap<String, u64>,
    /// From the request to its start at this device.
    pub queue_wait: DurationsView,
    /// From the start to the device's answer.
    pub service: DurationsView,
}

/// A histogram of durations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurationsView {
    /// How many.
    pub count: u64,
    /// All together.
    pub sum_microseconds: u64,
    /// At most so long was half of them: the bound of a bucket.
    pub median_microseconds: Option<u64>,
    /// At most so long were 99 of a hundred: the bound of a bucket.
    pub p99_microseconds: Option<u64>,
    /// The longest.
    pub longest_microseconds: u64,
    /// Each counts all up to its bound.
    pub buckets: Vec<BucketView>,
}

/// How many were at most so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketView {
    /// The bound; the last bucket has none.
    pub at_most_milliseconds: Option<u64>,
    /// How many.
    pub count: u64,
}

/// Sessions of a device. What others have no device tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSessionsView {
    /// Open and in use.
    pub open: usize,
    /// Given up, and perhaps kept by the device until they have been idle for long enough.
    pub lost: usize,
    /// What the device has for everybody.
    pub most: usize,
}

/// Which device it is, as it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceIdentityView {
    /// Who made it.
    pub manufacturer: String,
    /// What it is.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// Its firmware.
    pub firmware: String,
}

/// A key in a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeyView {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// Algorithm and size.
    pub algorithm: String,
    /// The device's own name of it, hexadecimal.
    pub device_id: Option<String>,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki_sha256: String,
    /// Signatures that this device made with it since the process began.
    pub signatures: u64,
}

/// The devices' own logs, matched to the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// How many things do not fit that nobody has acknowledged.
    pub alarms: usize,
    /// How many things do not fit and were acknowledged.
    pub acknowledged: usize,
    /// Why not every device's log was read now; what was read before counts all the same.
    pub not_read: Option<String>,
    /// The report: `keys`, `devices`, `alarms` with the number of the command in the device's log.
    pub report: Value,
}

/// What came of acknowledging alarms, by their ledger indices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmsAcknowledged {
    /// The ledger index of the entry that says so; none if nothing was left to acknowledge.
    pub entry: Option<u64>,
    /// Acknowledged now.
    pub acknowledged: Vec<u64>,
    /// Acknowledged before, and left as they were.
    pub acknowledged_before: Vec<u64>,
    /// Alarms that are open still.
    pub open: usize,
}

/// The keys that the ledger knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedKeys {
    /// By label.
    pub keys: Vec<RecordedKey>,
}

/// A key that the ledger knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedKey {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// What kind of backend holds it: `hardware`, `simulator`, `software`.
    pub backend: String,
    /// SubjectPublicKeyInfo, hexadecimal DER.
    pub spki: String,
}
