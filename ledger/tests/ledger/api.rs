//! A ledger as its callers use it.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::thread;

use kasane_ledger::proof::{LogProof, verify_consistency, verify_inclusion};
use kasane_ledger::{
    Appended, Batch, CheckpointSigner, Error, Ledger, MAX_BATCH_BYTES, NoProjection, Options,
    PrivateRecord, leaf_hash,
};

use crate::common::*;

#[test]
fn batches_get_consecutive_indices_and_are_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let first = Batch {
        entries: vec![b"a".to_vec(), vec![], b"c".to_vec()],
        private: vec![PrivateRecord {
            bytes: b"secret".to_vec(),
        }],
    };
    let want = |first_index, count, first_private| Appended {
        first_index,
        count,
        first_private,
    };
    assert_eq!(ledger.append(first).unwrap(), want(0, 3, 0));
    let second = Batch::entry(b"d".to_vec());
    assert_eq!(ledger.append(second).unwrap(), want(3, 1, 1));
    assert_eq!(ledger.entry(1).unwrap(), b"");
    assert_eq!(ledger.entry(3).unwrap(), b"d");
    assert_eq!(ledger.private_record(0).unwrap(), b"secret");
    assert_eq!(ledger.entry(4).unwrap_err().code(), "ledger.no-such-entry");
    assert_eq!(
        ledger.private_record(1).unwrap_err().code(),
        "ledger.no-such-private"
    );
}

#[test]
fn limits_are_refused_with_their_codes() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let code = |batch| ledger.append(batch).unwrap_err().code();
    assert_eq!(
        code(Batch::entry(vec![0; 65_536])),
        "ledger.entry-too-large"
    );
    assert_eq!(code(Batch::default()), "ledger.batch-empty");
    let private = |length| Batch {
        entries: vec![],
        private: vec![PrivateRecord {
            bytes: vec![0; length],
        }],
    };
    assert_eq!(code(private((1 << 16) + 1)), "ledger.private-too-large");
    let too_many = usize::try_from(MAX_BATCH_BYTES / 65_535 + 1).unwrap();
    let big = Batch {
        entries: vec![vec![0; 65_535]; too_many],
        private: vec![],
    };
    assert_eq!(code(big), "ledger.batch-too-large");
    assert_eq!(ledger.size(), 0);
    ledger.append(Batch::entry(vec![7; 65_535])).unwrap();
    ledger.append(private(1 << 16)).unwrap();
    assert_eq!(ledger.entry(0).unwrap(), vec![7; 65_535]);
    ledger.close().unwrap();
    let ledger = start(dir.path());
    assert_eq!(ledger.entry(0).unwrap(), vec![7; 65_535]);
    assert_eq!(ledger.private_record(0).unwrap().len(), 1 << 16);
}

#[test]
fn a_folder_is_created_once_and_opened_once() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path()).unwrap_err().code(), "ledger.missing");
    let ledger = create(dir.path());
    let again = Ledger::create(dir.path(), ORIGIN, Options::default());
    assert_eq!(again.unwrap_err().code(), "ledger.exists");
    assert_eq!(open(dir.path()).unwrap_err().code(), "ledger.locked");
    drop(ledger);
    assert!(open(dir.path()).is_ok());
    let other = tempfile::tempdir().unwrap();
    let bad = Ledger::create(other.path(), "with space", Options::default());
    assert_eq!(bad.unwrap_err().code(), "ledger.origin");
}

