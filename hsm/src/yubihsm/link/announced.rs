//! What a device says of itself to anybody.

use std::time::Duration;

use super::frame::{self, Answer};
use super::upstream::Upstream;

/// How long the answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// DEVICE INFO, which needs no session (YubiHSM Command Reference, "Device Info").
const COMMAND: [u8; 3] = [0x06, 0, 0];

/// What a device says before anybody has logged in. Nothing vouches for it: good for advice, and for
/// not showing a password to the wrong device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Its serial number.
    pub serial: u32,
    /// Major, minor and build version.
    pub firmware: [u8; 3],
    /// Entries that its log takes.
    pub log_entries: u8,
    /// Entries of the log that were not acknowledged yet.
    pub log_used: u8,
}

impl Announced {
    /// Asks the device behind a connector, without a link to it.
    pub(in crate::yubihsm) fn ask(connector: &str) -> Option<Self> {
        Self::over(&Upstream::new(connector).ok()?, PATIENCE)
    }

    /// Asks.
    pub(super) fn over(upstream: &Upstream, limit: Duration) -> Option<Self> {
        let answer = upstream.command(&COMMAND, limit).ok()?;
        let fits = frame::classify(&COMMAND, &answer) == Answer::Fitting;
        fits.then(|| Self::read(&answer)).flatten()
    }

    /// Reads the answer: `firmware (3) | serial (4) | log entries (1) | used (1) | algorithms`.
    fn read(answer: &[u8]) -> Option<Self> {
        let [
            0x86,
            _,
            _,
            major,
            minor,
            build,
            a,
            b,
            c,
            d,
            log_entries,
            log_used,
            ..,
        ] = *answer
        else {
            return None;
        };
        Some(Self {
            serial: u32::from_be_bytes([a, b, c, d]),
            firmware: [major, minor, build],
            log_entries,
            log_used,
        })
    }
}
