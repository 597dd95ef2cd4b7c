//! Whether the disks have room for another certificate.

use std::path::PathBuf;

use crate::Error;
use crate::folder::DataFolder;

/// Kept free for revocations, CRLs and checkpoints, and because a store that meets a full disk in
/// the middle of a write is of no use until it is rebuilt. Nothing here grows by so much between two
/// certificates: a journal segment, a page file of the store.
const RESERVED_BYTES: u64 = 32 * 1024 * 1024;

/// The folders that grow with each certificate.
#[derive(Debug)]
pub(super) struct Room(Vec<PathBuf>);

impl Room {
    pub(super) fn of(folder: &DataFolder) -> Self {
        Self(vec![folder.ledger(), folder.store()])
    }

    /// # Errors
    /// [`Error::DiskFull`] for the first folder whose file system has less than the reserve.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_for(0)
    }

    /// The same for what is about to take `bytes`.
    pub(super) fn check_for(&self, bytes: u64) -> Result<(), Error> {
        let reserved_bytes = RESERVED_BYTES.saturating_add(bytes);
        for path in &self.0 {
            // A file system that does not tell is asked by writing to it.
            let Ok(disk) = rustix::fs::statvfs(path) else {
                continue;
            };
            let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
            if free_bytes < reserved_bytes {
                return Err(Error::DiskFull {
                    path: path.clone(),
                    free_bytes,
                    reserved_bytes,
                });
            }
        }
        Ok(())
    }
}
