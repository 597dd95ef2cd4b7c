//! Elliptic-curve keys: named curve, uncompressed point on it (RFC 5480 §2).

use const_oid::db::rfc5912;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Tag, Tagged};
use kasane_verify::KeyAlgorithm;

use super::KeyError;

/// First octet of a point (SEC 1 §2.3.3).
const INFINITY: u8 = 0x00;
const COMPRESSED_EVEN: u8 = 0x02;
const COMPRESSED_ODD: u8 = 0x03;
const UNCOMPRESSED: u8 = 0x04;

pub(super) fn check(
    parameters: Option<AnyRef<'_>>,
    point: &[u8],
) -> Result<KeyAlgorithm, KeyError> {
    let parameters = parameters.ok_or(KeyError::CurveMissing)?;
    match parameters.tag() {
        Tag::ObjectIdentifier => {}
        Tag::Sequence => return Err(KeyError::CurveExplicit),
        _ => return Err(KeyError::CurveMissing),
    }
    let oid: ObjectIdentifier = parameters.decode_as()?;
    let (algorithm, coordinate_bytes) = match oid {
        rfc5912::SECP_256_R_1 => (KeyAlgorithm::P256, 32),
        rfc5912::SECP_384_R_1 => (KeyAlgorithm::P384, 48),
        _ => return Err(KeyError::CurveUnsupported { oid }),
    };
    let expected_bytes = 1 + 2 * coordinate_bytes;
    match point.first() {
        Some(&INFINITY) if point.len() == 1 => return Err(KeyError::PointAtInfinity),
        Some(&(COMPRESSED_EVEN | COMPRESSED_ODD)) if point.len() == 1 + coordinate_bytes => {
            return Err(KeyError::PointCompressed);
        }
        Some(&UNCOMPRESSED) if point.len() == expected_bytes => {}
        _ => {
            return Err(KeyError::PointMalformed {
                length_bytes: point.len(),
                expected_bytes,
            });
        }
    }
    // The cofactor of both curves is 1: on the curve means in the group.
    let on_curve = match algorithm {
        KeyAlgorithm::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
        _ => p384::PublicKey::from_sec1_bytes(point).is_ok(),
    };
    if on_curve {
        Ok(algorithm)
    } else {
        Err(KeyError::PointNotOnCurve)
    }
}
