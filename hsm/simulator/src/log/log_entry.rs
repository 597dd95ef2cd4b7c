//! One line of the log.

use aws_lc_rs::digest::{self, SHA256};
use serde::{Deserialize, Serialize};

use crate::protocol::{DeviceError, Reader};

/// 16 octets of fact and the digest that chains them to the line before
/// (YubiHSM Command Reference, "Get log entries").
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LogEntry {
    /// Counts up, over 65,535 back to 0.
    pub number: u16,
    /// The command; 00 for a boot, ff for the first line after a reset.
    pub command: u8,
    /// Octets of the command's data.
    pub length: u16,
    /// The session's authentication key; ffff without a session.
    pub session_key: u16,
    /// The object that the command is about; ffff without one.
    pub target_key: u16,
    /// Another object that it is about; ffff without one.
    pub second_key: u16,
    /// The command with the high bit, or the error's code.
    pub result: u8,
    /// The device's clock: milliseconds since boot.
    pub tick: u32,
    /// SHA-256 of the facts and the digest of the line before, cut to 16 octets.
    pub digest: [u8; 16],
}

impl LogEntry {
    /// Octets on the wire.
    pub const BYTES: usize = 32;
    const NONE: u16 = u16::MAX;

    /// The first line after a reset.
    #[must_use]
    pub const fn initialised() -> Self {
        Self {
            number: 1,
            command: u8::MAX,
            length: u16::MAX,
            session_key: Self::NONE,
            target_key: Self::NONE,
            second_key: Self::NONE,
            result: u8::MAX,
            tick: u32::MAX,
            digest: [0; 16],
        }
    }

    /// The line of a boot.
    #[must_use]
    pub const fn boot() -> Self {
        Self {
            number: 0,
            command: 0,
            length: 0,
            session_key: Self::NONE,
            target_key: 0,
            second_key: 0,
            result: 0,
            tick: 0,
            digest: [0; 16],
        }
    }

    /// The same, numbered and chained behind a line.
    #[must_use]
    pub fn chained(mut self, number: u16, before: &[u8; 16]) -> Self {
        self.number = number;
        let mut context = digest::Context::new(&SHA256);
        context.update(&self.facts());
        context.update(before);
        let full = context.finish();
        for (to, from) in self.digest.iter_mut().zip(full.as_ref()) {
            *to = *from;
        }
        self
    }

    /// The 16 octets that the digest covers.
    #[must_use]
    pub fn facts(&self) -> [u8; 16] {
        let mut facts = [0; 16];
        facts[..2].copy_from_slice(&self.number.to_be_bytes());
        facts[2] = self.command;
        facts[3..5].copy_from_slice(&self.length.to_be_bytes());
        facts[5..7].copy_from_slice(&self.session_key.to_be_bytes());
        facts[7..9].copy_from_slice(&self.target_key.to_be_bytes());
        facts[9..11].copy_from_slice(&self.second_key.to_be_bytes());
        facts[11] = self.result;
        facts[12..].copy_from_slice(&self.tick.to_be_bytes());
        facts
    }

    /// Facts and digest.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut octets = [0; Self::BYTES];
        octets[..16].copy_from_slice(&self.facts());
        octets[16..].copy_from_slice(&self.digest);
        octets
    }

    /// What [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`].
    pub fn parse(octets: &[u8]) -> Result<Self, DeviceError> {
        let mut reader = Reader::new(octets);
        let entry = Self {
            number: reader.short()?,
            command: reader.octet()?,
            length: reader.short()?,
            session_key: reader.short()?,
            target_key: reader.short()?,
            second_key: reader.short()?,
            result: reader.octet()?,
            tick: u32::from_be_bytes(reader.array()?),
            digest: reader.array()?,
        };
        reader.end()?;
        Ok(entry)
    }
}
