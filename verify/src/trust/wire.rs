//! The structures as they are encoded. The module's own page is their specification.

use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Encode, Sequence};

use super::TrustError;
use crate::UnixTime;

/// The one version of every structure.
pub(super) const VERSION: u8 = 1;

#[derive(Sequence)]
pub(super) struct WireDocument {
    pub(super) version: u8,
    pub(super) statement: OctetString,
    pub(super) signatures: Vec<WireSignature>,
}

#[derive(Sequence)]
pub(super) struct WireSignature {
    pub(super) officer: OctetString,
    pub(super) algorithm: ObjectIdentifier,
    pub(super) value: OctetString,
}

#[derive(Sequence)]
pub(super) struct WireStatement {
    pub(super) version: u8,
    pub(super) kind: u8,
    pub(super) domain: String,
    pub(super) number: u64,
    pub(super) issued_at: UnixTime,
    pub(super) expires_at: UnixTime,
    pub(super) officer_set: OctetString,
    pub(super) content: OctetString,
}

#[derive(Sequence)]
pub(super) struct WireSuccession {
    pub(super) version: u8,
    pub(super) set: WireOfficerSet,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) previous: Option<WireOfficerSet>,
}

#[derive(Sequence)]
pub(super) struct WireOfficerSet {
    pub(super) version: u8,
    pub(super) domain: String,
    pub(super) threshold: u32,
    pub(super) officers: Vec<WireOfficer>,
}

#[derive(Sequence)]
pub(super) struct WireOfficer {
    pub(super) name: String,
    pub(super) key: OctetString,
}

#[derive(Sequence)]
pub(super) struct WireAnchorBundle {
    pub(super) version: u8,
    pub(super) anchors: Vec<WireAnchor>,
}

#[derive(Sequence)]
pub(super) struct WireAnchor {
    pub(super) certificate: OctetString,
    pub(super) note: String,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) used_until: Option<UnixTime>,
}

#[derive(Sequence)]
pub(super) struct WireEmergency {
    pub(super) version: u8,
    pub(super) id: String,
    pub(super) whole_country: bool,
    pub(super) prefectures: Vec<u8>,
    pub(super) from: UnixTime,
    pub(super) until: UnixTime,
    pub(super) reason_en: String,
    pub(super) reason_ja: String,
}

/// Reads a whole value. What would be written differently is refused: one value, one encoding, so
/// nothing outside the signed octets can be changed unseen.
pub(super) fn read<T>(der: &[u8]) -> Result<T, TrustError>
where
    T: Encode + for<'a> Decode<'a, Error = der::Error>,
{
    let value = T::from_der(der)?;
    if value.to_der()? == der {
        Ok(value)
    } else {
        Err(TrustError::Malformed(
            der::ErrorKind::Noncanonical {
                tag: der::Tag::Sequence,
            }
            .into(),
        ))
    }
}

/// Refuses another version.
pub(super) const fn check_version(found: u8) -> Result<(), TrustError> {
    if found == VERSION {
        Ok(())
    } else {
        Err(TrustError::Version { found })
    }
}

/// An OCTET STRING of those octets.
pub(super) fn octets(bytes: &[u8]) -> Result<OctetString, TrustError> {
    Ok(OctetString::new(bytes)?)
}

/// The 32 octets of a SHA-256 digest.
pub(super) fn digest(octets: &OctetString) -> Result<[u8; 32], TrustError> {
    octets.as_bytes().try_into().map_err(|_| TrustError::Field {
        field: "digest",
        why: "a SHA-256 digest has 32 octets",
    })
}
