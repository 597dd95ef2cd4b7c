//! HMAC keys.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::{
    protocol::{Algorithm, DeviceError},
    random,
};

/// A key that authenticates messages.
pub struct HmacKey {
    algorithm: hmac::Algorithm,
    octets: Zeroizing<Vec<u8>>,
}

impl HmacKey {
    /// A random one, as long as the digest.
    ///
    /// # Errors
    /// [`DeviceError::AlgorithmDisabled`] for another algorithm.
    pub fn generate(algorithm: Algorithm) -> Result<Self, DeviceError> {
        let algorithm = hmac_algorithm(algorithm)?;
        let mut octets = Zeroizing::new(vec![0; algorithm.digest_algorithm().output_len]);
        random::fill(&mut octets).map_err(|_| DeviceError::StorageFailed)?;
        Ok(Self { algorithm, octets })
    }

    /// From its octets.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`] for none, or more than a block of the digest.
    pub fn import(algorithm: Algorithm, octets: &[u8]) -> Result<Self, DeviceError> {
        let most = algorithm.hmac_block_bytes().unwrap_or(0);
        let algorithm = hmac_algorithm(algorithm)?;
        if octets.is_empty() || octets.len() > most {
            return Err(DeviceError::WrongLength);
        }
        let octets = Zeroizing::new(octets.to_vec());
        Ok(Self { algorithm, octets })
    }

    /// Its octets.
    #[must_use]
    pub fn octets(&self) -> Zeroizing<Vec<u8>> {
        self.octets.clone()
    }

    /// The code of a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(self.algorithm, &self.octets);
        hmac::sign(&key, message).as_ref().to_vec()
    }

    /// Whether `code | message` fit together.
    ///
    /// # Errors
    /// [`DeviceError::WrongLength`] when not even a code is there.
    pub fn verify(&self, data: &[u8]) -> Result<bool, DeviceError> {
        let length = self.algorithm.digest_algorithm().output_len;
        let (code, message) = data
            .split_at_checked(length)
            .ok_or(DeviceError::WrongLength)?;
        let key = hmac::Key::new(self.algorithm, &self.octets);
        Ok(hmac::verify(&key, message, code).is_ok())
    }
}

fn hmac_algorithm(algorithm: Algorithm) -> Result<hmac::Algorithm, DeviceError> {
    match algorithm {
        Algorithm::HmacSha1 => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Algorithm::HmacSha256 => Ok(hmac::HMAC_SHA256),
        Algorithm::HmacSha384 => Ok(hmac::HMAC_SHA384),
        Algorithm::HmacSha512 => Ok(hmac::HMAC_SHA512),
        _ => Err(DeviceError::AlgorithmDisabled),
    }
}
