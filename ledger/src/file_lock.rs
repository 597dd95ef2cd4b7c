//! The lock of a folder's owner.

use std::fs::{File, TryLockError};
use std::ops::{Deref, DerefMut};

/// An exclusive lock of a file, until dropped.
///
/// It is given back by name: closing the file is not enough where a child process has a copy of the
/// descriptor for the moment before its own program begins.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] when somebody else has it; else those of the file system.
    pub fn try_take(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }
}

impl Deref for FileLock {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl DerefMut for FileLock {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // It would fail only for what was never locked.
        let _unlocked = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_is_free_when_dropped_although_a_copy_of_the_descriptor_stays_open() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let open = || File::open(path.path()).unwrap();
        let lock = FileLock::try_take(open()).unwrap();
        let _copy = lock.try_clone().unwrap();
        let refused = FileLock::try_take(open()).unwrap_err();
        assert!(matches!(refused, TryLockError::WouldBlock));
        drop(lock);
        drop(FileLock::try_take(open()).unwrap());
    }
}
