//! A Unix socket for its owner alone.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::control::SocketPath;

/// The file of a bound socket, mode 0600. Removed when dropped.
#[derive(Debug)]
pub struct PrivateSocket {
    path: PathBuf,
}

impl PrivateSocket {
    /// Binds `path`. A socket that nobody listens on any more is replaced; one that somebody listens
    /// on, and any other file, is left alone. The socket never exists with other rights than 0600
    /// where others could reach it: it is bound inside a folder of mode 0700 and then moved.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] for another's socket, [`io::ErrorKind::AlreadyExists`] for another
    /// file, or what the file system said.
    pub fn bind(path: &Path) -> io::Result<(UnixListener, Self)> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Ok(_) if UnixStream::connect(SocketPath::of(path)?.as_path()).is_ok() => {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut folder = path.as_os_str().to_owned();
        folder.push(format!(".binding-{}", std::process::id()));
        let folder = PathBuf::from(folder);
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let bound = Self::bind_inside(&folder.join("s"), path);
        // Empty after success; what failed is told by `bound`.
        let _removed = fs::remove_dir_all(&folder);
        let path = path.to_owned();
        Ok((bound?, Self { path }))
    }

    fn bind_inside(inside: &Path, path: &Path) -> io::Result<UnixListener> {
        let listener = UnixListener::bind(SocketPath::of(inside)?.as_path())?;
        fs::set_permissions(inside, Permissions::from_mode(0o600))?;
        fs::rename(inside, path)?;
        Ok(listener)
    }
}

impl Drop for PrivateSocket {
    fn drop(&mut self) {
        // Gone already when somebody cleaned up; nothing to do then.
        let _removed = fs::remove_file(&self.path);
    }
}
