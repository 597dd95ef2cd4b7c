//! Interrupted at any moment, nothing acknowledged is lost.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kasane_ledger::{Batch, Ledger, NoProjection, PrivateRecord};
use parking_lot::Mutex;

use crate::common::*;

/// What a caller was told: index and entry.
type Acknowledged = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

#[test]
fn copies_taken_while_eight_threads_append_hold_all_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    let ledger = start_with(dir.path(), small_segments());
    let acknowledged: Acknowledged = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..8_u8)
        .map(|thread| {
            let (ledger, acknowledged) = (ledger.clone(), Arc::clone(&acknowledged));
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                for n in 0_u32.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    append_pair(&ledger, &acknowledged, thread, n);
                    // Enough load for groups and rotations; more would only make the copies slow.
                    thread::sleep(Duration::from_millis(2));
                }
            })
        })
        .collect();
    for round in 0..10_u64 {
        thread::sleep(Duration::from_millis(15 + round * 3));
        if round % 3 == 0 {
            ledger.checkpoint(&TestSigner::new(1)).unwrap();
        }
        let told = acknowledged.lock().clone();
        let at = tempfile::tempdir().unwrap();
        let at = at.path().join("copy");
        copy(dir.path(), &at);
        check_copy(&at, &told);
    }
    stop.store(true, Ordering::Relaxed);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let head = ledger.head();
    drop(ledger);
    let reopened = open(dir.path()).unwrap();
    assert_eq!(reopened.head(), head);
    drop(reopened);
    check_copy(dir.path(), &acknowledged.lock());
}

/// Two entries and a private record that must stay together.
fn append_pair(ledger: &Ledger, acknowledged: &Acknowledged, thread: u8, n: u32) {
    let name = format!("{thread}-{n}");
    let entries = vec![
        format!("{name}-a").into_bytes(),
        format!("{name}-b").into_bytes(),
    ];
    let batch = Batch {
        entries: entries.clone(),
        private: vec![PrivateRecord {
            bytes: name.into_bytes(),
        }],
    };
    let appended = ledger.append(batch).unwrap();
    acknowledged
        .lock()
        .extend((appended.first_index..).zip(entries));
}

fn check_copy(dir: &Path, told: &[(u64, Vec<u8>)]) {
    let ledger = start(dir);
    for (index, entry) in told {
        assert_eq!(ledger.entry(*index).unwrap(), *entry);
    }
    // Whole batches only: pairs of entries, and one private record for each pair.
    assert_eq!(ledger.size() % 2, 0);
    assert_eq!(ledger.private_count(), ledger.size() / 2);
    for index in 0..ledger.private_count() {
        let name = String::from_utf8(ledger.private_record(index).unwrap()).unwrap();
        let pair = [
            ledger.entry(index * 2).unwrap(),
            ledger.entry(index * 2 + 1).unwrap(),
        ];
        assert_eq!(
            pair,
            [
                format!("{name}-a").into_bytes(),
                format!("{name}-b").into_bytes()
            ]
        );
    }
    ledger.verify_all(&mut |_, _| {}).unwrap();
    append_many_plain(&ledger);
}

fn append_many_plain(ledger: &Ledger) {
    let before = ledger.size();
    ledger.append(Batch::entry(b"after".to_vec())).unwrap();
    assert_eq!(ledger.entry(before).unwrap(), b"after");
}

#[test]
fn journal_cut_at_any_byte_of_the_last_batch_loses_only_that_batch() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 10);
    let before = ledger.head();
    let segment = dir.path().join("journal/000000000000");
    let whole = fs::metadata(&segment).unwrap().len() as usize;
    let batch = Batch {
        entries: vec![b"one".to_vec(), b"two".to_vec()],
        private: vec![PrivateRecord {
            bytes: b"three".to_vec(),
        }],
    };
    ledger.append(batch).unwrap();
    drop(ledger);
    let bytes = fs::read(&segment).unwrap();
    assert!(bytes.len() > whole + 40);
    // The note is what tells an acknowledged batch from one that was never answered.
    fs::remove_file(dir.path().join("acknowledged")).unwrap();
    for cut in whole..bytes.len() {
        fs::write(&segment, &bytes[..cut]).unwrap();
        let reopened = open(dir.path()).unwrap();
        assert_eq!(reopened.head(), before, "cut at {cut}");
        drop(reopened);
        assert_eq!(fs::metadata(&segment).unwrap().len() as usize, whole);
    }
    // A torn write may also leave the right length and wrong bytes.
    for at in whole..bytes.len() {
        let mut torn = bytes.clone();
        torn[at] ^= 0xff;
        fs::write(&segment, &torn).unwrap();
        assert_eq!(open(dir.path()).unwrap().head(), before, "byte {at}");
    }
    fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let ledger = start(dir.path());
    append_many(&ledger, 20);
    drop(ledger);
    let ledger = start(dir.path());
    assert_eq!(ledger.size(), 30);
    assert_eq!(ledger.entry(10).unwrap(), entry(10));
    assert_eq!(ledger.private_count(), 0);
}

#[test]
fn cut_of_an_acknowledged_batch_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 10);
    ledger.append(Batch::entry(b"last".to_vec())).unwrap();
    drop(ledger);
    let segment = dir.path().join("journal/000000000000");
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    let error = open(dir.path()).unwrap_err();
    assert_eq!(error.code(), "ledger.tampered");
    assert!(error.to_string().contains("entry 11"), "{error}");
    fs::write(&segment, &bytes).unwrap();
    assert_eq!(open(dir.path()).unwrap().size(), 11);
}

#[test]
fn segment_without_a_header_from_a_crash_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 10);
    drop(ledger);
    for bytes in [&b""[..], b"\x30\0\0\0\x01abc"] {
        fs::write(dir.path().join("journal/000000000001"), bytes).unwrap();
        assert_eq!(open(dir.path()).unwrap().size(), 10);
    }
    let ledger = start_with(dir.path(), small_segments());
    append_many(&ledger, 2000);
    assert!(dir.path().join("journal/000000000001").exists());
    drop(ledger);
    assert_eq!(open(dir.path()).unwrap().size(), 2010);
}

#[test]
fn journal_is_dropped_once_its_entries_are_durable_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    let ledger = start_with(dir.path(), small_segments());
    for _ in 0..40 {
        append_many(&ledger, 250);
    }
    ledger.checkpoint(&TestSigner::new(1)).unwrap();
    assert_eq!(sorted(&dir.path().join("journal")).unwrap().len(), 1);
    let head = ledger.head();
    drop(ledger);
    let reopened = Ledger::open(dir.path(), small_segments(), None).unwrap();
    assert_eq!(reopened.head(), head);
    let ledger = reopened
        .start(Box::new(NoProjection), 0, &mut |_, _| {})
        .unwrap();
    assert_eq!(ledger.entry(9_999).unwrap(), entry(9_999));
}
