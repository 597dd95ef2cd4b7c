//! Large objects, stored by the hash of their content.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::layout;
use crate::log::Ledger;

/// Greatest length of a blob.
pub const MAX_BLOB_BYTES: u64 = 256 * 1024 * 1024;

/// A check reads so much at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Names a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlobRef {
    /// SHA-256 of its content.
    pub sha256: [u8; 32],
    /// Length in bytes.
    pub length: u64,
}

impl Ledger {
    /// Stores a blob; durable on return. Storing the same content again changes nothing.
    ///
    /// # Errors
    /// [`Error::BlobTooLarge`], [`Error::DiskFull`], [`Error::Io`]; then it may be there or not.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<BlobRef, Error> {
        let length = bytes.len() as u64;
        if length > MAX_BLOB_BYTES {
            return Err(Error::BlobTooLarge {
                length_bytes: length,
                limit_bytes: MAX_BLOB_BYTES,
            });
        }
        let blob = BlobRef {
            sha256: Sha256::digest(bytes).into(),
            length,
        };
        let files = &self.inner.shared.store.files;
        let path = self.blob_path(&blob);
        // A file that is there may be torn by a crash: only equal content counts.
        let there = fs::read(&path).is_ok_and(|there| there == bytes);
        let write = || -> io::Result<()> {
            if !there {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                files.disk.replace(&path, bytes)?;
            }
            files
                .disk
                .sync_files(&files.dir, std::slice::from_ref(&path))
        };
        write().map_err(|e| Error::io("storing blob", &path, e))?;
        Ok(blob)
    }

    /// A blob's content, checked against its hash.
    ///
    /// # Errors
    /// [`Error::BlobMissing`], [`Error::BlobDamaged`], [`Error::Io`].
    pub fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.append_blob(blob, &mut bytes)?;
        Ok(bytes)
    }

    /// The same, appended to what `into` holds: a large one is put into its place without a copy.
    ///
    /// # Errors
    /// As [`blob`](Self::blob); `into` may then hold a part.
    pub fn append_blob(&self, blob: &BlobRef, into: &mut Vec<u8>) -> Result<(), Error> {
        append_blob(&self.inner.shared.store.files.dir, blob, into)
    }

    /// Checks a blob against its hash, a piece at a time.
    ///
    /// # Errors
    /// As [`blob`](Self::blob).
    pub fn check_blob(&self, blob: &BlobRef) -> Result<(), Error> {
        let path = self.blob_path(blob);
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => Error::BlobMissing {
                sha256: hex(&blob.sha256),
            },
            _ => Error::io("reading blob", &path, e),
        };
        let mut file = fs::File::open(&path)
            .map_err(failed)?
            .take(blob.length.saturating_add(1));
        let mut digest = Sha256::new();
        let mut piece = vec![0; PIECE_BYTES];
        let mut length = 0;
        loop {
            let count = match file.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(failed)?,
            };
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            digest.update(read);
            length += count as u64;
        }
        let digest: [u8; 32] = digest.finalize().into();
        if length == blob.length && digest == blob.sha256 {
            Ok(())
        } else {
            Err(Error::BlobDamaged {
                sha256: hex(&blob.sha256),
            })
        }
    }

    fn blob_path(&self, blob: &BlobRef) -> PathBuf {
        blob_path(&self.inner.shared.store.files.dir, blob)
    }
}

/// Appends the content of a blob of the ledger in `dir`, checked against its hash.
pub(super) fn append_blob(dir: &Path, blob: &BlobRef, into: &mut Vec<u8>) -> Result<(), Error> {
    let path = blob_path(dir, blob);
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => Error::BlobMissing {
            sha256: hex(&blob.sha256),
        },
        _ => Error::io("reading blob", &path, e),
    };
    let damaged = || Error::BlobDamaged {
        sha256: hex(&blob.sha256),
    };
    let file = fs::File::open(&path).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() != blob.length {
        return Err(damaged());
    }
    let begin = into.len();
    into.reserve_exact(usize::try_from(blob.length).map_err(|_| damaged())?);
    file.take(blob.length).read_to_end(into).map_err(failed)?;
    let digest: [u8; 32] = Sha256::digest(into.get(begin..).unwrap_or_default()).into();
    if digest == blob.sha256 {
        Ok(())
    } else {
        Err(damaged())
    }
}

fn blob_path(dir: &Path, blob: &BlobRef) -> PathBuf {
    let name = hex(&blob.sha256);
    let (folder, file) = name.split_at_checked(2).unwrap_or(("", &name));
    dir.join(layout::BLOBS).join(folder).join(file)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
