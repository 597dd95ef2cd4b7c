//! One key per subject, in a file of its own: removing the file erases the subject's records.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::PrivateError;
use crate::Error;
use crate::random::RandomSource;

/// The folder of subject keys, mode 0700. It must stay out of backups that are kept longer than
/// erasure may take.
#[derive(Debug)]
pub struct SubjectKeys {
    folder: PathBuf,
}

impl SubjectKeys {
    /// The folder, made if it is not there.
    ///
    /// # Errors
    /// [`PrivateError::Folder`].
    pub fn open(folder: &Path) -> Result<Self, PrivateError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed("making the folder of subject keys"))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The subject's key, made durable first if there is none.
    ///
    /// # Errors
    /// [`PrivateError::Folder`], or no random bytes.
    pub fn get_or_make(
        &self,
        subject: &str,
        random: &dyn RandomSource,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        match self.read(subject) {
            Err(PrivateError::Erased { .. }) => {}
            found => return Ok(found?),
        }
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut key[..])?;
        let path = self.path(subject);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed("making a subject key"))?;
        file.write_all(&key[..])
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(failed("writing a subject key"))?;
        Ok(key)
    }

    /// The subject's key.
    ///
    /// # Errors
    /// [`PrivateError::Erased`] when there is none.
    pub fn read(&self, subject: &str) -> Result<Zeroizing<[u8; 32]>, PrivateError> {
        let mut key = Zeroizing::new([0; 32]);
        match File::open(self.path(subject)) {
            Ok(mut file) => {
                file.read_exact(&mut key[..])
                    .map_err(failed("reading a subject key"))?;
                Ok(key)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(PrivateError::Erased {
                subject: subject.to_owned(),
            }),
            Err(error) => Err(failed("reading a subject key")(error)),
        }
    }

    /// Overwrites and removes the subject's key; nothing happens if there is none.
    ///
    /// # Errors
    /// [`PrivateError::Folder`].
    pub fn destroy(&self, subject: &str) -> Result<(), PrivateError> {
        let path = self.path(subject);
        let erase = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.write_all(&[0; 32])?;
            file.sync_all()?;
            fs::remove_file(&path)?;
            File::open(&self.folder)?.sync_all()
        };
        match erase() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map_err(failed("destroying a subject key")),
        }
    }

    /// File names are hashes, so that a listing names nobody.
    fn path(&self, subject: &str) -> PathBuf {
        self.folder
            .join(hex::encode(Sha256::digest(subject.as_bytes())))
    }
}

fn failed(operation: &'static str) -> impl Fn(std::io::Error) -> PrivateError {
    move |source| PrivateError::Folder { operation, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn destroyed_key_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let keys = SubjectKeys::open(folder.path()).unwrap();
        let key = keys.get_or_make("operator/hanako", &SystemRandom).unwrap();
        assert_eq!(*keys.read("operator/hanako").unwrap(), *key);
        keys.destroy("operator/hanako").unwrap();
        assert!(matches!(
            keys.read("operator/hanako"),
            Err(PrivateError::Erased { .. })
        ));
        keys.destroy("operator/hanako").unwrap();
    }
}
