//! Records of the journal.

/// Length (4), kind (1), CRC-32 of both and of the payload (4); integers are little-endian.
pub(crate) const HEADER_BYTES: usize = 9;

/// Longest payload: a private record of its greatest length.
const MAX_PAYLOAD_BYTES: usize = crate::log::MAX_PRIVATE_BYTES;

const MAGIC: [u8; 8] = *b"KSNLJNL1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Segment = 1,
    Group = 2,
    Entry = 3,
    Private = 4,
    End = 5,
}

/// A parsed record; the payload of counters is decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Segment {
        number: u64,
        next: [u64; 3],
    },
    Group {
        sequence: u64,
    },
    Entry(&'a [u8]),
    Private(&'a [u8]),
    End {
        first_index: u64,
        first_private: u64,
        entries: u64,
        private: u64,
    },
}

pub(crate) fn put(out: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_le_bytes();
    out.extend_from_slice(&length);
    out.push(kind as u8);
    out.extend_from_slice(&checksum(length, kind as u8, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

pub(crate) fn put_words(out: &mut Vec<u8>, kind: Kind, words: &[u64]) {
    let mut payload = Vec::with_capacity(words.len() * 8 + MAGIC.len());
    if kind == Kind::Segment {
        payload.extend_from_slice(&MAGIC);
    }
    words
        .iter()
        .for_each(|word| payload.extend_from_slice(&word.to_le_bytes()));
    put(out, kind, &payload);
}

/// The record at `at` and the offset after it; `None` when no whole, intact record is there.
pub(crate) fn read(bytes: &[u8], at: usize) -> Option<(Record<'_>, usize)> {
    let header = bytes.get(at..at.checked_add(HEADER_BYTES)?)?;
    let (length, rest) = header.split_first_chunk::<4>()?;
    let (&kind, crc) = rest.split_first()?;
    let count = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if count > MAX_PAYLOAD_BYTES {
        return None;
    }
    let start = at + HEADER_BYTES;
    let payload = bytes.get(start..start + count)?;
    if u32::from_le_bytes(crc.try_into().ok()?) != checksum(*length, kind, payload) {
        return None;
    }
    Some((decode(kind, payload)?, start + count))
}

/// Whether a group record with a sequence number above `sequence` begins anywhere after `from`.
pub(crate) fn later_group(bytes: &[u8], from: usize, sequence: u64) -> bool {
    let pattern = [8, 0, 0, 0, Kind::Group as u8];
    bytes.get(from..).unwrap_or_default().windows(pattern.len()).enumerate().any(|(at, window)| {
        window == pattern
            && matches!(read(bytes, from + at), Some((Record::Group { sequence: s }, _)) if s > sequence)
    })
}

fn checksum(length: [u8; 4], kind: u8, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&length);
    crc.update(&[kind]);
    crc.update(payload);
    crc.finalize()
}

fn decode(kind: u8, payload: &[u8]) -> Option<Record<'_>> {
    Some(match kind {
        k if k == Kind::Segment as u8 => {
            let [number, next @ ..] = words::<4>(payload.strip_prefix(&MAGIC)?)?;
            Record::Segment { number, next }
        }
        k if k == Kind::Group as u8 => {
            let [sequence] = words(payload)?;
            Record::Group { sequence }
        }
        k if k == Kind::Entry as u8 => Record::Entry(payload),
        k if k == Kind::Private as u8 => Record::Private(payload),
        k if k == Kind::End as u8 => {
            let [first_index, first_private, entries, private] = words(payload)?;
            Record::End {
                first_index,
                first_private,
                entries,
                private,
            }
        }
        _ => return None,
    })
}

fn words<const N: usize>(payload: &[u8]) -> Option<[u64; N]> {
    let (words, rest) = payload.as_chunks::<8>();
    let words: [[u8; 8]; N] = words.try_into().ok()?;
    rest.is_empty().then(|| words.map(u64::from_le_bytes))
}
