//! `SubjectPublicKeyInfo`: which key is it, and is it written the one right way.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::UintRef;
use der::{Decode, Reader, Tag};

use crate::{KeyAlgorithm, asn1};

#[cfg(test)]
mod tests;

/// Longest SPKI that is looked at: RSA-16384 needs 2,086 octets.
const MAX_SPKI_BYTES: usize = 4096;

/// A parsed `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), borrowed from its DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyInfo<'a> {
    der: &'a [u8],
    algorithm: KeyAlgorithm,
    key: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    /// Reads an SPKI. RSA needs NULL parameters (RFC 3279 §2.3.1), EC a named curve and an
    /// uncompressed point (RFC 5480 §2.1.1, §2.2), Ed25519 no parameters (RFC 8410 §3).
    ///
    /// Whether the point is on the curve is for the crypto provider to say.
    ///
    /// # Errors
    /// One variant of [`SpkiError`] per reason.
    pub fn from_der(der: &'a [u8]) -> Result<Self, SpkiError> {
        if der.len() > MAX_SPKI_BYTES {
            return Err(SpkiError::TooLong {
                length_bytes: der.len(),
            });
        }
        let (id, parameters, key) = asn1::whole(der, |reader| {
            asn1::within(reader, Tag::Sequence, |spki| {
                let (id, parameters) = asn1::within(spki, Tag::Sequence, |algorithm| {
                    let id = asn1::read_oid_octets(algorithm)?;
                    let parameters = match algorithm.is_finished() {
                        true => None,
                        false => Some(asn1::read_any(algorithm)?),
                    };
                    Ok::<_, der::Error>((id, parameters))
                })?;
                Ok::<_, der::Error>((id, parameters, asn1::read_octets(spki)?))
            })
        })?;
        let key = key.ok_or(SpkiError::UnusedBits)?;
        let algorithm = if id == rfc5912::RSA_ENCRYPTION.as_bytes() {
            rsa(parameters, key)?
        } else if id == rfc5912::ID_EC_PUBLIC_KEY.as_bytes() {
            elliptic(parameters, key)?
        } else if id == rfc8410::ID_ED_25519.as_bytes() {
            if parameters.is_some() {
                return Err(SpkiError::Parameters("absent"));
            }
            point_length(KeyAlgorithm::Ed25519, key, 32)?
        } else {
            return Err(SpkiError::UnknownAlgorithm(owned(id)?));
        };
        Ok(Self {
            der,
            algorithm,
            key,
        })
    }

    /// Kind and size of the key.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The whole SPKI in DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The content of the BIT STRING: an `RSAPublicKey`, an uncompressed point, or 32 octets. Key
    /// identifiers and OCSP's `issuerKeyHash` are digests of it (RFC 6960 §4.1.1).
    #[must_use]
    pub const fn key_bytes(&self) -> &'a [u8] {
        self.key
    }
}

/// The content of the key's BIT STRING, whatever the algorithm; for hashing keys that are not used.
///
/// # Errors
/// When `der` is no SPKI.
pub fn key_bytes(der: &[u8]) -> Result<&[u8], SpkiError> {
    let bits = asn1::whole(der, |reader| {
        asn1::within(reader, Tag::Sequence, |spki| {
            asn1::read_any(spki)?;
            asn1::read_octets(spki)
        })
    })?;
    bits.ok_or(SpkiError::UnusedBits)
}

/// An identifier for a message.
fn owned(id: &[u8]) -> der::Result<ObjectIdentifier> {
    ObjectIdentifier::from_bytes(id).map_err(|_| Tag::ObjectIdentifier.value_error().into())
}

/// First octet and content of an algorithm's parameters.
type Parameters<'a> = Option<(u8, &'a [u8])>;

fn rsa(parameters: Parameters<'_>, key: &[u8]) -> Result<KeyAlgorithm, SpkiError> {
    if parameters != Some((5, &[])) {
        return Err(SpkiError::Parameters("NULL"));
    }
    let (modulus, exponent) = asn1::whole(key, |reader| {
        asn1::within(reader, Tag::Sequence, |key| {
            Ok::<_, der::Error>((UintRef::decode(key)?, UintRef::decode(key)?))
        })
    })?;
    let leading = modulus
        .as_bytes()
        .first()
        .map_or(8, |octet| octet.leading_zeros());
    let bits = u32::try_from(modulus.as_bytes().len())
        .ok()
        .and_then(|octets| octets.checked_mul(8))
        .and_then(|bits| bits.checked_sub(leading))
        .filter(|bits| *bits <= 16_384)
        .ok_or(SpkiError::TooLong {
            length_bytes: key.len(),
        })?;
    let odd = |octets: &[u8]| octets.last().is_some_and(|octet| octet & 1 == 1);
    // RFC 8017 §3.1: e is odd and at least 3; n is a product of odd primes. Beyond 33 bits an
    // exponent only costs time, and no library follows.
    let fits = match exponent.as_bytes() {
        [1] => false,
        [1, _, _, _, _] => true,
        octets => octets.len() <= 4,
    };
    if !fits || !odd(exponent.as_bytes()) {
        return Err(SpkiError::RsaExponent);
    }
    if !odd(modulus.as_bytes()) {
        return Err(SpkiError::RsaModulus);
    }
    Ok(KeyAlgorithm::Rsa { bits })
}

