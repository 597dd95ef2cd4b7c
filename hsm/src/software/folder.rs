//! The folder of key files: private to its owner, written durably, never overwritten.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SecureRandom;

use super::key::system_random;
use crate::{Error, KeyLabel};

/// The largest of ours, RSA-4096, has 3.5 KiB.
const MAX_FILE_BYTES: u64 = 16 * 1024;

const SUFFIX: &str = ".key";
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// Rights of group and others.
const FOREIGN_RIGHTS: u32 = 0o077;

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if it is missing; refuses one that others can enter.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if !path.exists() {
            DirBuilder::new()
                .recursive(true)
                .mode(FOLDER_MODE)
                .create(path)?;
            if let Some(parent) = path
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
            {
                File::open(parent)?.sync_all()?;
            }
        }
        let metadata = fs::metadata(path)?;
        if !metadata.is_dir() {
            return Err(io::Error::other("it is not a folder"));
        }
        check_rights(metadata.permissions().mode(), "chmod 700")?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn contains(&self, label: &KeyLabel) -> bool {
        self.file(label).symlink_metadata().is_ok()
    }

    /// The labels of all key files, sorted.
    pub(super) fn labels(&self) -> io::Result<Vec<Result<KeyLabel, Error>>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(label) = name.strip_suffix(SUFFIX) {
                names.push(label.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names.into_iter().map(KeyLabel::new).collect())
    }

    /// The content of a key file; `None` when there is none.
    pub(super) fn read(&self, label: &KeyLabel) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.file(label)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        check_rights(file.metadata()?.permissions().mode(), "chmod 600")?;
        let mut content = Vec::new();
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut content)?;
        if content.len() as u64 > MAX_FILE_BYTES {
            return Err(io::Error::other("the file is too large for a key"));
        }
        Ok(Some(content))
    }

    /// Writes a new key file, durable on return. `AlreadyExists` when there is one: a link, unlike
    /// a rename, never replaces.
    pub(super) fn write_new(&self, label: &KeyLabel, content: &[u8]) -> io::Result<()> {
        let mut random = [0; 8];
        system_random()
            .fill(&mut random)
            .map_err(|_| io::Error::other("the operating system gives no randomness"))?;
        let temporary = self
            .path
            .join(format!(".{label}.{:016x}.tmp", u64::from_be_bytes(random)));
        let linked = self
            .write_temporary(&temporary, content)
            .and_then(|()| fs::hard_link(&temporary, self.file(label)));
        let removed = fs::remove_file(&temporary);
        linked?;
        removed?;
        File::open(&self.path)?.sync_all()
    }

    fn write_temporary(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(path)?;
        file.write_all(content)?;
        file.sync_all()
    }

    fn file(&self, label: &KeyLabel) -> PathBuf {
        self.path.join(format!("{label}{SUFFIX}"))
    }
}

fn check_rights(mode: u32, cure: &str) -> io::Result<()> {
    if mode & FOREIGN_RIGHTS == 0 {
        return Ok(());
    }
    let rights = mode & 0o777;
    Err(io::Error::other(format!(
        "others have access (mode {rights:03o}): {cure}"
    )))
}
