//! Cryptography that takes every signature as good, to see what all the rest costs.

use std::sync::Arc;

use kasane_verify::crypto::{
    AwsLc, CryptoError, CryptoProvider, Digest, DigestAlgorithm, PublicKey,
};
use kasane_verify::spki::PublicKeyInfo;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use rustls_pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// For us.
#[derive(Debug)]
pub(crate) struct Good;

#[derive(Debug)]
struct GoodKey(KeyAlgorithm);

impl CryptoProvider for Good {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Ok(Arc::new(GoodKey(
            PublicKeyInfo::from_der(spki)?.algorithm(),
        )))
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        AwsLc.digest(algorithm, data)
    }
}

impl PublicKey for GoodKey {
    fn algorithm(&self) -> KeyAlgorithm {
        self.0
    }

    fn verify(&self, _: SignatureAlgorithm, _: &[u8], _: &[u8]) -> Result<(), CryptoError> {
        Ok(())
    }
}

/// For rustls-webpki.
#[derive(Debug)]
pub(crate) struct GoodAlgorithm {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
}

/// Those of the hierarchies.
pub(crate) const GOOD_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    &GoodAlgorithm {
        key: alg_id::ECDSA_P256,
        signature: alg_id::ECDSA_SHA256,
    },
    &GoodAlgorithm {
        key: alg_id::ECDSA_P384,
        signature: alg_id::ECDSA_SHA384,
    },
    &GoodAlgorithm {
        key: alg_id::RSA_ENCRYPTION,
        signature: alg_id::RSA_PKCS1_SHA256,
    },
];

impl SignatureVerificationAlgorithm for GoodAlgorithm {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}
