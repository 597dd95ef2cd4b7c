//! The provider in pure Rust.

use std::sync::Arc;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use sha2::Digest as _;

use super::scheme::{Scheme, usable_key};
use super::sha1::{Sha1, WithSha1};
use super::{CryptoError, CryptoProvider, DangerousSha1, Digest, DigestAlgorithm, PublicKey};
use crate::spki::PublicKeyInfo;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Cryptography of the RustCrypto and dalek crates: no C, at about a third of the speed of
/// `AwsLc`. Public keys only.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl RustCrypto {
    /// A provider that verifies signatures over SHA-1 too, which prove nothing; for test vectors
    /// and history.
    #[must_use]
    pub const fn dangerously_with_sha1() -> DangerousSha1<Self> {
        DangerousSha1 { provider: Self }
    }
}

impl CryptoProvider for RustCrypto {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Self::key(spki, Sha1::Refused)
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        hash(algorithm, data)
    }
}

impl WithSha1 for RustCrypto {
    fn key(spki: &[u8], sha1: Sha1) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Ok(Arc::new(Key::parse(spki, sha1)?))
    }
}

fn hash(algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
    match algorithm {
        DigestAlgorithm::Sha1 => <[u8; 20]>::from(sha1::Sha1::digest(data)).into(),
        DigestAlgorithm::Sha256 => <[u8; 32]>::from(sha2::Sha256::digest(data)).into(),
        DigestAlgorithm::Sha384 => <[u8; 48]>::from(sha2::Sha384::digest(data)).into(),
        DigestAlgorithm::Sha512 => <[u8; 64]>::from(sha2::Sha512::digest(data)).into(),
    }
}

#[derive(Debug)]
struct Key {
    algorithm: KeyAlgorithm,
    sha1: Sha1,
    point: Point,
}

#[derive(Debug)]
enum Point {
    /// `None` for octets that are no point of the curve: no signature verifies with them, and the
    /// default provider notices it no earlier.
    Ed25519(Option<Box<ed25519_dalek::VerifyingKey>>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Rsa(Box<RsaPublicKey>),
}

impl Key {
    fn parse(spki: &[u8], sha1: Sha1) -> Result<Self, CryptoError> {
        let info = usable_key(spki)?;
        let algorithm = info.algorithm();
        let point = Point::parse(&info).ok_or(CryptoError::InvalidKey(algorithm))?;
        Ok(Self {
            algorithm,
            sha1,
            point,
        })
    }
}

impl Point {
    fn parse(info: &PublicKeyInfo<'_>) -> Option<Self> {
        let bytes = info.key_bytes();
        Some(match info.algorithm() {
            KeyAlgorithm::Ed25519 => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?);
                Self::Ed25519(key.ok().map(Box::new))
            }
            KeyAlgorithm::P256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok()?;
                Self::P256(Box::new(key))
            }
            KeyAlgorithm::P384 => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok()?;
                Self::P384(Box::new(key))
            }
            KeyAlgorithm::P521 => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok()?;
                Self::P521(Box::new(key))
            }
            KeyAlgorithm::Rsa { .. } => {
                Self::Rsa(Box::new(RsaPublicKey::from_pkcs1_der(bytes).ok()?))
            }
        })
    }
}

impl PublicKey for Key {
    fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let verified = match Scheme::new(self.algorithm, algorithm, self.sha1)? {
            Scheme::Ed25519 => self.point.ed25519(message, signature),
            Scheme::Ecdsa(digest) => self.point.ecdsa(hash(digest, message), signature),
            Scheme::RsaPkcs1(digest) => self.point.rsa(digest, hash(digest, message), signature),
        };
        verified.ok_or(CryptoError::BadSignature(self.algorithm))
    }
}

impl Point {
    fn ed25519(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        use ed25519_dalek::{Signature, Verifier};
        let Self::Ed25519(Some(key)) = self else {
            return None;
        };
        key.verify(message, &Signature::from_slice(signature).ok()?)
            .ok()
    }

    fn ecdsa(&self, digest: Digest, signature: &[u8]) -> Option<()> {
        match self {
            Self::P256(key) => ecdsa::<_, p256::ecdsa::DerSignature>(&**key, digest, signature),
            Self::P384(key) => ecdsa::<_, p384::ecdsa::DerSignature>(&**key, digest, signature),
            Self::P521(key) => ecdsa::<_, p521::ecdsa::DerSignature>(&**key, digest, signature),
            Self::Ed25519(_) | Self::Rsa(_) => None,
        }
    }

    fn rsa(&self, algorithm: DigestAlgorithm, digest: Digest, signature: &[u8]) -> Option<()> {
        let Self::Rsa(key) = self else {
            return None;
        };
        let padding = match algorithm {
            DigestAlgorithm::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
            DigestAlgorithm::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
            DigestAlgorithm::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
            DigestAlgorithm::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
        };
        key.verify(padding, digest.as_bytes(), signature).ok()
    }
}

/// A digest longer than the curve's order is cut, a shorter one is a smaller number (FIPS 186-5
/// §6.4.2): the crates do both.
fn ecdsa<K, S>(key: &K, digest: Digest, signature: &[u8]) -> Option<()>
where
    K: PrehashVerifier<S>,
    S: for<'a> TryFrom<&'a [u8]>,
{
    let signature = S::try_from(signature).ok()?;
    key.verify_prehash(digest.as_bytes(), &signature).ok()
}
