//! Files that commands read and write.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_ca_core::Error;
use kasane_ca_core::request::{MAX_INPUT_BYTES, RequestError};
use kasane_web::control::{ExitClass, Problem};

/// A PKCS#10 request in base64, from a file or standard input (`-`).
pub(super) fn read_csr(path: &Path) -> Result<String, Problem> {
    if let Ok(metadata) = std::fs::metadata(path)
        && metadata.is_file()
        && metadata.len() > MAX_INPUT_BYTES as u64
    {
        let length_bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        return Err(Error::from(RequestError::TooLarge { length_bytes }).into());
    }
    let csr = read_bytes(path, MAX_INPUT_BYTES)?;
    if csr.len() > MAX_INPUT_BYTES {
        return Err(Error::from(RequestError::TooLarge {
            length_bytes: csr.len(),
        })
        .into());
    }
    Ok(STANDARD.encode(csr))
}

/// Text of at most `limit_bytes`, from a file or standard input (`-`).
pub(crate) fn read_text(path: &Path, limit_bytes: usize) -> Result<String, Problem> {
    let bytes = read_limited(path, limit_bytes)?;
    String::from_utf8(bytes).map_err(|_| {
        Problem::new(
            ExitClass::Refused,
            "file.text",
            format!("{}: is not UTF-8", path.display()),
        )
    })
}

/// At most `limit_bytes`, from a file or standard input (`-`).
pub(super) fn read_limited(path: &Path, limit_bytes: usize) -> Result<Vec<u8>, Problem> {
    let large = || {
        let message = format!("{}: has more than {limit_bytes} bytes", path.display());
        Err(Problem::new(ExitClass::Refused, "file.large", message))
    };
    // Before it is in memory, where that can be known.
    if std::fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() > limit_bytes as u64) {
        return large();
    }
    let bytes = read_bytes(path, limit_bytes)?;
    if bytes.len() > limit_bytes {
        return large();
    }
    Ok(bytes)
}

/// A new file, never over another, made before its content is asked for: what cannot be delivered
/// is not made. Dropped empty, it is removed again.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    file: File,
    filled: bool,
}

impl NewFile {
    pub(super) fn create(path: &Path) -> Result<Self, Problem> {
        Self::with_mode(path, 0o644)
    }

    /// For its owner alone.
    pub(super) fn private(path: &Path) -> Result<Self, Problem> {
        Self::with_mode(path, 0o600)
    }

    fn with_mode(path: &Path, mode: u32) -> Result<Self, Problem> {
        let file = File::options()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)
            .map_err(|error| Problem::file("writing", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            filled: false,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn fill(&mut self, content: &[u8]) -> Result<(), Problem> {
        self.file
            .write_all(content)
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Problem::file("writing", &self.path, &error))?;
        self.filled = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.filled
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            let path = self.path.display();
            tracing::warn!(%path, %error, "an empty file is left");
        }
    }
}

/// Up to one byte beyond the limit, which tells that there is more.
fn read_bytes(path: &Path, limit_bytes: usize) -> Result<Vec<u8>, Problem> {
    let failed = |error: std::io::Error| Problem::file("reading", path, &error);
    let limit = limit_bytes as u64 + 1;
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        File::open(path)
            .map_err(failed)?
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    Ok(bytes)
}
