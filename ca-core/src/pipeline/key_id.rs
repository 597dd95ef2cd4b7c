//! Key identifiers.

use const_oid::db::rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER;
use der::Decode;
use der::asn1::OctetStringRef;
use sha2::{Digest, Sha256};
use x509_cert::TbsCertificate;

/// Octets of a key identifier.
const KEY_ID_BYTES: usize = 20;

/// The leftmost 160 bits of SHA-256 over the content of the key's BIT STRING (RFC 7093 §2,
/// method 1).
#[must_use]
pub fn subject_key_id(subject_public_key: &[u8]) -> Vec<u8> {
    Sha256::digest(subject_public_key)
        .iter()
        .copied()
        .take(KEY_ID_BYTES)
        .collect()
}

/// The identifier that a certificate names for its own key (RFC 5280 §4.2.1.2).
#[must_use]
pub fn ski_of(tbs: &TbsCertificate) -> Option<Vec<u8>> {
    let extension = tbs
        .extensions()?
        .iter()
        .find(|it| it.extn_id == ID_CE_SUBJECT_KEY_IDENTIFIER)?;
    let id = <&OctetStringRef>::from_der(extension.extn_value.as_bytes()).ok()?;
    Some(id.as_bytes().to_vec())
}
