//! The public half of a key on a token, as a DER `SubjectPublicKeyInfo`.
//!
//! The private object's own attributes come first, as far as it has them (an RSA one has, an
//! elliptic one often not), then `CKA_PUBLIC_KEY_INFO`, then the public object of the same `CKA_ID`.

use const_oid::db::{rfc5912, rfc8410};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use der::asn1::UintRef;
use der::asn1::{AnyRef, BitStringRef, Null, ObjectIdentifier, OctetStringRef, PrintableStringRef};
use der::{Decode, Encode, Sequence};
use kasane_verify::KeyAlgorithm;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::fault::Fault;
use super::objects;
use crate::{Error, KeyLabel};

/// PKCS#11 3.1 §2.3.5 names the curve of Ed25519 by this text or by its object identifier.
pub(super) const EDWARDS25519: &str = "edwards25519";

/// RFC 8017 §A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

/// What is known of a public key; octets as the token gives them.
#[derive(Default)]
struct Parts {
    key_type: Option<KeyType>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    parameters: Vec<u8>,
    point: Vec<u8>,
    spki: Vec<u8>,
    always_authenticate: bool,
}

/// The algorithm and public key of a private key object.
///
/// # Errors
/// [`Error::Damaged`] when the token does not tell it or the key is of a kind that is not used here.
pub(super) fn read(
    session: &Session,
    private: ObjectHandle,
    id: &[u8],
    label: &KeyLabel,
) -> Result<(KeyAlgorithm, Vec<u8>), Fault> {
    let damaged = |reason| Error::Damaged {
        label: label.clone(),
        reason,
    };
    let mut parts = Parts::default();
    parts.add(session, private)?;
    if parts.always_authenticate {
        return Err(damaged(
            "the token asks for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE), which an unattended program cannot give",
        )
        .into());
    }
    if !parts.is_complete() && !id.is_empty() {
        let template = vec![Attribute::Id(id.to_vec())];
        for public in objects::find(session, ObjectClass::PUBLIC_KEY, template)? {
            parts.add(session, public)?;
        }
    }
    parts.into_key().map_err(|reason| damaged(reason).into())
}

/// The algorithm and public key of a public key object.
///
/// # Errors
/// As [`read`].
pub(super) fn of_public(
    session: &Session,
    public: ObjectHandle,
    label: &KeyLabel,
) -> Result<(KeyAlgorithm, Vec<u8>), Fault> {
    let mut parts = Parts::default();
    parts.add(session, public)?;
    parts.into_key().map_err(|reason| {
        Error::Damaged {
            label: label.clone(),
            reason,
        }
        .into()
    })
}

impl Parts {
    /// Takes over what is missing yet.
    fn add(&mut self, session: &Session, object: ObjectHandle) -> Result<(), Fault> {
        const WANTED: [AttributeType; 7] = [
            AttributeType::KeyType,
            AttributeType::Modulus,
            AttributeType::PublicExponent,
            AttributeType::EcParams,
            AttributeType::EcPoint,
            AttributeType::PublicKeyInfo,
            AttributeType::AlwaysAuthenticate,
        ];
        let fill = |part: &mut Vec<u8>, value: Vec<u8>| {
            if part.is_empty() {
                *part = value;
            }
        };
        for attribute in session.get_attributes(object, &WANTED)? {
            match attribute {
                Attribute::KeyType(key_type) => {
                    self.key_type.get_or_insert(key_type);
                }
                Attribute::Modulus(value) => fill(&mut self.modulus, value),
                Attribute::PublicExponent(value) => fill(&mut self.exponent, value),
                Attribute::EcParams(value) => fill(&mut self.parameters, value),
                Attribute::EcPoint(value) => fill(&mut self.point, value),
                Attribute::PublicKeyInfo(value) => fill(&mut self.spki, value),
                Attribute::AlwaysAuthenticate(value) => self.always_authenticate |= value,
                _ => {}
            }
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        match self.key_type {
            Some(KeyType::RSA) => !self.modulus.is_empty() && !self.exponent.is_empty(),
            _ => !self.parameters.is_empty() && (!self.point.is_empty() || !self.spki.is_empty()),
        }
    }

    fn into_key(self) -> Result<(KeyAlgorithm, Vec<u8>), &'static str> {
        match self.key_type {
            Some(KeyType::RSA) => self.rsa(),
            Some(KeyType::EC | KeyType::EC_EDWARDS) => self.elliptic(),
            _ => Err("the key is neither RSA nor of an elliptic curve"),
        }
    }

