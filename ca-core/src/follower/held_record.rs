//! How held entries are written down.
//!
//! First a header: a name, the index of the first entry (8), CRC-32 of both (4). Then entries: length (4),
//! CRC-32 of index and length (4), CRC-32 of the entry (4), the entry. Integers are big-endian. What was
//! cut off in the middle, as by the death of who wrote it, is so told from what was changed.

use kasane_ledger::MAX_ENTRY_BYTES;

const NAME: [u8; 8] = *b"KSNHELD2";

/// Octets before the first entry.
const HEADER_BYTES: usize = 20;

/// Octets before each.
const RECORD_BYTES: usize = 12;

/// What was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Index of the first entry.
    pub(super) first: u64,
    /// The entries up to the first that is not whole.
    pub(super) entries: Vec<Vec<u8>>,
    /// Where they end.
    pub(super) length_bytes: usize,
    /// Whether something else follows than the beginning of another entry.
    pub(super) is_damaged: bool,
}

/// How many octets the entries take.
pub(super) fn length_of<'e>(entries: impl Iterator<Item = &'e Vec<u8>>) -> u64 {
    let records: usize = entries.map(|entry| RECORD_BYTES + entry.len()).sum();
    (HEADER_BYTES + records) as u64
}

/// Begins with the entry at `first`.
pub(super) fn put_header(out: &mut Vec<u8>, first: u64) {
    let begin = out.len();
    out.extend_from_slice(&NAME);
    out.extend_from_slice(&first.to_be_bytes());
    let checksum = crc32fast::hash(out.get(begin..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// Goes on with the entry at `index`.
pub(super) fn put(out: &mut Vec<u8>, index: u64, entry: &[u8]) {
    // The ledger has no longer ones.
    let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&place(index, length).to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(entry).to_be_bytes());
    out.extend_from_slice(entry);
}

/// Reads what was written, as far as it is whole.
pub(super) fn read(octets: &[u8]) -> Read {
    let mut read = Read::default();
    // The release before noted an index alone when it held nothing.
    if octets.len() == size_of::<u64>() && octets != NAME {
        return read;
    }
    let Some((header, mut rest)) = octets.split_at_checked(HEADER_BYTES) else {
        let mut begun = octets.iter().zip(&NAME);
        read.is_damaged = begun.any(|(found, due)| found != due);
        return read;
    };
    let Some(first) = first_of(header) else {
        read.is_damaged = true;
        return read;
    };
    read.first = first;
    read.length_bytes = HEADER_BYTES;
    while !rest.is_empty() {
        let index = first.saturating_add(read.entries.len() as u64);
        match next(rest, index) {
            Next::Whole(entry, later) => {
                read.length_bytes += RECORD_BYTES + entry.len();
                read.entries.push(entry.to_vec());
                rest = later;
            }
            Next::Cut => break,
            Next::Damaged => {
                read.is_damaged = true;
                break;
            }
        }
    }
    read
}

enum Next<'a> {
    Whole(&'a [u8], &'a [u8]),
    Cut,
    Damaged,
}

fn next(octets: &[u8], index: u64) -> Next<'_> {
    let Some((length, rest)) = octets.split_first_chunk::<4>() else {
        return Next::Cut;
    };
    let Some((in_place, rest)) = rest.split_first_chunk::<4>() else {
        return Next::Cut;
    };
    let length = u32::from_be_bytes(*length);
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if u32::from_be_bytes(*in_place) != place(index, length) || bytes > MAX_ENTRY_BYTES {
        return Next::Damaged;
    }
    let Some((checksum, rest)) = rest.split_first_chunk::<4>() else {
        return Next::Cut;
    };
    match rest.split_at_checked(bytes) {
        None => Next::Cut,
        Some((entry, later)) if crc32fast::hash(entry) == u32::from_be_bytes(*checksum) => {
            Next::Whole(entry, later)
        }
        Some(_) => Next::Damaged,
    }
}

fn first_of(header: &[u8]) -> Option<u64> {
    let (noted, checksum) = header.split_last_chunk::<4>()?;
    let first = noted.strip_prefix(&NAME)?;
    let is_whole = crc32fast::hash(noted) == u32::from_be_bytes(*checksum);
    is_whole.then_some(u64::from_be_bytes(first.try_into().ok()?))
}

fn place(index: u64, length: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&index.to_be_bytes());
    hasher.update(&length.to_be_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entries() -> Vec<Vec<u8>> {
        vec![vec![1; 300], Vec::new(), vec![2; 70], vec![3; 5]]
    }

    fn written() -> Vec<u8> {
        let mut octets = Vec::new();
        put_header(&mut octets, 900);
        for (index, entry) in (900..).zip(entries()) {
            put(&mut octets, index, &entry);
        }
        assert_eq!(octets.len() as u64, length_of(entries().iter()));
        octets
    }

    #[test]
    fn what_was_written_is_read() {
        let read = read(&written());
        assert_eq!((read.first, read.is_damaged), (900, false));
        assert_eq!(read.entries, entries());
        assert_eq!(read.length_bytes, written().len());
        assert_eq!(super::read(&[]), Read::default());
    }

    #[test]
    fn append_that_was_cut_off_at_any_octet_loses_itself_alone() {
        let written = written();
        for cut in 0..=written.len() {
            let read = read(&written[..cut]);
            assert!(!read.is_damaged, "{cut}");
            assert!(read.length_bytes <= cut);
            assert_eq!(read.entries, entries()[..read.entries.len()]);
            // Whoever goes on there writes what can be read.
            let mut again = written[..read.length_bytes].to_vec();
            if again.is_empty() {
                put_header(&mut again, 900);
            }
            put(&mut again, 900 + read.entries.len() as u64, b"more");
            let again = super::read(&again);
            assert_eq!(again.entries.len(), read.entries.len() + 1);
        }
    }

    #[test]
    fn octets_that_were_never_written_are_damage() {
        for more in [vec![0; 12], vec![0xff; 400], written()] {
            let read = read(&[written(), more].concat());
            assert!(read.is_damaged);
            assert_eq!(read.entries, entries());
        }
        let old = [
            &900_u64.to_be_bytes()[..],
            &[0, 0, 0, 1, 9, 0, 0, 0, 1, 9, 0, 0],
        ]
        .concat();
        assert!(read(&old).is_damaged);
    }

    proptest! {
        #[test]
        fn changed_octets_are_noticed(at in 0_usize..1_000, bits in 1_u8..) {
            let mut octets = written();
            let length = octets.len();
            octets[at % length] ^= bits;
            let read = read(&octets);
            prop_assert!(read.is_damaged);
            prop_assert_eq!(&read.entries, &entries()[..read.entries.len()]);
        }

        #[test]
        fn garbage_never_panics(octets in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let read = read(&octets);
            prop_assert!(read.length_bytes <= octets.len());
        }
    }
}
