//! The default provider.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self as alc, ParsedPublicKey, VerificationAlgorithm};

use super::{CryptoError, CryptoProvider, DigestAlgorithm, PublicKey};
use crate::spki::PublicKeyInfo;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Cryptography of aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl CryptoProvider for AwsLc {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        let info = PublicKeyInfo::from_der(spki)?;
        let algorithm = info.algorithm();
        if let KeyAlgorithm::Rsa { bits } = algorithm
            && !(2048..=8192).contains(&bits)
        {
            return Err(CryptoError::RsaSize(algorithm));
        }
        let signature = algorithm.default_signature();
        let parsed = parse(algorithm, signature, info.key_bytes())?;
        Ok(Arc::new(Key {
            algorithm,
            bytes: info.key_bytes().into(),
            default: (signature, parsed),
            others: [const { OnceLock::new() }; 2],
        }))
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Vec<u8> {
        let algorithm = match algorithm {
            DigestAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            DigestAlgorithm::Sha256 => &digest::SHA256,
            DigestAlgorithm::Sha384 => &digest::SHA384,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }
}

/// aws-lc-rs binds a parsed key to one digest, so the two others of a family are parsed when a
/// signature first asks for them.
#[derive(Debug)]
struct Key {
    algorithm: KeyAlgorithm,
    bytes: Box<[u8]>,
    default: (SignatureAlgorithm, ParsedPublicKey),
    others: [OnceLock<(SignatureAlgorithm, ParsedPublicKey)>; 2],
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
        let bad = |_| CryptoError::BadSignature(self.algorithm);
        if algorithm == self.default.0 {
            return self.default.1.verify_sig(message, signature).map_err(bad);
        }
        for slot in &self.others {
            if slot.get().is_none() {
                let parsed = parse(self.algorithm, algorithm, &self.bytes)?;
                // Another thread may have filled the slot meanwhile; the check below sees it.
                let _ = slot.set((algorithm, parsed));
            }
            if let Some((of_slot, key)) = slot.get()
                && *of_slot == algorithm
            {
                return key.verify_sig(message, signature).map_err(bad);
            }
        }
        parse(self.algorithm, algorithm, &self.bytes)?
            .verify_sig(message, signature)
            .map_err(bad)
    }
}

fn parse(
    key: KeyAlgorithm,
    signature: SignatureAlgorithm,
    bytes: &[u8],
) -> Result<ParsedPublicKey, CryptoError> {
    let algorithm =
        verification(key, signature).ok_or(CryptoError::WrongFamily { signature, key })?;
    ParsedPublicKey::new(algorithm, bytes).map_err(|_| CryptoError::InvalidKey(key))
}

fn verification(
    key: KeyAlgorithm,
    signature: SignatureAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    use {KeyAlgorithm as K, SignatureAlgorithm as S};
    Some(match (key, signature) {
        (K::Ed25519, S::Ed25519) => &alc::ED25519,
        (K::P256, S::EcdsaSha256) => &alc::ECDSA_P256_SHA256_ASN1,
        (K::P256, S::EcdsaSha384) => &alc::ECDSA_P256_SHA384_ASN1,
        (K::P256, S::EcdsaSha512) => &alc::ECDSA_P256_SHA512_ASN1,
        (K::P384, S::EcdsaSha256) => &alc::ECDSA_P384_SHA256_ASN1,
        (K::P384, S::EcdsaSha384) => &alc::ECDSA_P384_SHA384_ASN1,
        (K::P384, S::EcdsaSha512) => &alc::ECDSA_P384_SHA512_ASN1,
        (K::P521, S::EcdsaSha256) => &alc::ECDSA_P521_SHA256_ASN1,
        (K::P521, S::EcdsaSha384) => &alc::ECDSA_P521_SHA384_ASN1,
        (K::P521, S::EcdsaSha512) => &alc::ECDSA_P521_SHA512_ASN1,
        (K::Rsa { .. }, S::RsaPkcs1Sha256) => &alc::RSA_PKCS1_2048_8192_SHA256,
        (K::Rsa { .. }, S::RsaPkcs1Sha384) => &alc::RSA_PKCS1_2048_8192_SHA384,
        (K::Rsa { .. }, S::RsaPkcs1Sha512) => &alc::RSA_PKCS1_2048_8192_SHA512,
        _ => return None,
    })
}
