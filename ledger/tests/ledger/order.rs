//! What is synced before what: acknowledgement after the journal, checkpoint after its files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use kasane_ledger::disk::{Disk, RealDisk};
use kasane_ledger::{Batch, Ledger, Options};
use parking_lot::Mutex;

use crate::common::*;

/// A disk that remembers what is not durable yet, and is slow to sync.
#[derive(Debug, Default)]
struct WatchedDisk {
    seen: Mutex<Seen>,
    sync_takes: Duration,
}

#[derive(Debug, Default)]
struct Seen {
    journal_dirty: bool,
    journal_syncs: u64,
    unsynced: BTreeSet<PathBuf>,
    /// Files that were not durable when a checkpoint was published.
    published_early: Vec<PathBuf>,
}

impl Disk for WatchedDisk {
    fn reserve(&self, file: &File, offset: u64, length_bytes: u64) -> io::Result<()> {
        RealDisk.reserve(file, offset, length_bytes)
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.seen.lock().journal_dirty = true;
        RealDisk.write_at(file, bytes, offset)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        thread::sleep(self.sync_takes);
        RealDisk.sync_data(file)?;
        let mut seen = self.seen.lock();
        seen.journal_dirty = false;
        seen.journal_syncs += 1;
        Ok(())
    }

    fn truncate(&self, file: &File, length_bytes: u64) -> io::Result<()> {
        RealDisk.truncate(file, length_bytes)
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.seen.lock().unsynced.insert(path.to_path_buf());
        RealDisk.create(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if path.ends_with("checkpoint") {
            let mut seen = self.seen.lock();
            let early: Vec<PathBuf> = seen.unsynced.iter().cloned().collect();
            seen.published_early.extend(early);
        }
        RealDisk.replace(path, bytes)
    }

    fn sync_files(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        RealDisk.sync_files(root, files)?;
        let mut seen = self.seen.lock();
        files.iter().for_each(|file| {
            seen.unsynced.remove(file);
        });
        Ok(())
    }
}

fn watched(dir: &Path, sync_takes: Duration) -> (Ledger, Arc<WatchedDisk>) {
    let disk = Arc::new(WatchedDisk {
        sync_takes,
        ..WatchedDisk::default()
    });
    let options = Options {
        disk: Arc::clone(&disk) as Arc<dyn Disk>,
        ..Options::default()
    };
    Ledger::create(dir, ORIGIN, options.clone()).unwrap();
    (start_with(dir, options), disk)
}

#[test]
fn append_returns_only_after_its_sync() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = watched(dir.path(), Duration::from_millis(1));
    for n in 1..=20 {
        append_many(&ledger, 1);
        let seen = disk.seen.lock();
        assert!(!seen.journal_dirty);
        assert_eq!(seen.journal_syncs, n);
    }
}

#[test]
fn callers_that_wait_together_share_a_sync() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = watched(dir.path(), Duration::from_millis(100));
    let barrier = Arc::new(Barrier::new(32));
    let threads: Vec<_> = (0..32_u8)
        .map(|n| {
            let (ledger, barrier) = (ledger.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                ledger.append(Batch::entry(vec![n])).unwrap();
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(ledger.size(), 32);
    let syncs = disk.seen.lock().journal_syncs;
    assert!(syncs <= 8, "{syncs} syncs for 32 callers");
}

#[test]
fn checkpoint_is_published_only_after_its_files_are_durable() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, disk) = watched(dir.path(), Duration::ZERO);
    for count in [1, 300, 20_000, 7] {
        append_many(&ledger, count);
        ledger.checkpoint(&TestSigner::new(1)).unwrap();
        let seen = disk.seen.lock();
        assert!(seen.unsynced.is_empty(), "{:?}", seen.unsynced);
        assert!(
            seen.published_early.is_empty(),
            "{:?}",
            seen.published_early
        );
    }
}
