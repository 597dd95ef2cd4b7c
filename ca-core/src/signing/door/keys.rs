//! The keys behind the door: made, looked at, opened once.

use std::sync::Arc;

use kasane_hsm::{Attestation, KeyInfo, KeyLabel, KeyRole, SigningKey};
use kasane_verify::KeyAlgorithm;
use kasane_verify::crypto::PublicKey;
use kasane_verify::spki::PublicKeyInfo;

use super::SigningDoor;
use crate::signing::SigningError;

pub(super) struct OpenKey {
    pub(super) key: Arc<dyn SigningKey>,
    /// What is on record of it: the device's word counts only where nothing is.
    pub(super) info: KeyInfo,
    pub(super) public: Arc<dyn PublicKey>,
}

impl SigningDoor {
    /// The public key (DER `SubjectPublicKeyInfo`) on record for `label`: signatures are verified
    /// against it, whatever a device says today.
    pub fn expect(&self, label: &KeyLabel, spki: &[u8]) {
        self.backend.expect(label, spki);
        self.expected.write().insert(label.clone(), spki.to_vec());
        let mut keys = self.keys.write();
        if keys.get(label).is_some_and(|open| open.info.spki != spki) {
            keys.remove(label);
        }
    }

    /// Makes a key pair: ceremonies and the roll-over of OCSP signers.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, SigningError> {
        Ok(self.backend.generate(label, role, algorithm)?)
    }

    /// The public facts of a key, which must have `role`.
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not there or has another role.
    pub fn key(&self, label: &KeyLabel, role: KeyRole) -> Result<KeyInfo, SigningError> {
        Ok(self.open(label, role)?.info.clone())
    }

    /// The public key that the backend shows for a label today, DER.
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not there or has another role.
    pub(crate) fn shown_spki(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Vec<u8>, SigningError> {
        Ok(self.backend.open(label, role)?.info().spki.clone())
    }

    /// The public facts of every key.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn keys(&self) -> Result<Vec<KeyInfo>, SigningError> {
        Ok(self.backend.keys()?)
    }

    /// The device's attestation of a key.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, SigningError> {
        Ok(self.backend.attestation(label)?)
    }

    pub(super) fn open(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Arc<OpenKey>, SigningError> {
        if let Some(open) = self.keys.read().get(label) {
            let has = open.info.role;
            if has == role {
                return Ok(Arc::clone(open));
            }
            return Err(kasane_hsm::Error::RoleMismatch {
                label: label.clone(),
                has,
                asked: role,
            }
            .into());
        }
        let key = self.backend.open(label, role)?;
        let unusable = |source| SigningError::PublicKey {
            label: label.clone(),
            source,
        };
        let mut info = key.info().clone();
        if let Some(spki) = self.expected.read().get(label) {
            info.algorithm = PublicKeyInfo::from_der(spki)
                .map_err(|source| unusable(source.into()))?
                .algorithm();
            info.spki.clone_from(spki);
        }
        let public = self.crypto.public_key(&info.spki).map_err(unusable)?;
        let open = Arc::new(OpenKey { key, info, public });
        Ok(Arc::clone(
            self.keys.write().entry(label.clone()).or_insert(open),
        ))
    }
}
