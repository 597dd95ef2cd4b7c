//! The files.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{JournalRecord, Snapshot};
use crate::Error;

const SNAPSHOT: &str = "state.json";
const JOURNAL: &str = "log.journal";
const ROOT: &str = "attestation-root.pem";
const LOCK: &str = "lock";
/// A journal longer than this is folded into the snapshot.
const JOURNAL_LIMIT_BYTES: u64 = 1 << 20;

/// A folder that this process has alone, as long as this lives.
pub struct Folder {
    path: PathBuf,
    _lock: Lock,
    journal: File,
    journal_bytes: u64,
    sequence: u64,
}

impl Folder {
    /// Makes the folder (0700) if there is none, and takes it.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::Folder`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |reason| Error::Folder {
            path: path.to_owned(),
            reason,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
        let lock = file(&path.join(LOCK)).map_err(failed)?;
        let lock = Lock::try_take(lock).map_err(|error| match error {
            TryLockError::WouldBlock => Error::InUse {
                folder: path.to_owned(),
            },
            TryLockError::Error(reason) => failed(reason),
        })?;
        let journal = file(&path.join(JOURNAL)).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
            journal,
            journal_bytes: 0,
            sequence: 0,
        })
    }

    /// What was saved, and what happened to the log since; none in a new folder. A torn end of the
    /// journal is cut off: nobody was answered for it.
    ///
    /// # Errors
    /// [`Error::State`], [`Error::Folder`].
    pub fn load(&mut self) -> Result<Option<(Snapshot, Vec<JournalRecord>)>, Error> {
        let path = self.path.join(SNAPSHOT);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(Error::Folder { path, reason }),
        };
        let snapshot: Snapshot = serde_json::from_slice(&text).map_err(|error| Error::State {
            path: path.clone(),
            reason: format!("not a simulator's state: {error}"),
        })?;
        if snapshot.version != Snapshot::VERSION {
            return Err(Error::State {
                path,
                reason: format!("version {} is unknown", snapshot.version),
            });
        }
        self.sequence = snapshot.journal_sequence;
        let records = self.read_journal(snapshot.journal_sequence);
        records
            .map(|records| Some((snapshot, records)))
            .map_err(|reason| self.failed(JOURNAL, reason))
    }

    fn read_journal(&mut self, after: u64) -> io::Result<Vec<JournalRecord>> {
        let mut octets = Vec::new();
        self.journal.read_to_end(&mut octets)?;
        let mut records = Vec::new();
        let (chunks, _) = octets.as_chunks();
        for chunk in chunks {
            let Some((sequence, record)) = JournalRecord::decode(chunk) else {
                break;
            };
            self.journal_bytes += JournalRecord::BYTES as u64;
            if sequence > after {
                self.sequence = sequence;
                records.push(record);
            }
        }
        self.journal.set_len(self.journal_bytes)?;
        self.journal.sync_data()?;
        Ok(records)
    }

    /// Writes records; they are on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Folder`]: what is on disk is unknown.
    pub fn append(&mut self, records: &[JournalRecord]) -> Result<(), Error> {
        if records.is_empty() {
            return Ok(());
        }
        let mut octets = Vec::with_capacity(records.len() * JournalRecord::BYTES);
        for record in records {
            self.sequence += 1;
            octets.extend_from_slice(&record.encode(self.sequence));
        }
        self.journal_bytes += octets.len() as u64;
        self.journal
            .write_all(&octets)
            .and_then(|()| self.journal.sync_data())
            .map_err(|reason| self.failed(JOURNAL, reason))
    }

    /// Whether the journal is so long that a snapshot should take its place.
    #[must_use]
    pub const fn wants_snapshot(&self) -> bool {
        self.journal_bytes > JOURNAL_LIMIT_BYTES
    }

    /// Number of the last record.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Replaces the snapshot and empties the journal; on disk when this returns.
    ///
    /// # Errors
    /// [`Error::Folder`]: the old one or the new one is there.
    pub fn save(&mut self, snapshot: &Snapshot) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(snapshot).map_err(|error| Error::State {
            path: self.path.join(SNAPSHOT),
            reason: error.to_string(),
        })?;
        self.replace(SNAPSHOT, &text)?;
        // Records that are in the snapshot are passed over when this is interrupted.
        self.journal
            .set_len(0)
            .and_then(|()| self.journal.sync_data())
            .map_err(|reason| self.failed(JOURNAL, reason))?;
        self.journal_bytes = 0;
        Ok(())
    }

    /// Puts the attestation root where verifiers can be pointed at.
    ///
    /// # Errors
    /// [`Error::Folder`].
    pub fn save_root(&self, pem: &str) -> Result<(), Error> {
        self.replace(ROOT, pem.as_bytes())
    }

    fn replace(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let temporary = self.path.join(format!("{name}.new"));
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&temporary)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&temporary, self.path.join(name))?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|reason| self.failed(name, reason))
    }

    fn failed(&self, name: &str, reason: io::Error) -> Error {
        Error::Folder {
            path: self.path.join(name),
            reason,
        }
    }
}

/// The lock of the folder's owner, until dropped.
///
/// It is given back by name: closing the file is not enough where a child process has a copy of the
/// descriptor for the moment before its own program begins.
struct Lock(File);

impl Lock {
    fn try_take(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It would fail only for what was never locked.
        let _unlocked = self.0.unlock();
    }
}

/// For reading and appending, 0600.
fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_free_when_dropped_although_a_copy_of_the_descriptor_stays_open() {
        let path = tempfile::tempdir().unwrap();
        let folder = Folder::open(path.path()).unwrap();
        let _copy = folder._lock.0.try_clone().unwrap();
        let refused = Folder::open(path.path());
        assert!(matches!(refused, Err(Error::InUse { .. })));
        drop(folder);
        assert!(Folder::open(path.path()).is_ok());
    }
}
