//! Whether a subscriber's public key is fit to be certified.
//!
//! Everything here is public data, so nothing needs constant time. Work is bounded: sizes are
//! checked before any arithmetic on the modulus.

mod ec;
mod error;
mod primes;
mod rsa;
mod weak_keys;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::Decode;
use kasane_verify::KeyAlgorithm;
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoRef;

pub use error::KeyError;
pub use weak_keys::{WeakKeyListError, WeakKeys};

/// A public key that passed every check. Only [`check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedKey {
    algorithm: KeyAlgorithm,
    spki_der: Vec<u8>,
    key_offset: usize,
}

impl CheckedKey {
    /// Algorithm and size: RSA-2048, -3072, -4096, P-256 or P-384.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The `SubjectPublicKeyInfo` as received, DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// The content of the `subjectPublicKey` bit string: a PKCS#1 `RSAPublicKey` or an uncompressed
    /// point.
    #[must_use]
    pub fn subject_public_key(&self) -> &[u8] {
        self.spki_der.get(self.key_offset..).unwrap_or_default()
    }

    /// SHA-256 of [`CheckedKey::spki_der`].
    #[must_use]
    pub fn spki_sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.spki_der).into()
    }
}

/// Checks form, size and strength of a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
///
/// # Errors
/// [`KeyError`], one variant per reason.
pub fn check(spki_der: &[u8], weak_keys: &WeakKeys) -> Result<CheckedKey, KeyError> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki_der)?;
    let oid = spki.algorithm.oid;
    let Some(key) = spki.subject_public_key.as_bytes() else {
        return Err(KeyError::UnusedBits);
    };
    let algorithm = if oid == rfc5912::RSA_ENCRYPTION {
        // RFC 3279 §2.3.1: the parameters MUST be NULL.
        match spki.algorithm.parameters {
            Some(parameters) if parameters.is_null() => rsa::check(key)?,
            _ => return Err(KeyError::RsaParameters),
        }
    } else if oid == rfc5912::ID_EC_PUBLIC_KEY {
        ec::check(spki.algorithm.parameters, key)?
    } else if oid == rfc8410::ID_ED_25519 {
        return Err(KeyError::Ed25519);
    } else {
        return Err(KeyError::AlgorithmUnsupported { oid });
    };
    if weak_keys.contains(&Sha256::digest(spki_der).into()) {
        return Err(KeyError::KnownWeak);
    }
    // The bit string is the last field, and its content the last octets.
    let key_offset = spki_der.len().saturating_sub(key.len());
    Ok(CheckedKey {
        algorithm,
        spki_der: spki_der.to_vec(),
        key_offset,
    })
}

/// What people call a curve, for messages.
fn curve_name(oid: ObjectIdentifier) -> Option<&'static str> {
    match oid {
        rfc5912::SECP_224_R_1 => Some("P-224"),
        rfc5912::SECP_256_R_1 => Some("P-256"),
        rfc5912::SECP_384_R_1 => Some("P-384"),
        rfc5912::SECP_521_R_1 => Some("P-521"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
