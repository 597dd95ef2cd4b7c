//! Software keys in a folder, dressed as a device.

use std::num::NonZeroUsize;
use std::sync::Arc;

use kasane_hsm::{
    Attestation, BackendKind, Device, DeviceIdentity, DeviceName, Error, KeyBackend, KeyInfo,
    KeyLabel, KeyRole, SigningKey, SoftwareBackend,
};
use kasane_verify::KeyAlgorithm;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::world::{Trouble, World};

pub(crate) struct Software {
    folder: TempDir,
}

impl Software {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn open(&self, passphrase: &str) -> Result<Arc<dyn Device>, Error> {
        let passphrase = Zeroizing::new(passphrase.as_bytes().to_vec());
        Ok(Arc::new(SoftwareDevice {
            name: DeviceName::software(),
            keys: SoftwareBackend::open(&self.folder.path().join("keys"), passphrase)?,
        }))
    }
}

impl World for Software {
    fn maker(&self) -> Arc<dyn Device> {
        self.device()
    }

    fn device(&self) -> Arc<dyn Device> {
        self.open("right").unwrap()
    }

    fn impostor(&self) -> Result<Arc<dyn Device>, Error> {
        // A passphrase has no counter: each file says for itself that it does not open.
        let device = self.open("wrong")?;
        let label = KeyLabel::new("issuing")?;
        device.open(&label, KeyRole::IssuingCa).map(|_| device)
    }

    fn tries(&self) -> Option<usize> {
        None
    }

    fn is_interruptible(&self) -> bool {
        true
    }

    fn algorithms(&self) -> Vec<KeyAlgorithm> {
        vec![
            KeyAlgorithm::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa { bits: 3072 },
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::Ed25519,
        ]
    }

    fn inflict(&self, _trouble: Trouble) -> bool {
        false
    }

    fn heal(&self) {}

    fn restart(&self) {}
}

#[derive(Debug)]
struct SoftwareDevice {
    name: DeviceName,
    keys: SoftwareBackend,
}

impl KeyBackend for SoftwareDevice {
    fn kind(&self) -> BackendKind {
        self.keys.kind()
    }

    fn describe(&self) -> String {
        self.keys.describe()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        self.keys.generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.keys.keys()
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        self.keys.open(label, role)
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.keys.attestation(label)
    }
}

impl Device for SoftwareDevice {
    fn name(&self) -> &DeviceName {
        &self.name
    }

    fn identity(&self) -> Result<DeviceIdentity, Error> {
        Ok(DeviceIdentity {
            manufacturer: "Kasane".to_owned(),
            model: "software keys".to_owned(),
            serial: "none".to_owned(),
            firmware: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    fn lanes(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn probe(&self) -> Result<(), Error> {
        self.keys.keys().map(drop)
    }

    fn key_id(&self, label: &KeyLabel) -> Result<Vec<u8>, Error> {
        let found = self.keys.keys()?.into_iter().find(|it| it.label == *label);
        found.map_or_else(
            || {
                Err(Error::KeyNotFound {
                    label: label.clone(),
                    backend: self.describe(),
                })
            },
            |info| Ok(info.label.as_str().as_bytes().to_vec()),
        )
    }
}
