//! What a device says of itself to anybody.

/// DEVICE INFO, which needs no session (YubiHSM Command Reference, "Device Info").
pub(super) const COMMAND: [u8; 3] = [0x06, 0, 0];

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
    /// Reads the answer: `firmware (3) | serial (4) | log entries (1) | used (1) | algorithms`.
    pub(super) fn read(answer: &[u8]) -> Option<Self> {
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
