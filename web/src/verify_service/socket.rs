//! A Unix socket for its owner alone.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::control::SocketPath;

/// Names that are tried for the folder in which a socket is bound.
const MAX_FOLDERS: u32 = 16;

/// The file of a bound socket, mode 0600. Removed when dropped, unless it is another's by then.
#[derive(Debug)]
pub struct PrivateSocket {
    path: PathBuf,
    file: FileId,
}

/// Which file it is, whatever its name: device and inode.
type FileId = (u64, u64);

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
            Ok(_) => match UnixStream::connect(SocketPath::of(path)?.as_path()) {
                // Nobody listens: that alone says so. A socket of another type, or one that this
                // user may not use, gives other errors.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                // Removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => return Err(io::ErrorKind::AddrInUse.into()),
            },
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(_) => {}
        }
        let folder = Self::folder_beside(path)?;
        let bound = Self::bind_inside(&folder.join("s"), path);
        // Empty after success; what failed is told by `bound`.
        let _removed = fs::remove_dir_all(&folder);
        let (listener, file) = bound?;
        let path = path.to_owned();
        Ok((listener, Self { path, file }))
    }

    /// A new folder of mode 0700. One that a killed process of the same number left, as in a
    /// container, is passed over.
    fn folder_beside(path: &Path) -> io::Result<PathBuf> {
        for attempt in 0..MAX_FOLDERS {
            let mut folder = path.as_os_str().to_owned();
            folder.push(format!(".binding-{}-{attempt}", std::process::id()));
            let folder = PathBuf::from(folder);
            match fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn bind_inside(inside: &Path, path: &Path) -> io::Result<(UnixListener, FileId)> {
        let listener = UnixListener::bind(SocketPath::of(inside)?.as_path())?;
        fs::set_permissions(inside, Permissions::from_mode(0o600))?;
        let file = file_id(inside)?;
        fs::rename(inside, path)?;
        Ok((listener, file))
    }
}

fn file_id(path: &Path) -> io::Result<FileId> {
    fs::symlink_metadata(path).map(|it| (it.dev(), it.ino()))
}

impl Drop for PrivateSocket {
    fn drop(&mut self) {
        // Gone already when somebody cleaned up, or replaced by whoever listens there now: nothing to
        // do then.
        if file_id(&self.path).is_ok_and(|found| found == self.file) {
            let _removed = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixListener as StdListener};

    use super::*;

    #[tokio::test]
    async fn dead_socket_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        drop(StdListener::bind(&path).unwrap());
        let (_listener, _file) = PrivateSocket::bind(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let taken = PrivateSocket::bind(&path).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }

    #[tokio::test]
    async fn socket_of_another_type_that_is_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let theirs = UnixDatagram::bind(&path).unwrap();
        let taken = PrivateSocket::bind(&path).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        let client = UnixDatagram::unbound().unwrap();
        client.send_to(b"still there", &path).unwrap();
        assert_eq!(theirs.recv(&mut [0; 32]).unwrap(), 11);
    }

    #[tokio::test]
    async fn who_comes_after_keeps_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let first = PrivateSocket::bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let (_listener, _file) = PrivateSocket::bind(&path).unwrap();
        drop(first);
        assert!(UnixStream::connect(&path).is_ok());
    }

    #[tokio::test]
    async fn folder_that_a_killed_process_left_does_not_stop_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        // In a container every process has the same number.
        let left = format!("s.binding-{}-0", std::process::id());
        fs::create_dir(folder.path().join(&left)).unwrap();
        let (_listener, _file) = PrivateSocket::bind(&path).unwrap();
        assert!(UnixStream::connect(&path).is_ok());
    }
}
