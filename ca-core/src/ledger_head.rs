//! The newest signed checkpoint, kept beside the ledger as well as in it.
//!
//! Whoever can change the ledger's files could also remove its checkpoint, or put an older copy of
//! the whole ledger in its place. This second note is signed by the ledger's key, so it cannot be
//! made up, and a ledger that does not contain it is refused.

use std::path::PathBuf;

use kasane_ledger::OpenLedger;
use kasane_ledger::checkpoint::{Checkpoint, CheckpointVerifier};

use crate::Error;
use crate::folder::{DataFolder, FolderError, replace_durably};

/// The note beside the ledger.
#[derive(Clone, Debug)]
pub struct LedgerHead {
    path: PathBuf,
}

impl LedgerHead {
    /// That of a data folder.
    #[must_use]
    pub fn of(folder: &DataFolder) -> Self {
        Self {
            path: folder.ledger_head(),
        }
    }

    /// Notes a checkpoint, durably.
    ///
    /// # Errors
    /// [`FolderError::Io`].
    pub fn write(&self, note: &str) -> Result<(), FolderError> {
        replace_durably(&self.path, note.as_bytes()).map_err(|source| FolderError::Io {
            path: self.path.clone(),
            operation: "noting the newest checkpoint",
            source,
        })
    }

    /// Refuses a ledger that lacks its checkpoint or does not contain the one noted beside it.
    /// Without a verifier the note's signature is not checked.
    ///
    /// # Errors
    /// [`Error::Stopped`] says which is missing; [`Error::Ledger`] that the two do not fit.
    pub fn check(
        &self,
        opened: &OpenLedger,
        verifier: Option<&CheckpointVerifier>,
    ) -> Result<(), Error> {
        let missing = |what: String| Error::Stopped {
            reason: format!("{what} is gone: restore the whole data folder from a backup"),
        };
        if opened.size() > 0 && opened.latest_checkpoint().is_none() {
            return Err(missing("the ledger's checkpoint".to_owned()));
        }
        if opened.size() > 0 && !self.exists() {
            return Err(missing(self.path.display().to_string()));
        }
        self.check_note(opened, verifier)
    }

    /// Refuses a ledger that does not contain the checkpoint noted beside it; nothing is asked
    /// where there is no note.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the two do not fit; [`FolderError::Io`].
    pub fn check_note(
        &self,
        opened: &OpenLedger,
        verifier: Option<&CheckpointVerifier>,
    ) -> Result<(), Error> {
        if !self.exists() {
            return Ok(());
        }
        let note = std::fs::read_to_string(&self.path).map_err(|source| FolderError::Io {
            path: self.path.clone(),
            operation: "reading the note of the newest checkpoint",
            source,
        })?;
        let checkpoint = read(&note, verifier).map_err(kasane_ledger::Error::from)?;
        Ok(opened.check_head(checkpoint.head())?)
    }

    /// Whether there is a note.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.exists()
    }
}

fn read(
    note: &str,
    verifier: Option<&CheckpointVerifier>,
) -> Result<Checkpoint, kasane_ledger::checkpoint::NoteError> {
    match verifier {
        Some(verifier) => verifier.open(note),
        None => Checkpoint::from_text(&kasane_ledger::checkpoint::Note::parse(note)?.text),
    }
}
