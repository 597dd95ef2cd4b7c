//! Development keys in files.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use kasane_verify::KeyAlgorithm;
use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::envelope;
use super::folder::Folder;
use super::key::SoftwareKey;
use crate::{
    Attestation, BackendKind, Disposition, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    SigningKey,
};

/// Software keys, each encrypted in a file `<label>.key` of one folder. Development only.
///
/// A key is decrypted when it is first opened and then kept in memory.
pub struct SoftwareBackend {
    folder: Folder,
    passphrase: Zeroizing<Vec<u8>>,
    opened: Mutex<HashMap<KeyLabel, Arc<SoftwareKey>>>,
}

impl SoftwareBackend {
    /// Opens a folder, made with mode 0700 if it is missing. No key is decrypted yet.
    ///
    /// # Errors
    /// [`Error::Device`]: the folder cannot be made, others can enter it, or the passphrase is empty.
    pub fn open(folder: &Path, passphrase: Zeroizing<Vec<u8>>) -> Result<Self, Error> {
        let failed = |reason: String| Error::Device {
            backend: describe(folder),
            operation: "open",
            reason,
            disposition: Disposition::Stop,
        };
        if passphrase.is_empty() {
            return Err(failed("the passphrase is empty".to_owned()));
        }
        let opened = Folder::open(folder).map_err(|error| failed(error.to_string()))?;
        tracing::warn!(key_backend = %describe(folder), "software keys are for development only");
        Ok(Self {
            folder: opened,
            passphrase,
            opened: Mutex::new(HashMap::new()),
        })
    }

    fn load(&self, label: &KeyLabel) -> Result<Arc<SoftwareKey>, Error> {
        // Held while decrypting, so that two callers do not pay for the same key.
        let mut opened = self.opened.lock();
        if let Some(key) = opened.get(label) {
            return Ok(Arc::clone(key));
        }
        let content = self
            .folder
            .read(label)
            .map_err(|error| self.device("read", &error))?
            .ok_or_else(|| Error::KeyNotFound {
                label: label.clone(),
                backend: self.describe(),
            })?;
        let key = Arc::new(envelope::open(label, &content, &self.passphrase)?);
        opened.insert(label.clone(), Arc::clone(&key));
        Ok(key)
    }

    fn labels(&self) -> Result<Vec<KeyLabel>, Error> {
        self.folder
            .labels()
            .map_err(|error| self.device("list", &error))?
            .into_iter()
            .collect()
    }

    /// One folder, one passphrase: a new key under a mistyped one would be lost at the next start.
    fn check_passphrase(&self) -> Result<(), Error> {
        match self.labels()?.first() {
            Some(label) => self.load(label).map(drop),
            None => Ok(()),
        }
    }

    fn exists(&self, label: &KeyLabel) -> Error {
        Error::KeyExists {
            label: label.clone(),
            backend: self.describe(),
        }
    }

    fn device(&self, operation: &'static str, error: &io::Error) -> Error {
        Error::Device {
            backend: self.describe(),
            operation,
            reason: error.to_string(),
            disposition: Disposition::Stop,
        }
    }
}

impl KeyBackend for SoftwareBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Software
    }

    fn describe(&self) -> String {
        describe(self.folder.path())
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        if self.folder.contains(label) {
            return Err(self.exists(label));
        }
        self.check_passphrase()?;
        let key = SoftwareKey::generate(&|| self.describe(), label, role, algorithm)?;
        let content = envelope::seal(&key, &self.passphrase)?;
        self.folder
            .write_new(label, content.as_bytes())
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => self.exists(label),
                _ => self.device("write", &error),
            })?;
        let info = key.info().clone();
        self.opened.lock().insert(label.clone(), Arc::new(key));
        Ok(info)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        let load = |label: KeyLabel| self.load(&label).map(|key| key.info().clone());
        self.labels()?.into_iter().map(load).collect()
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let key = self.load(label)?;
        key.check_role(role)?;
        Ok(key)
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        if self.folder.contains(label) {
            Ok(None)
        } else {
            Err(Error::KeyNotFound {
                label: label.clone(),
                backend: self.describe(),
            })
        }
    }
}

/// Where, and never the passphrase.
impl fmt::Debug for SoftwareBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareBackend")
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}

fn describe(folder: &Path) -> String {
    format!(
        "development keys in software, files in {}",
        folder.display()
    )
}
