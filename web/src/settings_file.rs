//! Settings that an operator writes into a file of a data folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A file of this kind is small.
const MAX_BYTES: u64 = 256 * 1024;

/// Why settings are refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct BadSettings {
    /// The file.
    pub path: PathBuf,
    /// What is wrong and what to write.
    pub reason: String,
}

/// Reads the file and has `parse` make something of it; none when there is no file.
pub(crate) fn load<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, BadSettings> {
    let failed = |reason: String| BadSettings {
        path: path.to_owned(),
        reason,
    };
    let unreadable = |error: std::io::Error| failed(format!("cannot be read: {error}"));
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(found) if found.len() > MAX_BYTES => {
            return Err(failed(format!("has more than {MAX_BYTES} octets")));
        }
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    parse(&text).map(Some).map_err(failed)
}
