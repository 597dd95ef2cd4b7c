//! A device's own log of the commands that it executed.

use sha2::{Digest, Sha256};

use crate::{Error, KeyLabel};

/// One entry, as a YubiHSM 2 keeps it: 32 octets, numbers big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Counts on by one with each entry, modulo 65,536.
    pub number: u16,
    /// The command's code; 0x00 is a start of the device, 0xff its reset.
    pub command: u8,
    /// Length of the command's data, in bytes.
    pub length_bytes: u16,
    /// The authentication key of the session.
    pub session_key: u16,
    /// The object that the command used; 0xffff if none.
    pub target_key: u16,
    /// A second object; 0xffff if none.
    pub second_key: u16,
    /// The response's code: the command's with its highest bit set, or 0x7f after an error.
    pub result: u8,
    /// The device's clock, in ticks since it started.
    pub tick: u32,
    /// SHA-256 over the fields before it and the digest of the previous entry, its first 16 octets.
    pub digest: [u8; 16],
}

/// What a device gives when its log is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Starts of the device that a full log could not take.
    pub unlogged_boots: u16,
    /// Authentications that a full log could not take.
    pub unlogged_authentications: u16,
    /// The entries that were not acknowledged yet, oldest first.
    pub entries: Vec<LogEntry>,
}

/// Reads and acknowledges the log. What is acknowledged may be overwritten by the device; under
/// forced audit a device whose log is full executes nothing.
pub trait CommandLog {
    /// Every entry that was not acknowledged yet.
    ///
    /// # Errors
    /// A device error.
    fn read(&self) -> Result<LogPage, Error>;

    /// Everything up to the entry of that number is stored elsewhere.
    ///
    /// # Errors
    /// A device error.
    fn acknowledge(&self, number: u16) -> Result<(), Error>;

    /// The label of the signing key that entries call `target_key`, if it is one of ours.
    ///
    /// # Errors
    /// A device error.
    fn label_of(&self, target_key: u16) -> Result<Option<KeyLabel>, Error>;
}

impl LogEntry {
    /// Length of the encoding.
    pub const BYTES: usize = 32;

    /// The device's encoding.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0..2].copy_from_slice(&self.number.to_be_bytes());
        bytes[2] = self.command;
        bytes[3..5].copy_from_slice(&self.length_bytes.to_be_bytes());
        bytes[5..7].copy_from_slice(&self.session_key.to_be_bytes());
        bytes[7..9].copy_from_slice(&self.target_key.to_be_bytes());
        bytes[9..11].copy_from_slice(&self.second_key.to_be_bytes());
        bytes[11] = self.result;
        bytes[12..16].copy_from_slice(&self.tick.to_be_bytes());
        bytes[16..].copy_from_slice(&self.digest);
        bytes
    }

    /// Reads the device's encoding.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let pair = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let mut digest = [0; 16];
        digest.copy_from_slice(&bytes[16..]);
        Self {
            number: pair(0),
            command: bytes[2],
            length_bytes: pair(3),
            session_key: pair(5),
            target_key: pair(7),
            second_key: pair(9),
            result: bytes[11],
            tick: u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]),
            digest,
        }
    }

    /// Whether this entry is the one that follows `previous`.
    #[must_use]
    pub fn follows(&self, previous: &Self) -> bool {
        if self.number != previous.number.wrapping_add(1) {
            return false;
        }
        let mut hash = Sha256::new();
        hash.update(&self.to_bytes()[..16]);
        hash.update(previous.digest);
        hash.finalize()[..16] == self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u16, digest: [u8; 16]) -> LogEntry {
        LogEntry {
            number,
            command: 0x56,
            length_bytes: 50,
            session_key: 2,
            target_key: 0x1234,
            second_key: 0xffff,
            result: 0xd6,
            tick: 77,
            digest,
        }
    }

    #[test]
    fn entry_is_read_back() {
        let it = entry(3, [9; 16]);
        assert_eq!(LogEntry::from_bytes(&it.to_bytes()), it);
    }

    #[test]
    fn chain_holds_over_the_wrap_of_numbers_and_breaks_with_any_octet() {
        let first = entry(u16::MAX, [1; 16]);
        let mut second = entry(0, [0; 16]);
        let mut hash = Sha256::new();
        hash.update(&second.to_bytes()[..16]);
        hash.update(first.digest);
        second.digest.copy_from_slice(&hash.finalize()[..16]);
        assert!(second.follows(&first));
        let changed = LogEntry {
            target_key: 0x1235,
            ..second
        };
        assert!(!changed.follows(&first));
        assert!(!second.follows(&entry(u16::MAX, [2; 16])));
        assert!(!second.follows(&entry(7, [1; 16])));
    }
}
