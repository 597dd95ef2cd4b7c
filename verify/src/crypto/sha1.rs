//! The one way to have a signature over SHA-1 checked.

use std::sync::Arc;

use super::{CryptoError, CryptoProvider, Digest, DigestAlgorithm, PublicKey};
use crate::SignatureAlgorithm;

/// A provider that also verifies signatures over SHA-1 (RSA, and ECDSA with P-256 and P-521).
///
/// Whoever relies on it relies on nothing: two documents with one SHA-1 are made for the price of a
/// few graphics cards. It is for test vectors and for reading history. Only
/// `AwsLc::dangerously_with_sha1` and `RustCrypto::dangerously_with_sha1` make it.
#[derive(Clone, Copy, Debug)]
pub struct DangerousSha1<P> {
    pub(super) provider: P,
}

/// Whether signatures over SHA-1 are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sha1 {
    Refused,
    DangerouslyAccepted,
}

impl Sha1 {
    pub(super) const fn is_accepted(self) -> bool {
        matches!(self, Self::DangerouslyAccepted)
    }
}

/// What a provider does the same with SHA-1 and without.
pub(super) trait WithSha1: CryptoProvider {
    fn key(spki: &[u8], sha1: Sha1) -> Result<Arc<dyn PublicKey>, CryptoError>;

    fn verify_once(
        algorithm: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
        sha1: Sha1,
    ) -> Result<(), CryptoError> {
        Self::key(spki, sha1)?.verify(algorithm, message, signature)
    }
}

impl<P: WithSha1> CryptoProvider for DangerousSha1<P> {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        P::key(spki, Sha1::DangerouslyAccepted)
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        self.provider.digest(algorithm, data)
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        P::verify_once(
            algorithm,
            spki,
            message,
            signature,
            Sha1::DangerouslyAccepted,
        )
    }
}