fn elliptic(parameters: Parameters<'_>, key: &[u8]) -> Result<KeyAlgorithm, SpkiError> {
    let Some((6, curve)) = parameters else {
        return Err(SpkiError::Parameters("a named curve"));
    };
    let (algorithm, coordinate_bytes) = if curve == rfc5912::SECP_256_R_1.as_bytes() {
        (KeyAlgorithm::P256, 32)
    } else if curve == rfc5912::SECP_384_R_1.as_bytes() {
        (KeyAlgorithm::P384, 48)
    } else if curve == rfc5912::SECP_521_R_1.as_bytes() {
        (KeyAlgorithm::P521, 66)
    } else {
        let curve = owned(curve).map_err(|_| SpkiError::Parameters("a named curve"))?;
        return Err(SpkiError::UnknownCurve(curve));
    };
    match key.first() {
        Some(4) => point_length(algorithm, key, 1 + 2 * coordinate_bytes),
        Some(2 | 3) => Err(SpkiError::CompressedPoint(algorithm)),
        _ => Err(SpkiError::KeyLength {
            algorithm,
            length_bytes: key.len(),
        }),
    }
}

fn point_length(
    algorithm: KeyAlgorithm,
    key: &[u8],
    expected: usize,
) -> Result<KeyAlgorithm, SpkiError> {
    if key.len() == expected {
        Ok(algorithm)
    } else {
        Err(SpkiError::KeyLength {
            algorithm,
            length_bytes: key.len(),
        })
    }
}

/// Why an SPKI is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpkiError {
    /// Not the DER of an SPKI.
    #[error("cannot read public key: not a DER SubjectPublicKeyInfo ({0})")]
    Der(#[from] der::Error),
    /// Longer than any key that could be used.
    #[error("cannot read public key: {length_bytes} octets are more than any usable key needs")]
    TooLong {
        /// Its length.
        length_bytes: usize,
    },
    /// The BIT STRING does not end on an octet.
    #[error("cannot read public key: its bit string has unused bits")]
    UnusedBits,
    /// An algorithm that is not ours.
    #[error("cannot use public key: algorithm {0} is not RSA, EC or Ed25519")]
    UnknownAlgorithm(ObjectIdentifier),
    /// A curve that is not ours.
    #[error("cannot use public key: curve {0} is not P-256, P-384 or P-521")]
    UnknownCurve(ObjectIdentifier),
    /// The algorithm's parameters are not what its standard says.
    #[error("cannot use public key: its algorithm parameters must be {0}")]
    Parameters(&'static str),
    /// RFC 5480 §2.2 allows compression, RFC 5280 verifiers need not read it, and we do not.
    #[error("cannot use public key: the {0} point is compressed; use the uncompressed form")]
    CompressedPoint(KeyAlgorithm),
    /// The key has the wrong length for its algorithm.
    #[error("cannot use public key: {length_bytes} octets are not a {algorithm} key")]
    KeyLength {
        /// The algorithm.
        algorithm: KeyAlgorithm,
        /// The length found.
        length_bytes: usize,
    },
    /// An even exponent, one, or one of more than 33 bits.
    #[error("cannot use public key: the RSA exponent must be odd, at least 3 and below 2^33")]
    RsaExponent,
    /// An even modulus.
    #[error("cannot use public key: the RSA modulus is even")]
    RsaModulus,
}

impl SpkiError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "key.malformed",
            Self::TooLong { .. } => "key.too_long",
            Self::UnusedBits => "key.unused_bits",
            Self::UnknownAlgorithm(_) => "key.unknown_algorithm",
            Self::UnknownCurve(_) => "key.unknown_curve",
            Self::Parameters(_) => "key.parameters",
            Self::CompressedPoint(_) => "key.compressed_point",
            Self::KeyLength { .. } => "key.length",
            Self::RsaExponent => "key.rsa_exponent",
            Self::RsaModulus => "key.rsa_modulus",
        }
    }
}
