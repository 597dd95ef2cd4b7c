//! What an object holds.

use zeroize::Zeroizing;

use super::WrapKey;
use crate::{
    channel::AuthenticationKey,
    key::{AsymmetricKey, HmacKey},
    protocol::{Algorithm, DeviceError, ObjectType},
};

/// Data or a key.
pub enum Material {
    /// Octets.
    Opaque(Vec<u8>),
    /// Opens sessions.
    AuthenticationKey(AuthenticationKey),
    /// Signs.
    AsymmetricKey(Box<AsymmetricKey>),
    /// Wraps.
    WrapKey(WrapKey),
    /// Authenticates.
    HmacKey(HmacKey),
}

impl Material {
    /// From what the commands that import carry.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`], [`DeviceError::InvalidData`] or
    /// [`DeviceError::AlgorithmDisabled`].
    pub fn import(algorithm: Algorithm, octets: &[u8]) -> Result<Self, DeviceError> {
        if algorithm.is_asymmetric() {
            let key = AsymmetricKey::import(algorithm, octets)?;
            return Ok(Self::AsymmetricKey(Box::new(key)));
        }
        if algorithm.wrap_key_bytes().is_some() {
            return WrapKey::import(algorithm, octets).map(Self::WrapKey);
        }
        if algorithm.hmac_block_bytes().is_some() {
            return HmacKey::import(algorithm, octets).map(Self::HmacKey);
        }
        if algorithm == Algorithm::Aes128YubicoAuthentication {
            let octets = octets.try_into().map_err(|_| DeviceError::WrongLength)?;
            let key = AuthenticationKey::from_octets(octets);
            return Ok(Self::AuthenticationKey(key));
        }
        if octets.is_empty() {
            return Err(DeviceError::WrongLength);
        }
        Ok(Self::Opaque(octets.to_vec()))
    }

    /// What [`Self::import`] takes.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn export(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        match self {
            Self::Opaque(octets) => Ok(Zeroizing::new(octets.clone())),
            Self::AuthenticationKey(key) => Ok(Zeroizing::new(key.octets().to_vec())),
            Self::AsymmetricKey(key) => key.secret(),
            Self::WrapKey(key) => Ok(key.octets()),
            Self::HmacKey(key) => Ok(key.octets()),
        }
    }

    /// The type of objects that hold it.
    #[must_use]
    pub const fn kind(&self) -> ObjectType {
        match self {
            Self::Opaque(_) => ObjectType::Opaque,
            Self::AuthenticationKey(_) => ObjectType::AuthenticationKey,
            Self::AsymmetricKey(_) => ObjectType::AsymmetricKey,
            Self::WrapKey(_) => ObjectType::WrapKey,
            Self::HmacKey(_) => ObjectType::HmacKey,
        }
    }

    /// The length that GET OBJECT INFO tells: as a device of firmware 2.5 was measured to answer.
    #[must_use]
    pub fn reported_length(&self, algorithm: Algorithm) -> u16 {
        let length = match self {
            Self::Opaque(octets) => octets.len(),
            Self::AuthenticationKey(_) => 40,
            Self::AsymmetricKey(_) => {
                match (algorithm.modulus_bytes(), algorithm.coordinate_bytes()) {
                    (Some(modulus), _) => modulus / 2 * 7,
                    (None, Some(coordinate)) => coordinate * 3,
                    (None, None) => 128,
                }
            }
            Self::WrapKey(key) => key.octets().len() + 8,
            Self::HmacKey(_) => algorithm.hmac_block_bytes().unwrap_or(0) * 2,
        };
        u16::try_from(length).unwrap_or(u16::MAX)
    }
}
