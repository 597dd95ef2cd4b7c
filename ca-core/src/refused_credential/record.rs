//! The note of one credential, in its file.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_hsm::DeviceName;
use kasane_hsm::config::{Credential, CredentialHindrance, CredentialRecord, TryOutcome};
use parking_lot::Mutex;

use super::NOTE;
use super::note::Note;
use super::source::Source;
use crate::clock::Clock;
use crate::folder::replace_durably;

/// Longest note, in bytes.
const MAX_BYTES: u64 = 65_536;

/// How long another process may take to show its credential to the device.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The record of one credential.
pub(super) struct Record {
    folder: PathBuf,
    path: PathBuf,
    lock_path: PathBuf,
    device: DeviceName,
    source: Source,
    clock: Arc<dyn Clock>,
    /// Held while the device is asked.
    trying: Mutex<Option<File>>,
}

impl Record {
    pub(super) fn new(
        folder: &Path,
        credential: &Credential,
        device: &DeviceName,
        name: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            path: folder.join(format!("{device}.{name}{NOTE}")),
            lock_path: folder.join(format!("{device}.{name}.lock")),
            device: device.clone(),
            source: Source::now(credential),
            clock,
            trying: Mutex::new(None),
        }
    }

    /// The note, empty if there is none.
    fn read(&self) -> Result<Note, CredentialHindrance> {
        let unread = |reason: String| {
            CredentialHindrance::Refused(format!(
                "what is known of it cannot be read ({}: {reason}), so it is not tried; see that it \
                 is right, then 'kasane hsm enable {}' has it tried once",
                self.path.display(),
                self.device
            ))
        };
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Note::default()),
            Err(error) => return Err(unread(error.to_string())),
        };
        let mut text = String::new();
        file.take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| unread(error.to_string()))?;
        toml::from_str(&text).map_err(|error| unread(error.message().to_owned()))
    }

    fn permitted(&self) -> Result<Note, CredentialHindrance> {
        let note = self.read()?;
        match note.hindrance(&self.source, self.device.as_str()) {
            Some(reason) => Err(CredentialHindrance::Refused(reason)),
            None => Ok(note),
        }
    }

    /// Durable when it returns.
    fn write(&self, note: &Note) -> io::Result<()> {
        if note.is_empty() {
            return match remove(&self.path)? {
                true => File::open(&self.folder)?.sync_all(),
                false => Ok(()),
            };
        }
        self.make_folder()?;
        let text = toml::to_string(note).map_err(io::Error::other)?;
        replace_durably(&self.path, text.as_bytes())
    }

    fn make_folder(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
    }

    /// Keeps other processes from showing the same credential.
    fn lock(&self) -> Result<File, CredentialHindrance> {
        let failed = |error: io::Error| self.cannot_note(&error);
        self.make_folder().map_err(failed)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.lock_path)
            .map_err(failed)?;
        let end = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(LOOK_AGAIN);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(CredentialHindrance::NotNow(
                        "another process is just showing it to the device".to_owned(),
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }

    fn cannot_note(&self, error: &io::Error) -> CredentialHindrance {
        CredentialHindrance::NotNow(format!(
            "it is not tried while a refusal could not be noted: {}: {error}",
            self.path.display()
        ))
    }
}

impl CredentialRecord for Record {
    fn check(&self) -> Result<(), CredentialHindrance> {
        self.permitted().map(|_| ())
    }

    fn begin(&self) -> Result<(), CredentialHindrance> {
        let lock = self.lock()?;
        let mut note = self.permitted()?;
        if self.source.has_changed_since() {
            return Err(CredentialHindrance::Refused(format!(
                "the {} was changed since this process read it; start the process again",
                self.source
            )));
        }
        note.begin();
        note.source = self.source.to_string();
        self.write(&note)
            .map_err(|error| self.cannot_note(&error))?;
        *self.trying.lock() = Some(lock);
        Ok(())
    }

    fn end(&self, outcome: TryOutcome<'_>) {
        // Let go of when everything is written.
        let lock = self.trying.lock().take();
        let mut note = match (self.read(), outcome) {
            (Ok(note), _) => note,
            // Of a credential that is right nothing else is of interest.
            (Err(_), TryOutcome::Accepted) => Note::default(),
            (Err(_), _) => return,
        };
        match outcome {
            TryOutcome::Accepted => note = Note::default(),
            TryOutcome::Refused(reason) => note.refuse(&self.source, self.clock.now(), reason),
            // What has begun stands.
            TryOutcome::Unclear => return,
            TryOutcome::NotLookedAt if lock.is_some() => note.take_back(),
            TryOutcome::NotLookedAt => return,
        }
        if let Err(error) = self.write(&note) {
            tracing::error!(
                device.name = %self.device, path = %self.path.display(), %error,
                "what the device said of its credential could not be noted; what was noted before stands"
            );
        }
    }
}

/// Removes a note; whether there was one.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
