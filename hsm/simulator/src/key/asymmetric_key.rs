//! A key of any algorithm.

use zeroize::Zeroizing;

use super::{ecdsa::EcdsaKey, ed25519::Ed25519Key, rsa::RsaKey};
use crate::protocol::{Algorithm, DeviceError};

/// A private key that can sign.
pub enum AsymmetricKey {
    /// RSA with exponent 65537.
    Rsa(RsaKey),
    /// P-256, P-384, P-521.
    Ecdsa(EcdsaKey),
    /// Ed25519.
    Ed25519(Ed25519Key),
}

impl AsymmetricKey {
    /// Generates one.
    ///
    /// # Errors
    /// [`DeviceError::AlgorithmDisabled`] for what is not modelled, [`DeviceError::StorageFailed`]
    /// when the cryptographic library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, DeviceError> {
        if algorithm.modulus_bytes().is_some() {
            RsaKey::generate(algorithm).map(Self::Rsa)
        } else if algorithm.coordinate_bytes().is_some() {
            EcdsaKey::generate(algorithm).map(Self::Ecdsa)
        } else if algorithm == Algorithm::Ed25519 {
            Ed25519Key::generate().map(Self::Ed25519)
        } else {
            Err(DeviceError::AlgorithmDisabled)
        }
    }

    /// From what PUT ASYMMETRIC KEY carries: `p | q`, the scalar, or the seed.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`], [`DeviceError::InvalidData`] for what is no key,
    /// [`DeviceError::AlgorithmDisabled`].
    pub fn import(algorithm: Algorithm, secret: &[u8]) -> Result<Self, DeviceError> {
        if algorithm.modulus_bytes().is_some() {
            RsaKey::from_primes(algorithm, secret).map(Self::Rsa)
        } else if algorithm.coordinate_bytes().is_some() {
            EcdsaKey::from_scalar(algorithm, secret).map(Self::Ecdsa)
        } else if algorithm == Algorithm::Ed25519 {
            Ed25519Key::from_seed(secret).map(Self::Ed25519)
        } else {
            Err(DeviceError::AlgorithmDisabled)
        }
    }

    /// What [`Self::import`] takes.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn secret(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        match self {
            Self::Rsa(key) => Ok(key.primes()),
            Self::Ecdsa(key) => key.scalar(),
            Self::Ed25519(key) => key.seed(),
        }
    }

    /// What stands in a wrapped object (Yubico's `yubihsm-wrap`): `p | q | dp | dq | qinv | n`, or
    /// `d | x | y`. Of an Ed25519 key a device keeps a hash; the simulator needs the seed, so here it
    /// is `seed | public key`.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub fn wrapped_form(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let mut form = self.secret()?;
        match self {
            Self::Rsa(key) => form.extend_from_slice(&key.rest_of_wrapped_form()?),
            Self::Ecdsa(_) | Self::Ed25519(_) => form.extend_from_slice(&self.public_key()),
        }
        Ok(form)
    }

    /// The key of such a form.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] when its parts do not belong together.
    pub fn from_wrapped_form(algorithm: Algorithm, form: &[u8]) -> Result<Self, DeviceError> {
        let length = algorithm
            .modulus_bytes()
            .or_else(|| algorithm.coordinate_bytes())
            .unwrap_or(Ed25519Key::SEED_BYTES);
        let secret = form.get(..length).ok_or(DeviceError::InvalidData)?;
        let key = Self::import(algorithm, secret)?;
        if *key.wrapped_form()? == form {
            Ok(key)
        } else {
            Err(DeviceError::InvalidData)
        }
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(key) => key.algorithm(),
            Self::Ecdsa(key) => key.algorithm(),
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// As GET PUBLIC KEY answers it: the modulus, `x | y`, or the 32 octets.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.modulus(),
            Self::Ecdsa(key) => key.point(),
            Self::Ed25519(key) => key.public_key(),
        }
    }

    /// RSASSA-PKCS1-v1_5 of a digest, which its length tells apart.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] for a key of another kind, [`DeviceError::WrongLength`] for a
    /// length that is no digest's, [`DeviceError::AlgorithmDisabled`] for SHA-1.
    pub fn sign_pkcs1(&self, digest: &[u8]) -> Result<Vec<u8>, DeviceError> {
        match self {
            Self::Rsa(key) => key.sign_pkcs1(digest),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// RSASSA-PSS with a salt as long as the digest and MGF1 with the same digest.
    ///
    /// # Errors
    /// As [`Self::sign_pkcs1`]; [`DeviceError::InvalidData`] for any other salt or MGF1.
    pub fn sign_pss(&self, mgf1: u8, salt: u16, digest: &[u8]) -> Result<Vec<u8>, DeviceError> {
        match self {
            Self::Rsa(key) => key.sign_pss(mgf1, salt, digest),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// ECDSA of a digest of any length: the leftmost bits count (FIPS 186-5 §6.4.1). DER.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] for a key of another kind, [`DeviceError::WrongLength`] for a
    /// length that is no digest's.
    pub fn sign_ecdsa(&self, digest: &[u8]) -> Result<Vec<u8>, DeviceError> {
        match self {
            Self::Ecdsa(key) => key.sign(digest),
            _ => Err(DeviceError::InvalidData),
        }
    }

    /// Ed25519 of a message.
    ///
    /// # Errors
    /// [`DeviceError::InvalidData`] for a key of another kind.
    pub fn sign_eddsa(&self, message: &[u8]) -> Result<Vec<u8>, DeviceError> {
        match self {
            Self::Ed25519(key) => key.sign(message),
            _ => Err(DeviceError::InvalidData),
        }
    }
}
