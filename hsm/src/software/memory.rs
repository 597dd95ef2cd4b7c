//! Keys that end with the process: OCSP signers, tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_verify::KeyAlgorithm;
use parking_lot::Mutex;

use super::key::SoftwareKey;
use crate::{Attestation, BackendKind, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole, SigningKey};

/// Software keys that are never stored: gone when this value is dropped.
#[derive(Debug, Default)]
pub struct InMemoryBackend {
    keys: Mutex<BTreeMap<KeyLabel, Arc<SoftwareKey>>>,
}

impl InMemoryBackend {
    /// An empty backend.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, label: &KeyLabel) -> Result<Arc<SoftwareKey>, Error> {
        self.keys
            .lock()
            .get(label)
            .cloned()
            .ok_or_else(|| Error::KeyNotFound {
                label: label.clone(),
                backend: self.describe(),
            })
    }
}

impl KeyBackend for InMemoryBackend {
    fn kind(&self) -> BackendKind {
        BackendKind::Software
    }

    fn describe(&self) -> String {
        "development keys in software, in memory only".to_owned()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        let key = SoftwareKey::generate(&|| self.describe(), label, role, algorithm)?;
        let info = key.info().clone();
        let mut keys = self.keys.lock();
        if keys.contains_key(label) {
            return Err(Error::KeyExists {
                label: label.clone(),
                backend: self.describe(),
            });
        }
        keys.insert(label.clone(), Arc::new(key));
        Ok(info)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        Ok(self
            .keys
            .lock()
            .values()
            .map(|key| key.info().clone())
            .collect())
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let key = self.find(label)?;
        key.check_role(role)?;
        Ok(key)
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.find(label).map(|_| None)
    }
}
