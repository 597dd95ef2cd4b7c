//! Devices that hold keys.

use serde::{Deserialize, Serialize};

/// List the devices and their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceList {}

/// Put a device back in service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEnable {
    /// Its name in the configuration.
    pub device: String,
}

/// Drain the devices' logs and match them to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceReconcile {}

/// Say that alarms about devices were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmAcknowledge {
    /// The ledger indices of the alarms, as a reconciliation lists them.
    pub alarms: Vec<u64>,
    /// What was found, and why nothing is left to be done.
    pub reason: String,
}

/// The keys that the ledger knows, for comparing them with the devices'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedKeyList {}
