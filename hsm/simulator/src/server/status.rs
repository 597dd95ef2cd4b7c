//! What control tells.

use serde::Serialize;

use crate::device::Counters;

/// A look at the device from outside of its protocol, for tests.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Always true.
    pub simulator: bool,
    /// The serial number.
    pub serial: u32,
    /// The firmware that is played.
    pub firmware: String,
    /// Lines in the log.
    pub log_used: usize,
    /// Sessions that are open.
    pub sessions: usize,
    /// What was done since the start.
    pub counters: Counters,
}
