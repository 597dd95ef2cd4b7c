//! Sockets below folders whose names are too long for a socket address.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// `sun_path` has 108 bytes on Linux, the last one a zero.
const MAX_ADDRESS_BYTES: usize = 107;

/// A name for a socket that fits an address, as long as this value lives.
#[derive(Debug)]
pub struct SocketPath {
    path: PathBuf,
    _folder: Option<File>,
}

impl SocketPath {
    /// `path` itself when it fits, else a name through the opened folder.
    ///
    /// # Errors
    /// The folder cannot be opened, or the path names no file.
    pub fn of(path: &Path) -> io::Result<Self> {
        if path.as_os_str().len() <= MAX_ADDRESS_BYTES {
            return Ok(Self {
                path: path.to_owned(),
                _folder: None,
            });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let folder = File::open(parent)?;
        let path = Path::new("/proc/self/fd")
            .join(folder.as_raw_fd().to_string())
            .join(name);
        Ok(Self {
            path,
            _folder: Some(folder),
        })
    }

    /// The name.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.path
    }
}
