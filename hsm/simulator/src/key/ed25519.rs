//! Ed25519.

use aws_lc_rs::{
    encoding::{AsBigEndian, Curve25519SeedBin},
    signature::{Ed25519KeyPair, KeyPair},
};
use zeroize::Zeroizing;

use crate::protocol::DeviceError;

/// A private key.
pub struct Ed25519Key(Ed25519KeyPair);

impl Ed25519Key {
    pub(super) const SEED_BYTES: usize = 32;

    pub(super) fn generate() -> Result<Self, DeviceError> {
        Ed25519KeyPair::generate()
            .map(Self)
            .map_err(|_| DeviceError::StorageFailed)
    }

    pub(super) fn from_seed(seed: &[u8]) -> Result<Self, DeviceError> {
        if seed.len() != Self::SEED_BYTES {
            return Err(DeviceError::WrongLength);
        }
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self)
            .map_err(|_| DeviceError::InvalidData)
    }

    pub(super) fn seed(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let failed = |_| DeviceError::StorageFailed;
        let seed = self.0.seed().map_err(failed)?;
        let octets: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(failed)?;
        Ok(Zeroizing::new(octets.as_ref().to_vec()))
    }

    pub(super) fn public_key(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let signature = self
            .0
            .try_sign(message)
            .map_err(|_| DeviceError::InvalidData)?;
        Ok(signature.as_ref().to_vec())
    }
}
