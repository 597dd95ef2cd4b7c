//! What a provider of cryptography must do.

use std::fmt;
use std::sync::Arc;

use super::{CryptoError, Digest, DigestAlgorithm};
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Verifies signatures and hashes. It is asked only about public data, so nothing here is secret.
pub trait CryptoProvider: fmt::Debug + Send + Sync {
    /// Parses a `SubjectPublicKeyInfo` (DER) once, so that caches and anchors pay for it once.
    ///
    /// # Errors
    /// When the structure is wrong, the algorithm unknown, or the key outside what is verified.
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError>;

    /// The digest of `data`.
    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest;

    /// One check without keeping the key; says the same as `public_key` followed by
    /// [`PublicKey::verify`].
    ///
    /// # Errors
    /// As these two.
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
    /// [`CryptoError::LegacyDigest`] when it is made over SHA-1,
    /// [`CryptoError::BadSignature`] when the signature is not this key's over this message.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;
}
