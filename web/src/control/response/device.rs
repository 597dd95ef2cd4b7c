//! Devices that hold keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// `hardware`, `simulator` or `software`.
    pub kind: String,
    /// What and where it is, for people.
    pub description: String,
    /// `in-service`, `resting`, `probing`, `disabled` or `quarantined`.
    pub state: String,
    /// Why it is disabled or quarantined.
    pub reason: Option<String>,
    /// Which device it says it is; absent while it does not answer.
    pub identity: Option<DeviceIdentityView>,
    /// Why it does not answer.
    pub problem: Option<String>,
    /// Lower is asked first.
    pub preference: u8,
    /// Commands that it can run at once.
    pub lanes: usize,
    /// Commands in flight.
    pub in_flight: usize,
    /// Failures since the process began, by code.
    pub failures: BTreeMap<String, u64>,
    /// Entries of its own log that were stored, if it keeps one.
    pub drained_log_entries: Option<u64>,
    /// Its keys, by label.
    pub keys: Vec<DeviceKeyView>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Per key and device.
    pub keys: Vec<ReconciledKey>,
    /// What no entry of the ledger explains, and what the devices' logs contradict.
    pub alarms: Vec<DeviceAlarmView>,
    /// Entries of the devices' logs that were stored just now.
    pub drained_log_entries: u64,
    /// Logs that could not be read now, and why; what was drained before is matched all the same.
    pub not_drained: Vec<String>,
}

/// A key: what was let out, and what the devices say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciledKey {
    /// The key's label.
    pub label: String,
    /// Attempts that the ledger knows of.
    pub attempts: u64,
    /// Signatures that were released.
    pub released: u64,
    /// Signatures by the logs of the devices, if they keep one.
    pub in_device_logs: Option<u64>,
}

/// Something to look into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAlarmView {
    /// A stable code.
    pub code: String,
    /// The device.
    pub device: String,
    /// The number of the command in the device's log, if it is about one.
    pub command_number: Option<u64>,
    /// The key, if it is about one.
    pub key: Option<String>,
    /// What was found.
    pub detail: String,
    /// The ledger's entry of the alarm.
    pub ledger_index: Option<u64>,
}
