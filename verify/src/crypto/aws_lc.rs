//! The default provider.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self as alc, ParsedPublicKey, VerificationAlgorithm};

use super::scheme::{Scheme, usable_key};
use super::sha1::{Sha1, WithSha1};
use super::{CryptoError, CryptoProvider, DangerousSha1, Digest, DigestAlgorithm, PublicKey};
use crate::spki::PublicKeyInfo;
use crate::{KeyAlgorithm, SignatureAlgorithm};

/// Cryptography of aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl AwsLc {
    /// A provider that verifies signatures over SHA-1 too, which prove nothing; for test vectors
    /// and history.
    #[must_use]
    pub const fn dangerously_with_sha1() -> DangerousSha1<Self> {
        DangerousSha1 { provider: Self }
    }
}

impl CryptoProvider for AwsLc {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Self::key(spki, Sha1::Refused)
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        match algorithm {
            DigestAlgorithm::Sha1 => hash::<20>(library(algorithm), data).into(),
            DigestAlgorithm::Sha256 => hash::<32>(library(algorithm), data).into(),
            DigestAlgorithm::Sha384 => hash::<48>(library(algorithm), data).into(),
            DigestAlgorithm::Sha512 => hash::<64>(library(algorithm), data).into(),
        }
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify_once(algorithm, spki, message, signature, Sha1::Refused)
    }
}

impl WithSha1 for AwsLc {
    fn key(spki: &[u8], sha1: Sha1) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Ok(Arc::new(Key::parse(spki, sha1)?))
    }

    fn verify_once(
        algorithm: SignatureAlgorithm,
        spki: &[u8],
        message: &[u8],
        signature: &[u8],
        sha1: Sha1,
    ) -> Result<(), CryptoError> {
        verify_once(algorithm, spki, message, signature, sha1)
    }
}

const fn library(algorithm: DigestAlgorithm) -> &'static digest::Algorithm {
    match algorithm {
        DigestAlgorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha256 => &digest::SHA256,
        DigestAlgorithm::Sha384 => &digest::SHA384,
        DigestAlgorithm::Sha512 => &digest::SHA512,
    }
}

fn hash<const N: usize>(algorithm: &'static digest::Algorithm, data: &[u8]) -> [u8; N] {
    let digest = digest::digest(algorithm, data);
    let mut octets = [0; N];
    for (to, from) in octets.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    octets
}

/// aws-lc-rs binds a parsed key to one digest, so the others of a family are parsed when a
/// signature first asks for them.
#[derive(Debug)]
struct Key {
    algorithm: KeyAlgorithm,
    sha1: Sha1,
    /// Parsed for `algorithm.default_signature()`.
    default: ParsedPublicKey,
    /// By digest, from SHA-1 to SHA-512.
    others: [OnceLock<ParsedPublicKey>; 4],
}

impl Key {
    fn parse(spki: &[u8], sha1: Sha1) -> Result<Self, CryptoError> {
        let info = usable_key(spki)?;
        Ok(Self {
            algorithm: info.algorithm(),
            sha1,
            default: parse_default(&info)?,
            others: [const { OnceLock::new() }; 4],
        })
    }

