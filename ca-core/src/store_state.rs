//! Whether the projection on disk may be believed.
//!
//! It is kept after a clean stop, or when the machine has not restarted since it was opened (a
//! killed process loses nothing that was handed to the operating system). Else it is made anew.

use std::fs::{self, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kasane_ledger::FileLock;
use kasane_ledger::disk::lacks_descriptor;

use crate::clock::boot_id;
use crate::folder::{DataFolder, replace_durably};
use crate::store::{SledTables, StoreError, Tables, WriteBehind};

const CLEAN: &str = "clean";

/// The form of rows and keys that this release writes; another form is rebuilt.
const FORMAT: &str = "10";

/// Who closed it a moment ago may still have it: a child process keeps a copy of each descriptor until
/// its own program begins.
const LOOKS: u32 = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The note beside the projection.
pub struct StoreState {
    store: PathBuf,
    note: PathBuf,
}

impl StoreState {
    /// The note of a data folder's projection.
    #[must_use]
    pub fn of(folder: &DataFolder) -> Self {
        Self {
            store: folder.store(),
            note: folder.path().join("store.state"),
        }
    }

    /// Opens the projection, or an empty one when it may not be believed or does not open.
    ///
    /// # Errors
    /// [`StoreError`] when not even an empty one opens.
    pub fn open(&self) -> Result<Arc<dyn Tables>, StoreError> {
        let boot = boot_id();
        let note = match fs::read_to_string(&self.note) {
            // Says nothing of the store.
            Err(error) if lacks_descriptor(&error) => return Err(failed("read its state")(error)),
            other => other.unwrap_or_default(),
        };
        let believed = note == format!("{FORMAT} {CLEAN}")
            || (!boot.is_empty() && note == format!("{FORMAT} {boot}"));
        self.ensure_unused()?;
        if !believed && self.store.exists() {
            tracing::warn!("the store was not closed cleanly: it is rebuilt from the ledger");
            self.remove()?;
        }
        let tables = match SledTables::open(&self.store) {
            Ok(tables) => tables,
            Err(error) => {
                tracing::warn!(%error, "the store does not open: it is rebuilt from the ledger");
                self.remove()?;
                SledTables::open(&self.store)?
            }
        };
        // Written before any row: from here on only this boot, or a clean stop, vouches for it.
        self.write(&boot)?;
        Ok(Arc::new(WriteBehind::new(Arc::new(tables))?))
    }

    /// What somebody else has open is neither damaged nor ours to remove.
    fn ensure_unused(&self) -> Result<(), StoreError> {
        let path = self.store.join("db");
        for _ in 0..LOOKS {
            match fs::File::open(&path).map(FileLock::try_take) {
                Ok(Err(TryLockError::WouldBlock)) => std::thread::sleep(LOOK_AGAIN),
                // What cannot be locked or opened otherwise is for the backend to judge.
                _ => return Ok(()),
            }
        }
        let path = path.display().to_string();
        Err(StoreError::InUse { path })
    }

    /// Removes the projection: the next start makes it anew.
    ///
    /// # Errors
    /// [`StoreError`] when the file system refuses.
    pub fn remove(&self) -> Result<(), StoreError> {
        match fs::remove_dir_all(&self.store) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("remove")(error))
            }
            _ => Ok(()),
        }
    }

    /// Called after the backend handed everything over: the note is written only once the files
    /// themselves are durable, because the backend's own flush is not.
    ///
    /// # Errors
    /// [`StoreError`] when the file system refuses.
    pub fn mark_clean(&self) -> Result<(), StoreError> {
        for entry in fs::read_dir(&self.store).map_err(failed("list"))? {
            let path = entry.map_err(failed("list"))?.path();
            if path.is_file() {
                fs::File::open(&path)
                    .and_then(|file| file.sync_all())
                    .map_err(failed("sync"))?;
            }
        }
        self.write(CLEAN)
    }

    /// Called when a start was interrupted: the next one goes on where it was, after a restart of the
    /// machine too. Rows and the count of applied entries were committed together. A failure is logged:
    /// then the projection is made anew.
    pub(crate) fn keep_begun(&self, tables: &dyn Tables) {
        if let Err(error) = tables.flush().and_then(|()| self.mark_clean()) {
            tracing::warn!(%error, "a restart of the machine makes the store anew");
        }
    }

    fn write(&self, state: &str) -> Result<(), StoreError> {
        replace_durably(&self.note, format!("{FORMAT} {state}").as_bytes())
            .map_err(failed("write its state"))
    }
}

fn failed(operation: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |error| StoreError::Backend {
        operation,
        reason: error.to_string(),
    }
}
