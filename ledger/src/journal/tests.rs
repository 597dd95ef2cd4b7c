use std::fs;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::disk::RealDisk;
use crate::log::{Batch, PrivateRecord};

const START: Position = Position {
    index: 5,
    private: 2,
    sequence: 9,
};

fn batch(entries: &[&[u8]], private: &[&[u8]]) -> Batch {
    let private = private.iter().map(|bytes| PrivateRecord {
        bytes: bytes.to_vec(),
    });
    Batch {
        entries: entries.iter().map(|entry| entry.to_vec()).collect(),
        private: private.collect(),
    }
}

/// A segment of two groups: two batches, then one. Returns its bytes and the end of each group.
fn segment() -> (Vec<u8>, [usize; 3]) {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = JournalWriter::create(Arc::new(RealDisk), dir.path(), 3, START).unwrap();
    let header = writer.length_bytes() as usize;
    assert!(writer.is_fresh());
    let (a, b) = (
        batch(&[b"first", b""], &[b"secret"]),
        batch(&[b"second"], &[]),
    );
    writer.write_group(&[&a, &b]).unwrap();
    let first = writer.length_bytes() as usize;
    writer.write_group(&[&batch(&[], &[b"hidden"])]).unwrap();
    let end = Position {
        index: 8,
        private: 4,
        sequence: 11,
    };
    assert_eq!(writer.position(), end);
    assert!(!writer.is_fresh());
    let bytes = fs::read(writer.segment().path).unwrap();
    assert_eq!(bytes.len() as u64, writer.length_bytes());
    (bytes.clone(), [header, first, bytes.len()])
}

/// Batches read, and how it ended.
fn read(bytes: &[u8]) -> Option<(usize, Ended, u64)> {
    let mut replayer = Replayer::new(bytes)?;
    let mut batches = 0;
    loop {
        match replayer.next_batch() {
            Ok(_) => batches += 1,
            Err(ended) => return Some((batches, ended, replayer.good_bytes())),
        }
    }
}

#[test]
fn written_batches_are_read_back() {
    let (bytes, [_, _, end]) = segment();
    let mut replayer = Replayer::new(&bytes).unwrap();
    assert_eq!((replayer.number(), replayer.position()), (3, START));
    let first = replayer.next_batch().unwrap();
    assert_eq!(first.entries, [&b"first"[..], b""]);
    assert_eq!(first.private, [b"secret"]);
    assert_eq!(replayer.next_batch().unwrap().entries, [b"second"]);
    assert_eq!(replayer.next_batch().unwrap().private, [b"hidden"]);
    assert_eq!(replayer.next_batch().err(), Some(Ended::Whole));
    assert_eq!(replayer.good_bytes(), end as u64);
    assert_eq!(replayer.position().sequence, 11);
}

#[test]
fn change_before_a_later_group_is_damage_and_in_the_last_group_a_torn_write() {
    let (bytes, [header, first, end]) = segment();
    for at in 0..end {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let outcome = read(&changed);
        if at < header {
            assert_eq!(outcome, None, "byte {at}");
            assert!(Replayer::has_groups(&changed));
            continue;
        }
        let (batches, ended, good) = outcome.unwrap();
        if at < first {
            assert!(batches < 2, "byte {at}");
            assert_eq!(ended, Ended::Damaged, "byte {at}");
        } else {
            assert_eq!(
                (batches, ended, good),
                (2, Ended::Torn, first as u64),
                "byte {at}"
            );
        }
    }
}

#[test]
fn cut_segment_keeps_whole_batches_only() {
    let (bytes, [header, first, end]) = segment();
    for cut in header..end {
        let (batches, ended, good) = read(&bytes[..cut]).unwrap();
        assert!(good as usize <= cut);
        let whole = cut == header || cut == first || good as usize == cut;
        assert_eq!(ended == Ended::Whole, whole, "cut at {cut}");
        assert_eq!(
            batches == 2,
            (first..end).contains(&cut) || good as usize == first
        );
        // Going on after the cut must number groups as the segment does.
        let mut replayer = Replayer::new(&bytes[..cut]).unwrap();
        while replayer.next_batch().is_ok() {}
        let sequence = replayer.position().sequence;
        assert_eq!(sequence, if batches == 0 { 9 } else { 10 }, "cut at {cut}");
    }
}

#[test]
fn note_of_acknowledged_entries_is_checked() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = JournalWriter::create(Arc::new(RealDisk), dir.path(), 0, START).unwrap();
    writer.write_group(&[&batch(&[b"x"], &[])]).unwrap();
    let mut note = fs::read(dir.path().join("acknowledged")).unwrap();
    assert_eq!(decode_acknowledged(&note), Some((6, 2)));
    note[3] ^= 1;
    assert_eq!(decode_acknowledged(&note), None);
    assert_eq!(decode_acknowledged(&note[..10]), None);
}

proptest! {
    #[test]
    fn arbitrary_bytes_after_a_header_never_panic(tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let (bytes, [header, ..]) = segment();
        let bytes = [&bytes[..header], &tail].concat();
        let (batches, _, _) = read(&bytes).unwrap();
        prop_assert_eq!(batches, 0);
    }
}
