//! The nonce extension.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc6960::ID_PKIX_OCSP_NONCE;
use der::asn1::OctetString;
use der::{Decode, Encode};
use x509_cert::ext::Extension;

use super::OcspError;

/// `id-pkix-ocsp-nonce` (RFC 9654 §2.1): 1 to 128 octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(Box<[u8]>);

impl Nonce {
    /// The extension's identifier.
    pub const OID: ObjectIdentifier = ID_PKIX_OCSP_NONCE;

    /// Takes octets chosen by the caller. RFC 9654 §2.1 has clients use 32.
    ///
    /// # Errors
    /// When there are none or more than 128.
    pub fn new(octets: &[u8]) -> Result<Self, OcspError> {
        // RFC 9654 §2.1: Nonce ::= OCTET STRING(SIZE(1..128)).
        if (1..=128).contains(&octets.len()) {
            Ok(Self(octets.into()))
        } else {
            Err(OcspError::NonceLength {
                length_bytes: octets.len(),
            })
        }
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The non-critical extension for requests and responses.
    ///
    /// # Errors
    /// Only when encoding fails.
    pub fn to_extension(&self) -> Result<Extension, OcspError> {
        let inner = OctetString::new(self.0.clone())?;
        Ok(Extension {
            extn_id: Self::OID,
            critical: false,
            extn_value: OctetString::new(inner.to_der()?)?,
        })
    }

    /// The nonce among `extensions`, if there is one.
    ///
    /// # Errors
    /// When it is present but malformed or of a wrong length.
    pub fn find(extensions: Option<&[Extension]>) -> Result<Option<Self>, OcspError> {
        let mut all = extensions.unwrap_or_default().iter();
        let Some(extension) = all.find(|extension| extension.extn_id == Self::OID) else {
            return Ok(None);
        };
        let inner = <&der::asn1::OctetStringRef>::from_der(extension.extn_value.as_bytes())?;
        Self::new(inner.as_bytes()).map(Some)
    }
}
