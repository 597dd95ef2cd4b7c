//! What devices said of wrong PINs and passwords, kept in the data folder: a service that is started
//! again in a loop must not lock a token.
//!
//! `DIR/hsm-credentials/DEVICE.CREDENTIAL.toml` holds when and why a credential was refused and where
//! it came from, and nothing that was computed from it: a PIN has so few possibilities that any digest
//! of it gives it away. Whether it was corrected is told by its file's inode and modification time.
//!
//! - A refused credential is shown again once its file has changed, but not a third time in a row:
//!   some service managers copy credentials into a new file at each start.
//! - One from the environment or the terminal is not shown again.
//! - Two tries that ended without a clear answer, crashes included, count as a refusal.
//! - [`RefusedCredentials::forget`] ends each of these: people say that it may be tried.

mod note;
mod record;
mod source;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_hsm::DeviceName;
use kasane_hsm::config::{Credential, CredentialRecord};

use self::record::Record;
use crate::clock::Clock;

/// The folder in the data folder.
const FOLDER: &str = "hsm-credentials";

/// How names of notes end.
const NOTE: &str = ".toml";

/// The notes of one data folder.
#[derive(Clone)]
pub struct RefusedCredentials {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

impl RefusedCredentials {
    /// Those of the data folder `dir`. Nothing is made before something is to be noted.
    #[must_use]
    pub fn new(dir: &Path, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder: dir.join(FOLDER),
            clock,
        }
    }

    /// The record of one credential, as its source is now. The path of a file is resolved already;
    /// `name` consists of letters.
    #[must_use]
    pub fn record(
        &self,
        credential: &Credential,
        device: &DeviceName,
        name: &'static str,
    ) -> Arc<dyn CredentialRecord> {
        Arc::new(Record::new(
            &self.folder,
            credential,
            device,
            name,
            Arc::clone(&self.clock),
        ))
    }

    /// The credentials of a device may be tried again: people say so. Whether there was anything
    /// against one.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn forget(&self, device: &DeviceName) -> io::Result<bool> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // Names of devices hold no full stop.
        let prefix = format!("{device}.");
        let mut forgotten = false;
        for file in files {
            let file = file?;
            let name = file.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&prefix) && name.ends_with(NOTE) {
                record::remove(&file.path())?;
                forgotten = true;
            }
        }
        if forgotten {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(forgotten)
    }
}

impl std::fmt::Debug for RefusedCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefusedCredentials")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