    fn rsa(&self) -> Result<(KeyAlgorithm, Vec<u8>), &'static str> {
        const UNTOLD: &str = "the token does not tell modulus and public exponent";
        let modulus = UintRef::new(&self.modulus).map_err(|_| UNTOLD)?;
        let bits = modulus
            .as_bytes()
            .first()
            .filter(|first| **first != 0)
            .and_then(|first| {
                let bits = modulus.as_bytes().len().checked_mul(8)?;
                u32::try_from(bits).ok()?.checked_sub(first.leading_zeros())
            })
            .ok_or(UNTOLD)?;
        let key = RsaPublicKey {
            modulus,
            public_exponent: UintRef::new(&self.exponent).map_err(|_| UNTOLD)?,
        };
        let key = key.to_der().map_err(|_| UNTOLD)?;
        let spki = encode(rfc5912::RSA_ENCRYPTION, Some(AnyRef::from(Null)), &key)?;
        Ok((KeyAlgorithm::Rsa { bits }, spki))
    }

    fn elliptic(&self) -> Result<(KeyAlgorithm, Vec<u8>), &'static str> {
        let (algorithm, curve, bytes) =
            curve(&self.parameters).ok_or("the curve is none of P-256, P-384 and Ed25519")?;
        let spki = |point: &[u8]| match curve {
            Some(curve) => encode(rfc5912::ID_EC_PUBLIC_KEY, Some(AnyRef::from(&curve)), point),
            None => encode(rfc8410::ID_ED_25519, None, point),
        };
        if let Some(point) = unwrap_point(&self.point, bytes) {
            return Ok((algorithm, spki(point)?));
        }
        // Encoded once more, so that only what was expected is let through.
        SubjectPublicKeyInfoRef::from_der(&self.spki)
            .ok()
            .and_then(|told| spki(told.subject_public_key.raw_bytes()).ok())
            .filter(|spki| *spki == self.spki)
            .map(|spki| (algorithm, spki))
            .ok_or("the token does not tell its public key: put the public key object beside it, with the same CKA_ID")
    }
}

/// A curve from `CKA_EC_PARAMS`: its name in an SPKI, and how long a point is.
fn curve(parameters: &[u8]) -> Option<(KeyAlgorithm, Option<ObjectIdentifier>, usize)> {
    if let Ok(name) = PrintableStringRef::from_der(parameters) {
        return (name.as_str() == EDWARDS25519).then_some((KeyAlgorithm::Ed25519, None, 32));
    }
    match ObjectIdentifier::from_der(parameters).ok()? {
        oid @ rfc5912::SECP_256_R_1 => Some((KeyAlgorithm::P256, Some(oid), 65)),
        oid @ rfc5912::SECP_384_R_1 => Some((KeyAlgorithm::P384, Some(oid), 97)),
        rfc8410::ID_ED_25519 => Some((KeyAlgorithm::Ed25519, None, 32)),
        _ => None,
    }
}

/// `CKA_EC_POINT` is an OCTET STRING around the point, and in some libraries the point alone. What
/// is inside must have the curve's length, since an uncompressed point begins like an OCTET STRING.
fn unwrap_point(value: &[u8], bytes: usize) -> Option<&[u8]> {
    <&OctetStringRef>::from_der(value)
        .ok()
        .map(OctetStringRef::as_bytes)
        .filter(|point| point.len() == bytes)
        .or(Some(value))
        .filter(|point| point.len() == bytes)
}

fn encode(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<Vec<u8>, &'static str> {
    const FAILED: &str = "its public key cannot be encoded";
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key).map_err(|_| FAILED)?,
    }
    .to_der()
    .map_err(|_| FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_is_found_bare_and_wrapped() {
        let mut bare = vec![0x04; 65];
        assert_eq!(unwrap_point(&bare, 65), Some(bare.as_slice()));
        let mut wrapped = vec![0x04, 65];
        wrapped.extend(&bare);
        assert_eq!(unwrap_point(&wrapped, 65), Some(bare.as_slice()));
        // A bare point whose x begins so that it reads as an OCTET STRING of 63 octets.
        bare[1] = 63;
        assert_eq!(unwrap_point(&bare, 65), Some(bare.as_slice()));
        assert_eq!(unwrap_point(&bare[..64], 65), None);
        assert_eq!(unwrap_point(&[], 65), None);
    }

    #[test]
    fn both_names_of_ed25519_are_known_and_other_curves_are_not() {
        let oid = rfc8410::ID_ED_25519.to_der().unwrap();
        let name = PrintableStringRef::new(EDWARDS25519)
            .unwrap()
            .to_der()
            .unwrap();
        for parameters in [oid, name] {
            assert_eq!(
                curve(&parameters).map(|curve| curve.0),
                Some(KeyAlgorithm::Ed25519)
            );
        }
        let p521 = rfc5912::SECP_521_R_1.to_der().unwrap();
        assert!(curve(&p521).is_none());
        assert!(curve(b"\x13\x0acurve25519").is_none());
    }

    #[test]
    fn public_key_info_of_another_curve_is_refused() {
        let point = [0x04; 97];
        let p384 = rfc5912::SECP_384_R_1;
        let spki = encode(rfc5912::ID_EC_PUBLIC_KEY, Some(AnyRef::from(&p384)), &point).unwrap();
        let told = |curve: ObjectIdentifier| Parts {
            key_type: Some(KeyType::EC),
            parameters: curve.to_der().unwrap(),
            spki: spki.clone(),
            ..Parts::default()
        };
        assert_eq!(
            told(p384).into_key(),
            Ok((KeyAlgorithm::P384, spki.clone()))
        );
        assert!(told(rfc5912::SECP_256_R_1).into_key().is_err());
    }

    #[test]
    fn size_of_an_rsa_key_is_that_of_its_modulus() {
        let mut modulus = vec![0xc1; 256];
        modulus.insert(0, 0);
        let parts = |modulus: Vec<u8>| Parts {
            key_type: Some(KeyType::RSA),
            modulus,
            exponent: vec![1, 0, 1],
            ..Parts::default()
        };
        let (algorithm, _) = parts(modulus).into_key().unwrap();
        assert_eq!(algorithm, KeyAlgorithm::RSA_2048);
        assert!(parts(Vec::new()).into_key().is_err());
    }
}
