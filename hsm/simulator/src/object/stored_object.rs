//! An object with its description.

use std::sync::Arc;

use super::{Material, ObjectInfo};
use crate::{channel::AuthenticationKey, key::AsymmetricKey, protocol::DeviceError};

/// One object of the store.
#[derive(Clone)]
pub struct StoredObject {
    /// Its description.
    pub info: ObjectInfo,
    /// What it holds.
    pub material: Arc<Material>,
    /// The wrong private key that signs in place of the right one, if a fault wants it.
    pub impostor: Option<Arc<AsymmetricKey>>,
}

impl StoredObject {
    /// An object that signs with its own key.
    #[must_use]
    pub fn new(info: ObjectInfo, material: Material) -> Self {
        Self {
            info,
            material: Arc::new(material),
            impostor: None,
        }
    }

    /// The key, if it is an asymmetric one.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when it is not.
    pub fn asymmetric_key(&self) -> Result<&AsymmetricKey, DeviceError> {
        match &*self.material {
            Material::AsymmetricKey(key) => Ok(key),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// The key that signs: the object's own, or the impostor.
    ///
    /// # Errors
    /// As [`Self::asymmetric_key`].
    pub fn signing_key(&self) -> Result<&AsymmetricKey, DeviceError> {
        self.impostor
            .as_deref()
            .map_or_else(|| self.asymmetric_key(), Ok)
    }

    /// The keys, if it is an authentication key.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when it is not.
    pub fn authentication_key(&self) -> Result<&AuthenticationKey, DeviceError> {
        match &*self.material {
            Material::AuthenticationKey(key) => Ok(key),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// The length that the device tells.
    #[must_use]
    pub fn reported_length(&self) -> u16 {
        self.material.reported_length(self.info.algorithm)
    }
}
