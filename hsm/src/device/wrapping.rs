//! Keys that leave a device encrypted under a wrap key, for backup and for a second device.

use crate::{Error, KeyInfo, KeyLabel};

/// A key encrypted by the device under a wrap key. Useless without that wrap key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The key's label.
    pub label: KeyLabel,
    /// The device's name of the wrap key that it is encrypted under: a YubiHSM object ID.
    pub wrap_key_id: Vec<u8>,
    /// The device's format.
    pub octets: Vec<u8>,
}

/// What a device with a wrap key can do. Needs the credential of ceremonies.
pub trait Wrapping {
    /// Exports a key under the wrap key.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`], [`Error::NotPermitted`], or a device error.
    fn export(&self, label: &KeyLabel) -> Result<WrappedKey, Error>;

    /// Imports a key that the same wrap key encrypted. The label must not exist.
    ///
    /// # Errors
    /// [`Error::KeyExists`], [`Error::NotPermitted`], or a device error.
    fn import(&self, key: &WrappedKey) -> Result<KeyInfo, Error>;

    /// Stores a wrap key, which then can wrap every key of the authority. `secret` has 32 octets
    /// (AES-256-CCM).
    ///
    /// # Errors
    /// [`Error::KeyExists`], [`Error::NotPermitted`], or a device error.
    fn put_wrap_key(&self, secret: &[u8]) -> Result<Vec<u8>, Error>;
}
