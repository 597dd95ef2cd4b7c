//! Disks that fill up, fail, or lie; observers that fail.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use kasane_ledger::disk::{Disk, RealDisk};
use kasane_ledger::{Batch, Error, Ledger, Observer, Options};

use crate::common::*;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Fault {
    None,
    /// Space ends when it is reserved.
    FullAtReserve,
    /// Space ends in the middle of a write, on a disk that cannot reserve.
    FullAtWrite,
    /// Space ends in the middle of a write, and what was written cannot be taken back.
    FullForGood,
    WriteFails,
    SyncFails,
    FullForTiles,
    TileSyncFails,
    /// As many files are open as may be.
    NoDescriptorForTiles,
    NoDescriptorAtSync,
}

#[derive(Debug, Default)]
struct FaultyDisk {
    fault: AtomicU8,
    refused: AtomicU64,
    /// Files that were to be synced and were not.
    unsynced: Mutex<BTreeSet<PathBuf>>,
}

impl FaultyDisk {
    fn set(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }

    fn has(&self, fault: Fault) -> bool {
        let has = self.fault.load(Ordering::SeqCst) == fault as u8;
        self.refused.fetch_add(u64::from(has), Ordering::SeqCst);
        has
    }
}

fn full() -> io::Result<()> {
    Err(io::ErrorKind::StorageFull.into())
}

fn no_descriptor() -> io::Result<()> {
    Err(rustix::io::Errno::MFILE.into())
}

fn broken() -> io::Result<()> {
    Err(io::Error::other("medium failed"))
}

impl Disk for FaultyDisk {
    fn reserve(&self, file: &File, offset: u64, length_bytes: u64) -> io::Result<()> {
        if self.has(Fault::FullAtReserve) {
            return full();
        }
        RealDisk.reserve(file, offset, length_bytes)
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let part = &bytes[..bytes.len() / 2];
        if self.has(Fault::FullAtWrite) || self.has(Fault::FullForGood) {
            RealDisk.write_at(file, part, offset)?;
            return full();
        }
        if self.has(Fault::WriteFails) {
            RealDisk.write_at(file, part, offset)?;
            return broken();
        }
        RealDisk.write_at(file, bytes, offset)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        if self.has(Fault::SyncFails) {
            return broken();
        }
        RealDisk.sync_data(file)
    }

    fn truncate(&self, file: &File, length_bytes: u64) -> io::Result<()> {
        if self.has(Fault::FullForGood) {
            return broken();
        }
        RealDisk.truncate(file, length_bytes)
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.has(Fault::NoDescriptorForTiles) {
            return no_descriptor();
        }
        if self.has(Fault::FullForTiles) {
            return full();
        }
        RealDisk.create(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.has(Fault::FullForTiles) {
            return full();
        }
        RealDisk.replace(path, bytes)
    }

    fn sync_files(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        if self.has(Fault::TileSyncFails) {
            return broken();
        }
        let mut unsynced = self.unsynced.lock().unwrap();
        if self.has(Fault::NoDescriptorAtSync) {
            unsynced.extend(files.iter().cloned());
            return no_descriptor();
        }
        unsynced.retain(|path| !files.contains(path));
        RealDisk.sync_files(root, files)
    }
}

fn faulty(dir: &Path) -> (Ledger, Arc<FaultyDisk>) {
    let disk = Arc::new(FaultyDisk::default());
    let options = Options {
        disk: Arc::clone(&disk) as Arc<dyn Disk>,
        ..Options::default()
    };
    Ledger::create(dir, ORIGIN, options.clone()).unwrap();
    (start_with(dir, options), disk)
}

#[test]
fn full_disk_refuses_keeps_nothing_and_goes_on_when_there_is_space() {
    for fault in [Fault::FullAtReserve, Fault::FullAtWrite] {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, disk) = faulty(dir.path());
        if fault == Fault::FullAtWrite {
            append_many(&ledger, 10);
        }
        let head = ledger.head();
        disk.set(fault);
        for _ in 0..3 {
            let error = ledger.append(Batch::entry(vec![9; 60_000])).unwrap_err();
            assert_eq!(error.code(), "ledger.disk-full", "{fault:?}");
        }
        assert!(disk.refused.load(Ordering::SeqCst) >= 3);
        assert_eq!(ledger.head(), head);
        disk.set(Fault::None);
        append_many(&ledger, 300);
        let head = ledger.head();
        drop(ledger);
        assert_eq!(open(dir.path()).unwrap().head(), head, "{fault:?}");
    }
}

#[test]
fn failed_write_is_not_durable_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = faulty(dir.path());
    append_many(&ledger, 10);
    disk.set(Fault::WriteFails);
    let error = ledger.append(Batch::entry(vec![1])).unwrap_err();
    assert_eq!(error.code(), "ledger.not-durable");
    disk.set(Fault::None);
    append_many(&ledger, 10);
    drop(ledger);
    assert_eq!(open(dir.path()).unwrap().size(), 20);
}

#[test]
fn unknown_state_on_disk_stops_the_ledger_until_it_is_opened_again() {
    for (fault, code) in [
        (Fault::SyncFails, "ledger.not-durable"),
        (Fault::FullForGood, "ledger.disk-full"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, disk) = faulty(dir.path());
        append_many(&ledger, 10);
        disk.set(fault);
        assert_eq!(
            ledger.append(Batch::entry(vec![1])).unwrap_err().code(),
            code
        );
        disk.set(Fault::None);
        let stopped =
            |result: Result<_, Error>| assert_eq!(result.unwrap_err().code(), "ledger.stopped");
        stopped(ledger.append(Batch::entry(vec![1])).map(drop));
        stopped(ledger.checkpoint(&TestSigner::new(1)).map(drop));
        // What was durable before can still be read.
        assert_eq!(ledger.entry(9).unwrap(), entry(9));
        stopped(ledger.close());
        let ledger = start(dir.path());
        // The failed entry may be there or not; all before it are.
        assert!((10..=11).contains(&ledger.size()));
        assert_eq!(ledger.entry(9).unwrap(), entry(9));
        append_many(&ledger, 10);
        ledger.verify_all(&mut |_, _| {}).unwrap();
    }
}