#[test]
fn reopening_keeps_entries_roots_and_private_records() {
    for clean in [true, false] {
        for size in [0, 1, 255, 256, 257, 700, 66_000] {
            let dir = tempfile::tempdir().unwrap();
            let ledger = create(dir.path());
            append_many(&ledger, size);
            let private = PrivateRecord {
                bytes: b"p".to_vec(),
            };
            for _ in 0..300 {
                let private = vec![private.clone()];
                let batch = Batch {
                    entries: vec![],
                    private,
                };
                ledger.append(batch).unwrap();
            }
            let head = ledger.head();
            if clean {
                ledger.close().unwrap();
            } else {
                drop(ledger);
            }
            let open = open(dir.path()).unwrap();
            assert_eq!(open.head(), head, "size {size}, clean {clean}");
            assert_eq!(open.was_closed(), clean);
            let ledger = open
                .start(Box::new(NoProjection), size, &mut |_, _| {})
                .unwrap();
            assert_eq!(ledger.private_count(), 300);
            assert_eq!(ledger.private_record(299).unwrap(), b"p");
            append_many(&ledger, 300);
            for index in [0, size.saturating_sub(1), size, size + 299] {
                assert_eq!(ledger.entry(index).unwrap(), entry(index));
            }
            let report = ledger.verify_all(&mut |_, _| {}).unwrap();
            assert_eq!((report.entries, report.private_records), (size + 300, 300));
        }
    }
}

#[test]
fn observer_sees_every_entry_once_and_catches_up() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 1000);
    drop(ledger);

    let recorder = Recorder::default();
    let mut steps = Vec::new();
    let ledger = open(dir.path())
        .unwrap()
        .start(Box::new(recorder.clone()), 0, &mut |done, total| {
            steps.push((done, total));
        })
        .unwrap();
    assert_eq!(steps.last(), Some(&(1000, 1000)));
    append_many(&ledger, 10);
    let seen = recorder.0.lock().clone();
    assert_eq!(seen, (0..1010).map(entry).collect::<Vec<_>>());
    drop(ledger);

    let ahead = open(dir.path()).unwrap();
    let ahead = ahead.start(Box::new(NoProjection), 1011, &mut |_, _| {});
    assert_eq!(ahead.unwrap_err().code(), "ledger.projection-ahead");
    open(dir.path())
        .unwrap()
        .start(Box::new(recorder.clone()), 1010, &mut |_, _| {})
        .unwrap();
    assert_eq!(recorder.0.lock().len(), 1010);
}

