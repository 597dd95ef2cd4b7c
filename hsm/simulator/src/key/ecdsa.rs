//! ECDSA over the NIST curves.

use aws_lc_rs::{
    agreement,
    digest::{Algorithm as DigestAlgorithm, Digest, SHA256, SHA384, SHA512},
    encoding::{AsBigEndian, EcPrivateKeyBin},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
    },
};
use zeroize::Zeroizing;

use crate::protocol::{Algorithm, DeviceError};

/// Lengths of SHA-1, SHA-256, SHA-384 and SHA-512.
const DIGEST_BYTES: [usize; 4] = [20, 32, 48, 64];

/// A private key on one of three curves.
pub struct EcdsaKey {
    algorithm: Algorithm,
    pair: EcdsaKeyPair,
}

struct Curve {
    signing: &'static EcdsaSigningAlgorithm,
    agreement: &'static agreement::Algorithm,
    digest: &'static DigestAlgorithm,
}

fn curve(algorithm: Algorithm) -> Result<Curve, DeviceError> {
    Ok(match algorithm {
        Algorithm::P256 => Curve {
            signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
            agreement: &agreement::ECDH_P256,
            digest: &SHA256,
        },
        Algorithm::P384 => Curve {
            signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
            agreement: &agreement::ECDH_P384,
            digest: &SHA384,
        },
        Algorithm::P521 => Curve {
            signing: &ECDSA_P521_SHA512_ASN1_SIGNING,
            agreement: &agreement::ECDH_P521,
            digest: &SHA512,
        },
        _ => return Err(DeviceError::AlgorithmDisabled),
    })
}

impl EcdsaKey {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, DeviceError> {
        let pair = EcdsaKeyPair::generate(curve(algorithm)?.signing)
            .map_err(|_| DeviceError::StorageFailed)?;
        Ok(Self { algorithm, pair })
    }

    /// The scalar may not be longer than the curve's coordinate; shorter ones are filled up.
    pub(super) fn from_scalar(algorithm: Algorithm, scalar: &[u8]) -> Result<Self, DeviceError> {
        let curve = curve(algorithm)?;
        if Some(scalar.len()) != algorithm.coordinate_bytes() {
            return Err(DeviceError::WrongLength);
        }
        let invalid = |_| DeviceError::InvalidData;
        let point = agreement::PrivateKey::from_private_key(curve.agreement, scalar)
            .map_err(|_| DeviceError::InvalidData)?
            .compute_public_key()
            .map_err(invalid)?;
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(curve.signing, scalar, point.as_ref())
                .map_err(|_| DeviceError::InvalidData)?;
        Ok(Self { algorithm, pair })
    }

    pub(super) fn scalar(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let private = self.pair.private_key();
        let octets: EcPrivateKeyBin<'_> = private
            .as_be_bytes()
            .map_err(|_| DeviceError::StorageFailed)?;
        Ok(Zeroizing::new(octets.as_ref().to_vec()))
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Without the octet 04 that says "uncompressed".
    pub(super) fn point(&self) -> Vec<u8> {
        self.pair.public_key().as_ref()[1..].to_vec()
    }

    /// The library wants the curve's own digest. As an integer, a shorter digest is the same with
    /// zeros before it, and of a longer one the leftmost octets count: so any digest can be given.
    /// (P-521 takes SHA-512 whole; nothing is longer.)
    pub(super) fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, DeviceError> {
        if !DIGEST_BYTES.contains(&digest.len()) {
            return Err(DeviceError::WrongLength);
        }
        let own = curve(self.algorithm)?.digest;
        let mut fitted = vec![0; own.output_len.saturating_sub(digest.len())];
        fitted.extend_from_slice(&digest[..digest.len().min(own.output_len)]);
        let digest =
            Digest::import_less_safe(&fitted, own).map_err(|_| DeviceError::InvalidData)?;
        let signature = self
            .pair
            .sign_digest(&digest)
            .map_err(|_| DeviceError::InvalidData)?;
        Ok(signature.as_ref().to_vec())
    }
}
