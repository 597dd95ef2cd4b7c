//! Keys and signatures in the device's terms.

use der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use der::{AnyRef, Decode, Encode, Sequence};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use sha2::{Digest, Sha256, Sha384};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use yubihsm::{Capability, asymmetric};

/// RFC 5480 §2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 5480 §2.1.1.1.
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// RFC 5480 §2.1.1.1.
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// RFC 8410 §3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 4055 §1.2.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The exponent of every RSA key that a device makes (YubiHSM Command Reference, "Generate Asymmetric
/// Key"): 65537.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// The longest message that Ed25519 signs in one command of 2,048 bytes: less the outer header, session
/// and MAC (12), the whole blocks of 16 that fit, the inner header and object ID (5) and the padding's
/// first octet.
pub(super) const MAX_ED25519_MESSAGE_BYTES: usize = (2048 - 12) / 16 * 16 - 5 - 1;

/// What is sent to the device for a message.
pub(super) enum Input {
    /// ECDSA: the digest.
    Digest(Vec<u8>),
    /// Ed25519: the message.
    Ed25519(Vec<u8>),
    /// RSA PKCS#1 v1.5 with SHA-256: the message; the crate hashes it on the host.
    RsaSha256(Vec<u8>),
}

impl Input {
    /// `None` if such a key, by this backend, cannot make such a signature.
    pub(super) fn new(
        key: KeyAlgorithm,
        signature: SignatureAlgorithm,
        message: &[u8],
    ) -> Option<Self> {
        match (key, signature) {
            (KeyAlgorithm::P256, SignatureAlgorithm::EcdsaSha256) => {
                Some(Self::Digest(Sha256::digest(message).to_vec()))
            }
            (KeyAlgorithm::P384, SignatureAlgorithm::EcdsaSha384) => {
                Some(Self::Digest(Sha384::digest(message).to_vec()))
            }
            (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519) => {
                Some(Self::Ed25519(message.to_vec()))
            }
            (KeyAlgorithm::Rsa { .. }, SignatureAlgorithm::RsaPkcs1Sha256) => {
                Some(Self::RsaSha256(message.to_vec()))
            }
            _ => None,
        }
    }
}

/// The device's name of an algorithm that we make keys of.
pub(super) const fn to_device(algorithm: KeyAlgorithm) -> Option<asymmetric::Algorithm> {
    Some(match algorithm {
        KeyAlgorithm::Ed25519 => asymmetric::Algorithm::Ed25519,
        KeyAlgorithm::P256 => asymmetric::Algorithm::EcP256,
        KeyAlgorithm::P384 => asymmetric::Algorithm::EcP384,
        KeyAlgorithm::Rsa { bits: 2048 } => asymmetric::Algorithm::Rsa2048,
        KeyAlgorithm::Rsa { bits: 3072 } => asymmetric::Algorithm::Rsa3072,
        KeyAlgorithm::Rsa { bits: 4096 } => asymmetric::Algorithm::Rsa4096,
        KeyAlgorithm::P521 | KeyAlgorithm::Rsa { .. } => return None,
    })
}

/// The algorithm of a device's key, if it is one that we use.
pub(super) const fn from_device(algorithm: asymmetric::Algorithm) -> Option<KeyAlgorithm> {
    Some(match algorithm {
        asymmetric::Algorithm::Ed25519 => KeyAlgorithm::Ed25519,
        asymmetric::Algorithm::EcP256 => KeyAlgorithm::P256,
        asymmetric::Algorithm::EcP384 => KeyAlgorithm::P384,
        asymmetric::Algorithm::Rsa2048 => KeyAlgorithm::RSA_2048,
        asymmetric::Algorithm::Rsa3072 => KeyAlgorithm::RSA_3072,
        asymmetric::Algorithm::Rsa4096 => KeyAlgorithm::RSA_4096,
        _ => return None,
    })
}

/// What a key of ours may do: make signatures of its one kind, and leave the device under a wrap key.
/// The latter always, since a key that no second device holds ends with its device.
pub(super) const fn capabilities(algorithm: KeyAlgorithm) -> Capability {
    let sign = match algorithm {
        KeyAlgorithm::Ed25519 => Capability::SIGN_EDDSA,
        KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => Capability::SIGN_ECDSA,
        KeyAlgorithm::Rsa { .. } => Capability::SIGN_PKCS,
    };
    sign.union(Capability::EXPORTABLE_UNDER_WRAP)
}

/// Every capability that a key of ours can have.
pub(super) const fn every_capability() -> Capability {
    Capability::SIGN_EDDSA
        .union(Capability::SIGN_ECDSA)
        .union(Capability::SIGN_PKCS)
        .union(Capability::EXPORTABLE_UNDER_WRAP)
}

/// DER `SubjectPublicKeyInfo` of a device's raw public key: an RSA modulus, a point without its
/// leading 04, or 32 octets. `None` if the octets are not of the algorithm's length.
pub(super) fn spki(algorithm: KeyAlgorithm, raw: &[u8]) -> Option<Vec<u8>> {
    let (oid, parameters, key) = match algorithm {
        KeyAlgorithm::P256 if raw.len() == 64 => {
            (EC_PUBLIC_KEY, Some(AnyRef::from(&P256)), point(raw))
        }
        KeyAlgorithm::P384 if raw.len() == 96 => {
            (EC_PUBLIC_KEY, Some(AnyRef::from(&P384)), point(raw))
        }
        KeyAlgorithm::Ed25519 if raw.len() == 32 => (ED25519, None, raw.to_vec()),
        KeyAlgorithm::Rsa { bits } if raw.len() * 8 == usize::try_from(bits).ok()? => {
            let key = RsaPublicKey {
                modulus: UintRef::new(raw).ok()?,
                public_exponent: UintRef::new(&RSA_EXPONENT).ok()?,
            };
            (RSA_ENCRYPTION, Some(AnyRef::NULL), key.to_der().ok()?)
        }
        _ => return None,
    };
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(&key).ok()?,
    }
    .to_der()
    .ok()
}

/// Whether these octets can be the signature: DER of two numbers for ECDSA, the length of the modulus
/// for RSA, 64 octets for Ed25519. Whether it verifies is the caller's to try.
pub(super) fn is_signature(algorithm: KeyAlgorithm, octets: &[u8]) -> bool {
    match algorithm {
        KeyAlgorithm::Ed25519 => octets.len() == 64,
        KeyAlgorithm::Rsa { bits } => u32::try_from(octets.len() * 8) == Ok(bits),
        KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
            EcdsaSigValue::from_der(octets).is_ok()
        }
    }
}

fn point(raw: &[u8]) -> Vec<u8> {
    [&[4], raw].concat()
}

/// RFC 8017 §A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

/// RFC 3279 §2.2.3.
#[derive(Sequence)]
struct EcdsaSigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}
