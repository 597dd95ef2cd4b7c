//! The data folder: what lies where, and who holds it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kasane_ledger::FileLock;

/// A data folder, held by this process until dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: FileLock,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Another process holds it.
    #[error("data folder {path}: another kasane process is using it; stop that one first, or talk to it through its socket", path = path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// Others than its owner may write into it.
    #[error("data folder {path}: group or others may write into it; run 'chmod go-w' on it first", path = path.display())]
    Open {
        /// The folder.
        path: PathBuf,
    },
    /// The file system failed.
    #[error("data folder {path}: {operation} failed: {source}", path = path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What was attempted.
        operation: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// There is no authority in it.
    #[error("data folder {path}: holds no authority yet; run 'kasane quickstart' or 'kasane ceremony'", path = path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl FolderError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "folder.in-use",
            Self::Open { .. } => "folder.open-to-others",
            Self::Io { .. } => "folder.io",
            Self::Empty { .. } => "folder.empty",
        }
    }
}

/// Replaces a file so that after a power cut it holds the old content or the new, whole.
///
/// # Errors
/// Those of the file system.
pub(crate) fn replace_durably(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let replace = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    if let Err(error) = replace() {
        // On a full disk the part would only take more of it.
        let _removed = fs::remove_file(&beside);
        return Err(error);
    }
    sync_parent(path)
}

/// Removes a file so that it is gone after a power cut as well; one that is not there is.
///
/// # Errors
/// Those of the file system.
pub(crate) fn remove_durably(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => sync_parent(path),
    }
}

pub(crate) fn sync_parent(path: &Path) -> std::io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

impl DataFolder {
    /// Takes an existing folder.
    ///
    /// # Errors
    /// [`FolderError::Empty`] when it holds no authority, [`FolderError::InUse`] when another
    /// process has it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        if !path.join("ledger").is_dir() {
            return Err(FolderError::Empty {
                path: path.to_owned(),
            });
        }
        Self::take(path)
    }

    /// Takes the folder, made with mode 0700 if it is not there.
    ///
    /// # Errors
    /// [`FolderError::InUse`] or [`FolderError::Io`].
    pub fn open_or_create(path: &Path) -> Result<Self, FolderError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| FolderError::Io {
                path: path.to_owned(),
                operation: "making it",
                source,
            })?;
        Self::take(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.path.join("ledger")
    }

    /// The newest signed checkpoint, noted beside the ledger.
    #[must_use]
    pub fn ledger_head(&self) -> PathBuf {
        self.path.join("ledger.head")
    }

    /// The projection.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Keys of the software backend.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Subject keys of the private log.
    #[must_use]
    pub fn subject_keys(&self) -> PathBuf {
        self.path.join("subject-keys")
    }

    /// The socket of a running service.
    #[must_use]
    pub fn socket(path: &Path) -> PathBuf {
        path.join("kasane.sock")
    }

    fn take(path: &Path) -> Result<Self, FolderError> {
        let failed = |operation| {
            move |source| FolderError::Io {
                path: path.to_owned(),
                operation,
                source,
            }
        };
        let mode = fs::metadata(path)
            .map_err(failed("looking at it"))?
            .permissions()
            .mode();
        if mode & 0o022 != 0 {
            return Err(FolderError::Open {
                path: path.to_owned(),
            });
        }
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(lock_path)
            .map_err(failed("opening its lock"))?;
        let mut lock = FileLock::try_take(lock).map_err(|error| match error {
            TryLockError::WouldBlock => FolderError::InUse {
                path: path.to_owned(),
            },
            TryLockError::Error(source) => failed("locking it")(source),
        })?;
        // For people who look: the process that holds it.
        let note = format!("{}\n", std::process::id());
        let written = lock
            .set_len(0)
            .and_then(|()| lock.write_all(note.as_bytes()));
        written.map_err(failed("writing its lock"))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }
}
