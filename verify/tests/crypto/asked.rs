//! Asks both providers in every way there is, and fails when the answers differ.

use kasane_verify::crypto::{AwsLc, CryptoError, CryptoProvider, RustCrypto};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

/// A signature and what it is said to be.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) spki: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Signed {
    /// What both providers say.
    pub(crate) fn verdict(&self) -> Result<(), CryptoError> {
        self.verdict_of([&AwsLc, &RustCrypto])
    }

    /// What both providers say when SHA-1 is let through.
    pub(crate) fn verdict_with_sha1(&self) -> Result<(), CryptoError> {
        self.verdict_of([
            &AwsLc::dangerously_with_sha1(),
            &RustCrypto::dangerously_with_sha1(),
        ])
    }

    /// Whether both say that the signature, and nothing else, is bad.
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self.verdict(), Err(CryptoError::BadSignature(_)))
    }

    /// Whether both say that such a key makes no such signatures.
    pub(crate) fn is_of_another_family(&self) -> bool {
        matches!(self.verdict(), Err(CryptoError::WrongFamily { .. }))
    }

    fn verdict_of(&self, providers: [&dyn CryptoProvider; 2]) -> Result<(), CryptoError> {
        let [verdict, other] = providers.map(|provider| {
            let Self {
                algorithm,
                spki,
                message,
                signature,
            } = self;
            let once = provider.verify(*algorithm, spki, message, signature);
            let kept = provider.public_key(spki).and_then(|key| {
                let first = key.verify(*algorithm, message, signature);
                let again = key.verify(*algorithm, message, signature);
                assert_eq!(first, again, "{provider:?} changes its mind on {self:?}");
                first
            });
            assert_eq!(once, kept, "{provider:?} says two things on {self:?}");
            once
        });
        assert_eq!(verdict, other, "the providers differ on {self:?}");
        verdict
    }
}

/// What both providers say about a key.
pub(crate) fn key(spki: &[u8]) -> Result<KeyAlgorithm, CryptoError> {
    let providers: [&dyn CryptoProvider; 2] = [&AwsLc, &RustCrypto];
    let [verdict, other] =
        providers.map(|provider| provider.public_key(spki).map(|key| key.algorithm()));
    assert_eq!(verdict, other, "the providers differ on {spki:02x?}");
    verdict
}
