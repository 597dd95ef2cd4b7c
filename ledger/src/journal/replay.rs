//! Reading a segment back.

use crate::journal::record::{self, Record};

/// Where the journal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Index of the next entry.
    pub(crate) index: u64,
    /// Index of the next private record.
    pub(crate) private: u64,
    /// Number of the next group.
    pub(crate) sequence: u64,
}

/// A batch with its end record.
pub(crate) struct ReplayedBatch<'a> {
    pub(crate) entries: Vec<&'a [u8]>,
    pub(crate) private: Vec<&'a [u8]>,
}

/// How a segment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With its last batch.
    Whole,
    /// With bytes of a batch that was never acknowledged.
    Torn,
    /// With a record that does not fit although a later group is there.
    Damaged,
}

/// Walks the batches of one segment.
pub(crate) struct Replayer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// After what was read.
    reading: Position,
    number: u64,
    /// After the last valid batch.
    good: usize,
    position: Position,
    /// Entries read since then.
    unfinished: u64,
}

impl<'a> Replayer<'a> {
    /// `None` when the segment has no valid header.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (
            Record::Segment {
                number,
                next: [index, private, sequence],
            },
            at,
        ) = record::read(bytes, 0)?
        else {
            return None;
        };
        let position = Position {
            index,
            private,
            sequence,
        };
        Some(Self {
            bytes,
            at,
            reading: position,
            number,
            good: at,
            position,
            unfinished: 0,
        })
    }

    /// Whether any batch could be in a segment whose header does not fit.
    pub(crate) fn has_groups(bytes: &[u8]) -> bool {
        record::later_group(bytes, 0, 0)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// After the last batch that [`next_batch`](Self::next_batch) gave.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The entry at which reading ended.
    pub(crate) fn broken_at(&self) -> u64 {
        self.position.index + self.unfinished
    }

    pub(crate) fn good_bytes(&self) -> u64 {
        self.good as u64
    }

    /// The next valid batch, or how the segment ended.
    pub(crate) fn next_batch(&mut self) -> Result<ReplayedBatch<'a>, Ended> {
        let mut batch = ReplayedBatch {
            entries: Vec::new(),
            private: Vec::new(),
        };
        self.unfinished = 0;
        while let Some((record, after)) = record::read(self.bytes, self.at) {
            self.at = after;
            match record {
                Record::Entry(entry) => {
                    batch.entries.push(entry);
                    self.unfinished += 1;
                }
                Record::Private(bytes) => batch.private.push(bytes),
                Record::Group { sequence }
                    if batch.entries.is_empty()
                        && batch.private.is_empty()
                        && sequence == self.reading.sequence =>
                {
                    self.reading.sequence += 1;
                }
                Record::End {
                    first_index,
                    first_private,
                    entries,
                    private,
                } if first_index == self.reading.index
                    && first_private == self.reading.private
                    && entries == batch.entries.len() as u64
                    && private == batch.private.len() as u64 =>
                {
                    self.reading.index += entries;
                    self.reading.private += private;
                    self.good = after;
                    self.position = self.reading;
                    return Ok(batch);
                }
                _ => return Err(Ended::Damaged),
            }
        }
        if self.good == self.bytes.len() {
            return Err(Ended::Whole);
        }
        // The group being read has the number before the next.
        let current = self.reading.sequence.saturating_sub(1);
        let later = record::later_group(self.bytes, self.at, current);
        Err(if later { Ended::Damaged } else { Ended::Torn })
    }
}
