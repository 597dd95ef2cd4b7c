//! Files that commands read and write.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

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
pub(super) fn read_text(path: &Path, limit_bytes: usize) -> Result<String, Problem> {
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
    let bytes = read_bytes(path, limit_bytes)?;
    if bytes.len() > limit_bytes {
        let message = format!("{}: has more than {limit_bytes} bytes", path.display());
        return Err(Problem::new(ExitClass::Refused, "file.large", message));
    }
    Ok(bytes)
}

/// Writes a new file; never over another.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), Problem> {
    let write = || -> std::io::Result<()> {
        let mut options = File::options();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|error| Problem::file("writing", path, &error))
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
