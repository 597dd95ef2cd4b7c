//! What holds for every provider: decided here, before a library sees a key or a signature.

use super::sha1::Sha1;
use super::{CryptoError, DigestAlgorithm, ed25519};
use crate::spki::PublicKeyInfo;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// How a signature is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Ed25519,
    Ecdsa(DigestAlgorithm),
    RsaPkcs1(DigestAlgorithm),
}

/// Reads a key and holds it to the limits of signature checks.
pub(super) fn usable_key(spki: &[u8]) -> Result<PublicKeyInfo<'_>, CryptoError> {
    let info = PublicKeyInfo::from_der(spki)?;
    match info.algorithm() {
        key @ KeyAlgorithm::Rsa { bits } if !(2048..=8192).contains(&bits) => {
            Err(CryptoError::RsaSize(key))
        }
        key @ KeyAlgorithm::Ed25519 if !ed25519::is_usable(info.key_bytes()) => {
            Err(CryptoError::InvalidKey(key))
        }
        _ => Ok(info),
    }
}

impl Scheme {
    /// How a signature that `key` is said to have made is checked.
    pub(super) const fn new(
        key: KeyAlgorithm,
        signature: SignatureAlgorithm,
        sha1: Sha1,
    ) -> Result<Self, CryptoError> {
        use {KeyAlgorithm as K, SignatureAlgorithm as S};
        let scheme = match signature {
            S::Ed25519 => Self::Ed25519,
            S::EcdsaSha1 => Self::Ecdsa(DigestAlgorithm::Sha1),
            S::EcdsaSha256 => Self::Ecdsa(DigestAlgorithm::Sha256),
            S::EcdsaSha384 => Self::Ecdsa(DigestAlgorithm::Sha384),
            S::EcdsaSha512 => Self::Ecdsa(DigestAlgorithm::Sha512),
            S::RsaPkcs1Sha1 => Self::RsaPkcs1(DigestAlgorithm::Sha1),
            S::RsaPkcs1Sha256 => Self::RsaPkcs1(DigestAlgorithm::Sha256),
            S::RsaPkcs1Sha384 => Self::RsaPkcs1(DigestAlgorithm::Sha384),
            S::RsaPkcs1Sha512 => Self::RsaPkcs1(DigestAlgorithm::Sha512),
        };
        match (key, scheme) {
            // P-384 with SHA-1 is in no standard profile, and aws-lc-rs has no name for it.
            (K::P256 | K::P521, Self::Ecdsa(DigestAlgorithm::Sha1))
            | (K::Rsa { .. }, Self::RsaPkcs1(DigestAlgorithm::Sha1))
                if sha1.is_accepted() =>
            {
                Ok(scheme)
            }
            (K::P256 | K::P384 | K::P521, Self::Ecdsa(DigestAlgorithm::Sha1))
            | (K::Rsa { .. }, Self::RsaPkcs1(DigestAlgorithm::Sha1)) => {
                Err(CryptoError::LegacyDigest(signature))
            }
            (K::Ed25519, Self::Ed25519)
            | (K::P256 | K::P384 | K::P521, Self::Ecdsa(_))
            | (K::Rsa { .. }, Self::RsaPkcs1(_)) => Ok(scheme),
            _ => Err(CryptoError::WrongFamily { signature, key }),
        }
    }
}
