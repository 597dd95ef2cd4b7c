//! The append journal: the one thing that is synced before an append is acknowledged.
//!
//! Segments hold records: length, kind, CRC-32, payload. A segment starts with its header; then
//! groups, each written and synced at once: a group record, then batches of entry and private records
//! that an end record makes valid. A group is written only after the one before it is durable, so a
//! record that does not fit, followed by a later group, is damage and not a torn write.

mod record;
mod replay;
mod segments;
mod writer;

pub(crate) use replay::{Ended, Position, Replayer};
pub(crate) use segments::{Segment, Segments};
pub(crate) use writer::{JournalWriter, WriteFailure, decode_acknowledged};

#[cfg(test)]
mod tests;
