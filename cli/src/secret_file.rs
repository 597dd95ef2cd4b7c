//! Files that hold one secret: readable by their owner alone, never written over.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kasane_web::control::Problem;
use zeroize::Zeroizing;

/// Longest secret, in bytes.
const MAX_BYTES: u64 = 4096;

/// Why a file gives no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretFileError {
    /// The file system refused.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read or change it.
    #[error("{path}: others have access (mode {mode:03o}), which is refused; only its owner may: chmod 600", path = .path.display())]
    Rights {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a secret but something else.
    #[error("{path}: has more than {MAX_BYTES} bytes", path = .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Nothing is in it.
    #[error("{path}: is empty", path = .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The secret in a file, without the line end that editors add.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretFileError> {
    let failed = |source| SecretFileError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(SecretFileError::Rights { path, mode });
    }
    // All of it at once: a buffer that grows leaves copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(4097));
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut secret)
        .map_err(failed)?;
    if secret.len() as u64 > MAX_BYTES {
        let path = path.to_owned();
        return Err(SecretFileError::TooLong { path });
    }
    while secret
        .last()
        .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
    {
        secret.pop();
    }
    if secret.is_empty() {
        let path = path.to_owned();
        return Err(SecretFileError::Empty { path });
    }
    Ok(secret)
}

/// Writes a secret and a line end into a file that must not exist, durably, mode 0600.
pub(crate) fn write_new(path: &Path, secret: &[u8]) -> Result<(), Problem> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(secret)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    write().map_err(|error| Problem::file("writing the secret", path, &error))
}
