//! Changed bytes are found and named.

use std::fs;
use std::path::{Path, PathBuf};

use kasane_ledger::{Error, Ledger};

use crate::common::*;

/// A closed ledger of 600 entries, and its folder.
fn closed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    append_many(&ledger, 600);
    ledger.checkpoint(&TestSigner::new(1)).unwrap();
    ledger.close().unwrap();
    dir
}

fn tampered(error: &Error) -> (u64, PathBuf) {
    match error {
        Error::Tampered { index, file, .. } => (*index, file.clone()),
        other => panic!("expected a named entry, got {other}"),
    }
}

/// Offset in a bundle of the first content byte of an entry.
fn offset_in_bundle(index: u64) -> usize {
    let first = index - index % 256;
    (first..index).map(|i| 2 + entry(i).len()).sum::<usize>() + 2
}

#[test]
fn every_entry_of_a_bundle_is_named_when_changed() {
    let dir = closed();
    let ledger = start(dir.path());
    let bundle = dir.path().join("tile/entries/000");
    for index in [0, 1, 77, 255] {
        // The content, and the length before it.
        for back in [0, 1] {
            let at = offset_in_bundle(index) - back;
            flip(&bundle, at);
            let error = ledger.verify_all(&mut |_, _| {}).unwrap_err();
            assert_eq!(tampered(&error), (index, bundle.clone()), "back {back}");
            assert_eq!(error.code(), "ledger.tampered");
            flip(&bundle, at);
        }
    }
    ledger.verify_all(&mut |_, _| {}).unwrap();
}

#[test]
fn changed_bundle_is_not_served() {
    let dir = closed();
    let ledger = start(dir.path());
    flip(&dir.path().join("tile/entries/000"), offset_in_bundle(9));
    assert_eq!(tampered(&ledger.entry(9).unwrap_err()).0, 9);
}

#[test]
fn every_hash_of_a_tile_is_named_when_changed() {
    let dir = closed();
    let ledger = start(dir.path());
    let tile = dir.path().join("tile/0/001");
    for hash in [0, 3, 255] {
        flip(&tile, hash * 32 + 5);
        let error = ledger.verify_all(&mut |_, _| {}).unwrap_err();
        assert_eq!(tampered(&error), (256 + hash as u64, tile.clone()));
        flip(&tile, hash * 32 + 5);
    }
    ledger.verify_all(&mut |_, _| {}).unwrap();
}

#[test]
fn scrub_names_the_entry_and_stops_appends() {
    let dir = closed();
    let ledger = start(dir.path());
    let step = ledger.scrub_step(1).unwrap();
    assert_eq!((step.checked, step.total, step.complete), (256, 512, false));
    assert!(ledger.scrub_step(1).unwrap().complete);
    let bundle = dir.path().join("tile/entries/001");
    flip(&bundle, offset_in_bundle(300));
    assert_eq!(ledger.scrub_step(1).unwrap().checked, 256);
    let error = ledger.scrub_step(1).unwrap_err();
    assert_eq!(tampered(&error), (300, bundle));
    let refused = ledger.append(kasane_ledger::Batch::entry(vec![1]));
    assert_eq!(refused.unwrap_err().code(), "ledger.stopped");
}

#[test]
fn open_notices_every_file_at_the_right_edge() {
    let edge = [
        ("tile/entries/001", offset_in_bundle(300), 300),
        ("tile/entries/002.p/88", offset_in_bundle(520), 520),
        ("tile/0/000", 40, 1),
        ("tile/0/001", 40, 257),
    ];
    for (name, at, index) in edge {
        let dir = closed();
        let file = dir.path().join(name);
        flip(&file, at);
        match open(dir.path()).unwrap_err() {
            Error::Tampered { index: found, .. } => assert_eq!(found, index, "{name}"),
            other => panic!("{name}: {other}"),
        }
        flip(&file, at);
        open(dir.path()).unwrap();
    }
}

#[test]
fn verify_names_partial_files_of_the_checkpoint() {
    for (name, at, index) in [
        ("tile/0/002.p/88", 33, 513),
        ("tile/1/000.p/2", 33, 256),
        ("tile/entries/002.p/88", offset_in_bundle(520), 520),
    ] {
        let dir = closed();
        let ledger = start(dir.path());
        let file = dir.path().join(name);
        flip(&file, at);
        let error = ledger.verify_all(&mut |_, _| {}).unwrap_err();
        assert_eq!(tampered(&error), (index, file));
    }
}

