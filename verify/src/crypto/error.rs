//! Why a key or a signature is refused.

use crate::spki::SpkiError;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Why a key or a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The key's structure is wrong.
    #[error(transparent)]
    Spki(#[from] SpkiError),
    /// The size is outside what a signature is checked with.
    #[error("cannot use key: {0} is outside rsa-2048 to rsa-8192")]
    RsaSize(KeyAlgorithm),
    /// Not a key of its algorithm: a point off the curve, an Ed25519 key of small order, and the
    /// like.
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
    /// A signature over SHA-1, to a provider that was not made to look at such.
    #[error(
        "cannot check signature: {0} proves nothing since SHA-1 collisions are made at will; have \
         it signed again with SHA-256 or better"
    )]
    LegacyDigest(SignatureAlgorithm),
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
            Self::LegacyDigest(_) => "crypto.legacy_digest",
            Self::BadSignature(_) => "crypto.bad_signature",
        }
    }
}
