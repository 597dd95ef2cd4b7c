//! Changes of the log since the snapshot.

use crate::log::{LogEntry, LogStore};

/// One change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JournalRecord {
    /// A line was written.
    Entry(LogEntry),
    /// Lines up to this number were read.
    ReadUpTo(u16),
    /// A boot found no room.
    UnloggedBoot,
    /// A session found no room.
    UnloggedAuthentication,
}

impl JournalRecord {
    /// `sequence (8) | kind (1) | content (32) | CRC-32 (4)`.
    pub(super) const BYTES: usize = 45;

    pub(super) fn encode(&self, sequence: u64) -> [u8; Self::BYTES] {
        let mut octets = [0; Self::BYTES];
        octets[..8].copy_from_slice(&sequence.to_be_bytes());
        match self {
            Self::Entry(entry) => {
                octets[8] = 1;
                octets[9..41].copy_from_slice(&entry.encode());
            }
            Self::ReadUpTo(number) => {
                octets[8] = 2;
                octets[9..11].copy_from_slice(&number.to_be_bytes());
            }
            Self::UnloggedBoot => octets[8] = 3,
            Self::UnloggedAuthentication => octets[8] = 4,
        }
        let checksum = crc32fast::hash(&octets[..41]);
        octets[41..].copy_from_slice(&checksum.to_be_bytes());
        octets
    }

    /// None for a record that was torn.
    pub(super) fn decode(octets: &[u8; Self::BYTES]) -> Option<(u64, Self)> {
        let (body, checksum) = octets.split_last_chunk()?;
        if crc32fast::hash(body) != u32::from_be_bytes(*checksum) {
            return None;
        }
        let (sequence, body) = body.split_first_chunk()?;
        let (kind, content) = body.split_first()?;
        let record = match kind {
            1 => Self::Entry(LogEntry::parse(content).ok()?),
            2 => Self::ReadUpTo(u16::from_be_bytes(*content.first_chunk()?)),
            3 => Self::UnloggedBoot,
            4 => Self::UnloggedAuthentication,
            _ => return None,
        };
        Some((u64::from_be_bytes(*sequence), record))
    }

    /// Does to a log what was done to it.
    pub fn apply(&self, log: &mut LogStore) {
        match self {
            Self::Entry(entry) => log.restore(*entry),
            Self::ReadUpTo(number) => {
                log.read_up_to(*number);
            }
            Self::UnloggedBoot => log.unlogged_boots = log.unlogged_boots.saturating_add(1),
            Self::UnloggedAuthentication => {
                log.unlogged_authentications = log.unlogged_authentications.saturating_add(1);
            }
        }
    }
}
