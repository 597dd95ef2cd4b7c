//! The file operations that durability rests on, behind a trait so that tests can make them fail.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FallocateFlags, fallocate, syncfs};
use rustix::io::Errno;

/// Writing and syncing. Reads go to the file system directly.
///
/// An error of [`sync_data`](Disk::sync_data) or [`sync_files`](Disk::sync_files) means that what is
/// on disk is unknown; an error of the others means at worst that a part was written.
pub trait Disk: Debug + Send + Sync {
    /// Sets space aside for bytes up to `offset + length_bytes` without changing the file's length.
    ///
    /// # Errors
    /// `StorageFull` when there is no space. File systems that cannot reserve answer `Ok`.
    fn reserve(&self, file: &File, offset: u64, length_bytes: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset` of the journal.
    ///
    /// # Errors
    /// Some of the bytes may have been written.
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes the journal's bytes durable.
    ///
    /// # Errors
    /// Nothing is known about bytes written since the last success.
    fn sync_data(&self, file: &File) -> io::Result<()>;

    /// Cuts the journal back.
    ///
    /// # Errors
    /// The length is unchanged.
    fn truncate(&self, file: &File, length_bytes: u64) -> io::Result<()>;

    /// Creates a file with its parent folders; not durable yet.
    ///
    /// # Errors
    /// `AlreadyExists` when there is one; otherwise a part may be there.
    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Puts `bytes` in the place of `path`, durably and as one step for readers.
    ///
    /// # Errors
    /// Readers see the old content.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Makes files and the folders that lead to them below `root` durable.
    ///
    /// # Errors
    /// Nothing is known about these files; but one that [lacks a descriptor](lacks_descriptor) synced
    /// nothing in vain, and can be had again.
    fn sync_files(&self, root: &Path, files: &[PathBuf]) -> io::Result<()>;
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

/// From so many files on, one `syncfs` costs less than a sync of each and of its folders.
const MANY_FILES: usize = 64;

impl Disk for RealDisk {
    fn reserve(&self, file: &File, offset: u64, length_bytes: u64) -> io::Result<()> {
        match fallocate(file, FallocateFlags::KEEP_SIZE, offset, length_bytes) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            other => Ok(other?),
        }
    }

    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn truncate(&self, file: &File, length_bytes: u64) -> io::Result<()> {
        file.set_len(length_bytes)
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let open = || OpenOptions::new().write(true).create_new(true).open(path);
        let mut file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                open()?
            }
            other => other?,
        };
        let written = file.write_all(bytes);
        if written.is_err() {
            // A part must not pass for the whole; recovery would notice it too.
            let _removed = fs::remove_file(path);
        }
        written
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let parent = path.parent().unwrap_or_else(|| Path::new("."));
        // Two callers may store the same blob at the same time.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}.new", NEXT.fetch_add(1, Ordering::Relaxed)));
        let temporary = PathBuf::from(temporary);
        let write = || {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, path)
        };
        if let Err(error) = write() {
            let _removed = fs::remove_file(&temporary);
            return Err(error);
        }
        File::open(parent)?.sync_all()
    }

    fn sync_files(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        if files.len() >= MANY_FILES {
            return syncfs(File::open(root)?).map_err(|error| synced_in_vain(error.into()));
        }
        let mut folders: Vec<&Path> = Vec::new();
        for path in files {
            sync(path)?;
            for folder in path.ancestors().skip(1).take_while(|a| a.starts_with(root)) {
                if folders.contains(&folder) {
                    break;
                }
                folders.push(folder);
            }
        }
        folders.iter().try_for_each(|folder| sync(folder))
    }
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all().map_err(synced_in_vain)
}

/// Whatever number a failed sync bears, it is nothing to be tried again: the kernel may have dropped the
/// pages.
fn synced_in_vain(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), error)
}

/// Whether a file could not be opened because this process, or the machine, has as many open as it may.
#[must_use]
pub fn lacks_descriptor(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::MFILE, Errno::NFILE]
        .iter()
        .any(|errno| code == Some(errno.raw_os_error()))
}