    fn slot(&self, scheme: Scheme) -> Option<&OnceLock<ParsedPublicKey>> {
        let (Scheme::Ecdsa(digest) | Scheme::RsaPkcs1(digest)) = scheme else {
            return None;
        };
        let [sha1, sha256, sha384, sha512] = &self.others;
        Some(match digest {
            DigestAlgorithm::Sha1 => sha1,
            DigestAlgorithm::Sha256 => sha256,
            DigestAlgorithm::Sha384 => sha384,
            DigestAlgorithm::Sha512 => sha512,
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
        let scheme = Scheme::new(self.algorithm, algorithm, self.sha1)?;
        // Hashed here: the library's own way to both at once sets up more than it needs.
        let digest = match scheme {
            Scheme::Ecdsa(digest) | Scheme::RsaPkcs1(digest) => {
                Some(digest::digest(library(digest), message))
            }
            _ => None,
        };
        let check = |key: &ParsedPublicKey| {
            match &digest {
                Some(digest) => key.verify_digest_sig(digest, signature),
                None => key.verify_sig(message, signature),
            }
            .map_err(|_| CryptoError::BadSignature(self.algorithm))
        };
        if algorithm == self.algorithm.default_signature() {
            return check(&self.default);
        }
        let slot = self.slot(scheme);
        if let Some(parsed) = slot.and_then(OnceLock::get) {
            return check(parsed);
        }
        let parsed = parse(
            self.algorithm,
            verification(self.algorithm, algorithm)?,
            self.default.as_ref(),
        )?;
        let verdict = check(&parsed);
        if let Some(slot) = slot {
            // Another thread may have filled the slot meanwhile, with the same.
            let _ = slot.set(parsed);
        }
        verdict
    }
}

/// Without a copy of the key's octets, without a reference count.
fn verify_once(
    algorithm: SignatureAlgorithm,
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
    sha1: Sha1,
) -> Result<(), CryptoError> {
    let info = usable_key(spki)?;
    let key = info.algorithm();
    let checked = Scheme::new(key, algorithm, sha1)
        .and_then(|_| verification(key, algorithm))
        .and_then(|how| {
            how.verify_sig(preferred(&info), message, signature)
                .map_err(|_| CryptoError::BadSignature(key))
        });
    // The library gives one answer for a bad key and a bad signature; the key is looked at first.
    checked.or_else(|error| {
        parse_default(&info)?;
        Err(error)
    })
}

fn parse_default(info: &PublicKeyInfo<'_>) -> Result<ParsedPublicKey, CryptoError> {
    let key = info.algorithm();
    let how = verification(key, key.default_signature())?;
    parse(key, how, preferred(info))
}

/// The library reads both a key and its SPKI. It tries the SPKI first, and of elliptic curves the
/// point as well, whatever it was given: there the SPKI is the shorter way, by a third.
const fn preferred<'a>(info: &PublicKeyInfo<'a>) -> &'a [u8] {
    match info.algorithm() {
        KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => info.der(),
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Rsa { .. } => info.key_bytes(),
    }
}

fn parse(
    key: KeyAlgorithm,
    how: &'static dyn VerificationAlgorithm,
    bytes: &[u8],
) -> Result<ParsedPublicKey, CryptoError> {
    ParsedPublicKey::new(how, bytes).map_err(|_| CryptoError::InvalidKey(key))
}

fn verification(
    key: KeyAlgorithm,
    signature: SignatureAlgorithm,
) -> Result<&'static dyn VerificationAlgorithm, CryptoError> {
    use {KeyAlgorithm as K, SignatureAlgorithm as S};
    Ok(match (key, signature) {
        (K::Ed25519, S::Ed25519) => &alc::ED25519,
        (K::P256, S::EcdsaSha1) => &alc::ECDSA_P256_SHA1_ASN1,
        (K::P256, S::EcdsaSha256) => &alc::ECDSA_P256_SHA256_ASN1,
        (K::P256, S::EcdsaSha384) => &alc::ECDSA_P256_SHA384_ASN1,
        (K::P256, S::EcdsaSha512) => &alc::ECDSA_P256_SHA512_ASN1,
        (K::P384, S::EcdsaSha256) => &alc::ECDSA_P384_SHA256_ASN1,
        (K::P384, S::EcdsaSha384) => &alc::ECDSA_P384_SHA384_ASN1,
        (K::P384, S::EcdsaSha512) => &alc::ECDSA_P384_SHA512_ASN1,
        (K::P521, S::EcdsaSha1) => &alc::ECDSA_P521_SHA1_ASN1,
        (K::P521, S::EcdsaSha256) => &alc::ECDSA_P521_SHA256_ASN1,
        (K::P521, S::EcdsaSha384) => &alc::ECDSA_P521_SHA384_ASN1,
        (K::P521, S::EcdsaSha512) => &alc::ECDSA_P521_SHA512_ASN1,
        (K::Rsa { .. }, S::RsaPkcs1Sha1) => &alc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (K::Rsa { .. }, S::RsaPkcs1Sha256) => &alc::RSA_PKCS1_2048_8192_SHA256,
        (K::Rsa { .. }, S::RsaPkcs1Sha384) => &alc::RSA_PKCS1_2048_8192_SHA384,
        (K::Rsa { .. }, S::RsaPkcs1Sha512) => &alc::RSA_PKCS1_2048_8192_SHA512,
        _ => return Err(CryptoError::WrongFamily { signature, key }),
    })
}