#[test]
fn concurrent_appends_are_all_there_in_acknowledged_order() {
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    let recorder = Recorder::default();
    let ledger = Ledger::open(dir.path(), small_segments(), None)
        .unwrap()
        .start(Box::new(recorder.clone()), 0, &mut |_, _| {})
        .unwrap();
    let threads: Vec<_> = (0..16_u8)
        .map(|thread| {
            let ledger = ledger.clone();
            thread::spawn(move || {
                let mut last = None;
                (0..200_u8)
                    .map(|n| {
                        let bytes = vec![thread, n];
                        let at = ledger.append(Batch::entry(bytes.clone())).unwrap();
                        // What is acknowledged is readable and observed.
                        assert_eq!(ledger.entry(at.first_index).unwrap(), bytes);
                        assert!(last < Some(at.first_index), "order within a caller");
                        last = Some(at.first_index);
                        (at.first_index, bytes)
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut indices = BTreeSet::new();
    for thread in threads {
        for (index, bytes) in thread.join().unwrap() {
            assert_eq!(recorder.0.lock()[index as usize], bytes);
            assert!(indices.insert(index));
        }
    }
    assert_eq!(indices.len(), 3200);
    ledger.verify_all(&mut |_, _| {}).unwrap();
}

#[test]
fn checkpoints_cover_files_that_prove_every_entry() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let signer = TestSigner::new(1);
    let mut older: Vec<(u64, kasane_ledger::Hash)> = Vec::new();
    for count in [1, 255, 44, 300, 0] {
        append_many(&ledger, count);
        let note = ledger.checkpoint(&signer).unwrap();
        assert_eq!(
            fs::read_to_string(dir.path().join("checkpoint")).unwrap(),
            note
        );
        assert_eq!(ledger.latest_checkpoint().as_ref(), Some(&note));
        let checkpoint = signer.verifier().open(&note).unwrap();
        assert_eq!(checkpoint.head(), ledger.head());
        for index in 0..checkpoint.size {
            let proof = ledger.prove_inclusion(index, checkpoint.size).unwrap();
            let leaf = leaf_hash(&entry(index));
            verify_inclusion(&leaf, &proof, &checkpoint.root).unwrap();
            let text = LogProof::new(proof, note.clone()).to_text();
            let read = LogProof::from_text(&text).unwrap();
            assert_eq!(read.verify(&leaf, &signer.verifier()).unwrap(), checkpoint);
            assert!(
                read.verify(&leaf_hash(b"other"), &signer.verifier())
                    .is_err()
            );
        }
        for (size, root) in &older {
            let proof = ledger.prove_consistency(*size, checkpoint.size).unwrap();
            verify_consistency(&proof, root, &checkpoint.root).unwrap();
        }
        older.push((checkpoint.size, checkpoint.root));
    }
    assert!(matches!(
        ledger.prove_inclusion(600, 600),
        Err(Error::NoProof { .. })
    ));
    assert!(ledger.prove_inclusion(0, 601).is_err());
    assert!(ledger.prove_consistency(2, 1).is_err());
}

#[test]
fn entries_streams_from_files_and_memory_and_stops_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 1000);
    let mut seen = Vec::new();
    ledger
        .entries(250, |index, bytes| {
            assert_eq!(bytes, entry(index));
            seen.push(index);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, (250..1000).collect::<Vec<_>>());
    let mut count = 0;
    ledger
        .entries(0, |_, _| {
            count += 1;
            if count == 300 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    assert_eq!(count, 300);
    assert!(ledger.entries(1000, |_, _| ControlFlow::Break(())).is_ok());
    assert!(ledger.entries(1001, |_, _| ControlFlow::Break(())).is_err());
}

#[test]
fn blobs_are_found_by_hash_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let blob = ledger.put_blob(b"a large list").unwrap();
    assert_eq!(ledger.put_blob(b"a large list").unwrap(), blob);
    assert_eq!(ledger.blob(&blob).unwrap(), b"a large list");
    let file = &files(&dir.path().join("blobs"))[0];
    flip(file, 3);
    assert_eq!(
        ledger.blob(&blob).unwrap_err().code(),
        "ledger.blob-damaged"
    );
    // Storing it again heals it.
    ledger.put_blob(b"a large list").unwrap();
    assert_eq!(ledger.blob(&blob).unwrap(), b"a large list");
    fs::remove_file(file).unwrap();
    assert_eq!(
        ledger.blob(&blob).unwrap_err().code(),
        "ledger.blob-missing"
    );
}

#[test]
fn closed_ledger_refuses_appends_of_all_clones() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let clone = ledger.clone();
    ledger.append(Batch::entry(vec![1])).unwrap();
    ledger.close().unwrap();
    let refused = clone.append(Batch::entry(vec![2]));
    assert_eq!(refused.unwrap_err().code(), "ledger.closed");
    assert_eq!(clone.entry(0).unwrap(), [1]);
}

/// A signature may take long: the device's own log may have to be stored first, here.
#[test]
fn signer_may_wait_for_appends_of_others() {
    struct AppendsFirst<'l>(&'l Ledger, TestSigner);
    impl CheckpointSigner for AppendsFirst<'_> {
        fn key_name(&self) -> &str {
            self.1.key_name()
        }
        fn key_id(&self) -> [u8; 4] {
            self.1.key_id()
        }
        fn sign(&self, note_text: &[u8]) -> Result<Vec<u8>, String> {
            thread::scope(|scope| {
                let many = scope.spawn(|| {
                    // More than a segment of the journal and a tile.
                    for number in 0..600_u32 {
                        let entry = [number.to_be_bytes(); 64].concat();
                        self.0.append(Batch::entry(entry)).unwrap();
                    }
                });
                many.join().unwrap();
            });
            self.1.sign(note_text)
        }
    }
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    let ledger = Ledger::open(dir.path(), small_segments(), None)
        .unwrap()
        .start(Box::new(NoProjection), 0, &mut |_, _| {})
        .unwrap();
    ledger.append(Batch::entry(b"first".to_vec())).unwrap();
    ledger
        .checkpoint(&AppendsFirst(&ledger, TestSigner::new(1)))
        .unwrap();
    assert_eq!(ledger.size(), 601);
    ledger.checkpoint(&TestSigner::new(1)).unwrap();
    ledger.verify_all(&mut |_, _| {}).unwrap();
}
