//! Something that does not fit.

use serde::{Deserialize, Serialize};

use super::Acknowledgement;

/// Something that does not fit. Found once, and raised once as a `DeviceAlarmRaised`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The ledger index of the entry that shows it.
    pub seen: u64,
    /// The time of that entry, seconds since the epoch.
    pub time: i64,
    /// The device's name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// What kind: one of [`alarm`](super::alarm).
    pub alarm: String,
    /// What was seen, for people.
    pub detail: String,
    /// The number of the command in the device's own log.
    pub number: Option<u16>,
    /// The ledger index of its `DeviceAlarmRaised`, once raised.
    pub raised: Option<u64>,
    /// Who acknowledged it, once somebody did.
    pub acknowledged: Option<Acknowledgement>,
}