#[test]
fn tiles_wait_in_memory_while_the_disk_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = faulty(dir.path());
    let signer = TestSigner::new(1);
    append_many(&ledger, 100);
    let old = ledger.checkpoint(&signer).unwrap();
    disk.set(Fault::FullForTiles);
    append_many(&ledger, 1000);
    let size = ledger.size();
    assert!(!dir.path().join("tile/entries/000").exists());
    for index in [0, 300, 1099] {
        assert_eq!(ledger.entry(index).unwrap(), entry(index));
        ledger.prove_inclusion(index, size).unwrap();
    }
    let error = ledger.checkpoint(&signer).unwrap_err();
    assert_eq!(error.code(), "ledger.disk-full");
    assert_eq!(ledger.latest_checkpoint(), Some(old));
    disk.set(Fault::None);
    ledger.checkpoint(&signer).unwrap();
    assert!(dir.path().join("tile/entries/003").exists());
    ledger.verify_all(&mut |_, _| {}).unwrap();
}

#[test]
fn want_of_descriptors_stops_nothing() {
    for fault in [Fault::NoDescriptorForTiles, Fault::NoDescriptorAtSync] {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, disk) = faulty(dir.path());
        let signer = TestSigner::new(1);
        append_many(&ledger, 100);
        disk.set(fault);
        append_many(&ledger, 1000);
        let error = ledger.checkpoint(&signer).unwrap_err();
        assert_eq!(error.code(), "ledger.io", "{fault:?}");
        assert!(!dir.path().join("checkpoint").exists());
        append_many(&ledger, 300);
        let was_refused = !disk.unsynced.lock().unwrap().is_empty();
        assert_eq!(was_refused, fault == Fault::NoDescriptorAtSync);
        disk.set(Fault::None);
        ledger.checkpoint(&signer).unwrap();
        // Before the journal below them is dropped.
        assert!(disk.unsynced.lock().unwrap().is_empty());
        ledger.verify_all(&mut |_, _| {}).unwrap();
        drop(ledger);
        disk.set(Fault::NoDescriptorForTiles);
        let options = Options {
            disk: Arc::clone(&disk) as Arc<dyn Disk>,
            ..Options::default()
        };
        assert_eq!(start_with(dir.path(), options).size(), 1400);
    }
}

#[test]
fn failed_sync_of_tiles_publishes_no_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = faulty(dir.path());
    append_many(&ledger, 300);
    disk.set(Fault::TileSyncFails);
    let error = ledger.checkpoint(&TestSigner::new(1)).unwrap_err();
    assert_eq!(error.code(), "ledger.not-durable");
    assert!(!dir.path().join("checkpoint").exists());
    assert_eq!(
        ledger.append(Batch::entry(vec![1])).unwrap_err().code(),
        "ledger.stopped"
    );
    drop(ledger);
    assert_eq!(open(dir.path()).unwrap().size(), 300);
}

/// Fails or panics at an index.
struct Failing {
    at: u64,
    panics: bool,
}

impl Observer for Failing {
    fn committed(&mut self, first_index: u64, entries: &[Vec<u8>]) -> Result<(), String> {
        if first_index + entries.len() as u64 <= self.at {
            return Ok(());
        }
        assert!(!self.panics, "panic in the projection");
        Err("disk of the projection is gone".to_owned())
    }
}

#[test]
fn failed_observer_leaves_the_entry_durable_and_stops() {
    for panics in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        drop(create(dir.path()));
        let observer = Box::new(Failing { at: 10, panics });
        let ledger = open(dir.path())
            .unwrap()
            .start(observer, 0, &mut |_, _| {})
            .unwrap();
        append_many(&ledger, 10);
        let error = ledger.append(Batch::entry(entry(10))).unwrap_err();
        assert_eq!(error.code(), "ledger.observer");
        let refused = ledger.append(Batch::entry(entry(11))).unwrap_err();
        assert_eq!(refused.code(), "ledger.stopped");
        drop(ledger);
        let again = open(dir.path()).unwrap();
        assert_eq!(again.size(), 11);
        if !panics {
            let refused = again.start(Box::new(Failing { at: 10, panics }), 0, &mut |_, _| {});
            assert_eq!(refused.unwrap_err().code(), "ledger.observer");
        }
    }
}

#[test]
fn signer_that_fails_leaves_the_old_checkpoint() {
    struct NoKey;
    impl kasane_ledger::CheckpointSigner for NoKey {
        fn key_name(&self) -> &str {
            ORIGIN
        }
        fn key_id(&self) -> [u8; 4] {
            [0; 4]
        }
        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, String> {
            Err("device is locked".to_owned())
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let note = ledger.checkpoint(&TestSigner::new(1)).unwrap();
    append_many(&ledger, 3);
    assert_eq!(
        ledger.checkpoint(&NoKey).unwrap_err().code(),
        "ledger.signer"
    );
    assert_eq!(ledger.latest_checkpoint(), Some(note));
    append_many(&ledger, 3);
}
