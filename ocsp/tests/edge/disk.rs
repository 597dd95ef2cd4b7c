//! A disk that fills up when told, and shows what is on it between two writes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use kasane_ledger::disk::{Disk, RealDisk};
use parking_lot::Mutex;

type Look = Box<dyn FnMut() + Send>;

/// The real one, until it is full.
#[derive(Default)]
pub(crate) struct SmallDisk {
    is_full: AtomicBool,
    is_broken: AtomicBool,
    is_unsynced: AtomicBool,
    look: Mutex<Option<Look>>,
}

impl SmallDisk {
    pub(crate) fn fill(&self) {
        self.is_full.store(true, Ordering::SeqCst);
    }

    pub(crate) fn make_space(&self) {
        self.is_full.store(false, Ordering::SeqCst);
    }

    /// Whether syncs fail.
    pub(crate) fn break_syncs(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// Whether a power cut would take what was written last.
    pub(crate) fn is_unsynced(&self) -> bool {
        self.is_unsynced.load(Ordering::SeqCst)
    }

    /// Looks before and after each operation; nothing is written meanwhile.
    pub(crate) fn watch(&self, look: Look) {
        *self.look.lock() = Some(look);
    }

    pub(crate) fn look_away(&self) {
        *self.look.lock() = None;
    }

    fn watched<T>(&self, operate: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let mut look = self.look.lock();
        if let Some(look) = &mut *look {
            look();
        }
        let done = operate();
        if let Some(look) = &mut *look {
            look();
        }
        done
    }

    fn check(&self) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl std::fmt::Debug for SmallDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmallDisk")
    }
}

impl Disk for SmallDisk {
    fn reserve(&self, file: &File, offset: u64, length_bytes: u64) -> io::Result<()> {
        self.check()?;
        RealDisk.reserve(file, offset, length_bytes)
    }

    /// A part is written, as on a real one.
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        if let Err(full) = self.check() {
            RealDisk.write_at(file, &bytes[..bytes.len() / 2], offset)?;
            return Err(full);
        }
        self.is_unsynced.store(true, Ordering::SeqCst);
        self.watched(|| RealDisk.write_at(file, bytes, offset))
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(io::Error::other("medium failed"));
        }
        self.watched(|| {
            RealDisk.sync_data(file)?;
            self.is_unsynced.store(false, Ordering::SeqCst);
            Ok(())
        })
    }

    fn truncate(&self, file: &File, length_bytes: u64) -> io::Result<()> {
        self.watched(|| RealDisk.truncate(file, length_bytes))
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        self.watched(|| RealDisk.create(path, bytes))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        self.watched(|| RealDisk.replace(path, bytes))
    }

    fn sync_files(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        RealDisk.sync_files(root, files)
    }
}
