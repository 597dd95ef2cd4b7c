//! What a provider of cryptography must do.

use std::fmt;
use std::sync::Arc;

use const_oid::ObjectIdentifier;

use crate::spki::SpkiError;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Verifies signatures and hashes. It is asked only about public data, so nothing here is secret.
pub trait CryptoProvider: fmt::Debug + Send + Sync {
    /// Parses a `SubjectPublicKeyInfo` (DER) once, so that caches and anchors pay for it once.
    ///
    /// # Errors
    /// When the structure is wrong, the algorithm unknown, or the key outside what is verified.
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError>;

    /// The digest of `data`: 20, 32 or 48 octets.
    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Vec<u8>;

    /// One check without keeping the key.
    ///
    /// # Errors
    /// As `public_key` and [`PublicKey::verify`].
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.public_key(spki)?.verify(algorithm, message, signature)
    }
}

/// A parsed public key.
pub trait PublicKey: fmt::Debug + Send + Sync {
    /// Kind and size.
    fn algorithm(&self) -> KeyAlgorithm;

    /// Checks `signature` over `message`.
    ///
    /// # Errors
    /// [`CryptoError::WrongFamily`] when such a key cannot make such a signature,
    /// [`CryptoError::BadSignature`] when the signature is not this key's over this message.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;
}

/// Digests that identifiers are made with; none of them protects a signature by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-1, for `CertID` (RFC 6960 §4.1.1) and old key identifiers only.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl DigestAlgorithm {
    /// Every digest.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha384];

    /// The object identifier in an `AlgorithmIdentifier`.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        use const_oid::db::rfc5912;
        match self {
            Self::Sha1 => rfc5912::ID_SHA_1,
            Self::Sha256 => rfc5912::ID_SHA_256,
            Self::Sha384 => rfc5912::ID_SHA_384,
        }
    }

    /// The digest that `oid` stands for.
    #[must_use]
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.oid() == oid)
    }

    /// Octets of the digest.
    #[must_use]
    pub const fn length_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// Why a key or a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The key's structure is wrong.
    #[error(transparent)]
    Spki(#[from] SpkiError),
    /// The size is outside what a signature is checked with.
    #[error("cannot use key: {0} is outside rsa-2048 to rsa-8192")]
    RsaSize(KeyAlgorithm),
    /// The provider refuses the key: point off the curve, even exponent, and the like.
    #[error("cannot use key: the {0} value is not a valid public key")]
    InvalidKey(KeyAlgorithm),
    /// The signature algorithm belongs to another kind of key.
    #[error("cannot check signature: {signature} is not made by a {key} key")]
    WrongFamily {
        /// What the signature claims to be.
        signature: SignatureAlgorithm,
        /// The key that is said to have made it.
        key: KeyAlgorithm,
    },
    /// The signature does not verify.
    #[error("signature does not verify with the {0} key")]
    BadSignature(KeyAlgorithm),
}

impl CryptoError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Spki(error) => error.code(),
            Self::RsaSize(_) => "crypto.rsa_size",
            Self::InvalidKey(_) => "crypto.invalid_key",
            Self::WrongFamily { .. } => "crypto.wrong_family",
            Self::BadSignature(_) => "crypto.bad_signature",
        }
    }
}