#[test]
fn changed_journal_bytes_are_named_by_open_and_verify() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let content = |index: u64| format!("entry number {index:03}").into_bytes();
    for index in 0..20 {
        let batch = kasane_ledger::Batch::entry(content(index));
        ledger.append(batch).unwrap();
    }
    let segment = dir.path().join("journal/000000000000");
    let bytes = fs::read(&segment).unwrap();
    for index in [0, 7, 19] {
        let content = content(index);
        let at = bytes.windows(content.len()).position(|w| w == content);
        let at = at.unwrap();
        // The last byte of the content, and the first of the record's header.
        for at in [at + content.len() - 1, at - 9] {
            flip(&segment, at);
            let error = ledger.verify_all(&mut |_, _| {}).unwrap_err();
            assert_eq!(tampered(&error), (index, segment.clone()));
            let copied = tempfile::tempdir().unwrap();
            copy(dir.path(), copied.path());
            assert_eq!(tampered(&open(copied.path()).unwrap_err()).0, index);
            flip(&segment, at);
        }
    }
    ledger.verify_all(&mut |_, _| {}).unwrap();
}

#[test]
fn removed_and_foreign_parts_are_refused() {
    let refused = |change: &dyn Fn(&Path), code: &str| {
        let dir = closed();
        change(dir.path());
        assert_eq!(open(dir.path()).unwrap_err().code(), code);
    };
    // An older state of the folder under a newer checkpoint, and the other way round.
    let older = |name: &'static str| {
        move |dir: &Path| {
            let copied = tempfile::tempdir().unwrap();
            copy(dir, copied.path());
            let ledger = start(dir);
            append_many(&ledger, 5);
            ledger.checkpoint(&TestSigner::new(1)).unwrap();
            drop(ledger);
            for file in files(&copied.path().join(name)) {
                let target = dir.join(file.strip_prefix(copied.path()).unwrap());
                fs::copy(&file, target).unwrap();
            }
            fs::remove_file(dir.join("acknowledged")).unwrap();
        }
    };
    refused(&older("journal"), "ledger.shorter");
    refused(
        &|dir| fs::remove_file(dir.join("tile/0/000")).unwrap(),
        "ledger.tampered",
    );
    refused(
        &|dir| fs::remove_file(dir.join("tile/entries/001")).unwrap(),
        "ledger.tampered",
    );
    refused(
        &|dir| fs::remove_dir_all(dir.join("tile/entries/002.p")).unwrap(),
        "ledger.tampered",
    );
    refused(
        &|dir| {
            files(&dir.join("journal"))
                .iter()
                .for_each(|f| fs::remove_file(f).unwrap())
        },
        "ledger.format",
    );
    refused(
        &|dir| fs::write(dir.join("checkpoint"), "no note").unwrap(),
        "ledger.checkpoint",
    );
    refused(
        &|dir| flip(&dir.join("checkpoint"), 30),
        "ledger.checkpoint",
    );
    refused(
        &|dir| fs::write(dir.join("mark"), "?").unwrap(),
        "ledger.format",
    );
    refused(
        &|dir| fs::write(dir.join("ledger"), "kasane-ledger 2\nx\n").unwrap(),
        "ledger.format",
    );
    refused(
        &|dir| fs::write(dir.join("ledger"), "kasane-ledger 1\nother.example\n").unwrap(),
        "ledger.checkpoint",
    );
}

#[test]
fn checkpoint_of_another_key_is_refused() {
    let dir = closed();
    let other = TestSigner::new(2).verifier();
    let error = Ledger::open(dir.path(), small_segments(), Some(&other)).unwrap_err();
    assert_eq!(error.code(), "ledger.checkpoint");
}

#[test]
fn entries_added_while_closed_are_refused() {
    let dir = closed();
    let mark = fs::read(dir.path().join("mark")).unwrap();
    let ledger = start(dir.path());
    append_many(&ledger, 1);
    drop(ledger);
    fs::write(dir.path().join("mark"), mark).unwrap();
    assert_eq!(tampered(&open(dir.path()).unwrap_err()).0, 600);
}

#[test]
fn damaged_private_record_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let bytes = b"private".to_vec();
    let private = vec![kasane_ledger::PrivateRecord { bytes }; 300];
    ledger
        .append(kasane_ledger::Batch {
            entries: vec![],
            private,
        })
        .unwrap();
    let file = dir.path().join("private/000");
    flip(&file, 15 * 9 + 10);
    assert_eq!(
        ledger.private_record(9).unwrap_err().code(),
        "ledger.private-damaged"
    );
    match ledger.verify_all(&mut |_, _| {}) {
        Err(Error::PrivateDamaged {
            index: 9,
            file: found,
            ..
        }) => assert_eq!(found, file),
        other => panic!("{other:?}"),
    }
}
