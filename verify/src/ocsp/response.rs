//! `OCSPResponse` (RFC 6960 §4.2).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc6960::ID_PKIX_OCSP_BASIC;
use der::asn1::{AnyRef, BitStringRef, Null, OctetString};
use der::{Choice, Decode, Encode, Enumerated, Reader, Sequence};
use spki::AlgorithmIdentifierRef;
use x509_cert::ext::Extensions;
use x509_cert::name::Name;

use super::{CertId, Nonce, OcspError, Version};
use crate::revocation::RevocationReason;
use crate::signature::algorithm_identifier;
use crate::{SignatureAlgorithm, UnixTime, asn1};

/// Longest response that is read: one certificate's answer with a delegated RSA-4096 signer and its
/// chain stays under 8 KiB; a hundred answers under 32 KiB.
pub const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Most certificates that a response may bring: the signer and a short chain.
const MAX_CERTIFICATES: usize = 8;

/// `OCSPResponse`.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct OcspResponse {
    /// Whether there is an answer at all.
    pub response_status: OcspResponseStatus,
    /// The answer, when successful.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub response_bytes: Option<ResponseBytes>,
}

/// `OCSPResponseStatus` (RFC 6960 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[repr(u32)]
pub enum OcspResponseStatus {
    /// The answer follows.
    Successful = 0,
    /// The request was not understood.
    MalformedRequest = 1,
    /// The responder is broken.
    InternalError = 2,
    /// Ask again later.
    TryLater = 3,
    /// The request must be signed.
    SigRequired = 5,
    /// Not for this requester, or not about this issuer (RFC 5019 §2.2.3).
    Unauthorized = 6,
}

/// `ResponseBytes`.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponseBytes {
    /// `id-pkix-ocsp-basic`.
    pub response_type: ObjectIdentifier,
    /// A `BasicOCSPResponse` in DER.
    pub response: OctetString,
}

/// `ResponseData`: what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponseData {
    /// Left out when it is version 1.
    #[asn1(
        context_specific = "0",
        tag_mode = "EXPLICIT",
        default = "Default::default"
    )]
    pub version: Version,
    /// Who answers.
    pub responder_id: ResponderId,
    /// When the answer was signed.
    pub produced_at: UnixTime,
    /// The answers.
    pub responses: Vec<SingleResponse>,
    /// Among them the nonce.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub response_extensions: Option<Extensions>,
}

/// `ResponderID`.
#[derive(Clone, Debug, PartialEq, Eq, Choice)]
pub enum ResponderId {
    /// The subject of the signer's certificate.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true")]
    ByName(Name),
    /// SHA-1 of the signer's key (content of the BIT STRING).
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    ByKey(OctetString),
}

/// `SingleResponse`: the answer for one certificate.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SingleResponse {
    /// Which certificate.
    pub cert_id: CertId,
    /// Its status.
    pub cert_status: CertStatus,
    /// When the status was known to be right.
    pub this_update: UnixTime,
    /// When newer information will be there at the latest.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub next_update: Option<UnixTime>,
    /// Rarely used.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub single_extensions: Option<Extensions>,
}

/// `CertStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum CertStatus {
    /// Not revoked.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    /// Revoked, or never issued (RFC 6960 §2.2).
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    /// Not known to this responder.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

/// `RevokedInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Sequence)]
pub struct RevokedInfo {
    /// Since when.
    pub revocation_time: UnixTime,
    /// Why; left out for `unspecified`.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub revocation_reason: Option<RevocationReason>,
}

impl CertStatus {
    /// Not revoked.
    pub const GOOD: Self = Self::Good(Null);
    /// Not known.
    pub const UNKNOWN: Self = Self::Unknown(Null);

    /// Revoked at `revocation_time`; `unspecified` becomes no reason (RFC 5280 §5.3.1).
    #[must_use]
    pub fn revoked(revocation_time: UnixTime, reason: Option<RevocationReason>) -> Self {
        let revocation_reason = reason.filter(|it| *it != RevocationReason::Unspecified);
        Self::Revoked(RevokedInfo {
            revocation_time,
            revocation_reason,
        })
    }
}

impl ResponderId {
    /// Names the responder by its certificate's subject (DER of the name).
    ///
    /// # Errors
    /// When `subject` is no distinguished name.
    pub fn by_name(subject: &[u8]) -> Result<Self, OcspError> {
        Ok(Self::ByName(Name::from_der(subject)?))
    }

    /// Names the responder by SHA-1 of its key.
    ///
    /// # Errors
    /// When `spki` is no SPKI.
    pub fn by_key(
        crypto: &dyn crate::crypto::CryptoProvider,
        spki: &[u8],
    ) -> Result<Self, OcspError> {
        let key = crate::spki::key_bytes(spki)?;
        let hash = crypto.digest(crate::crypto::DigestAlgorithm::Sha1, key);
        Ok(Self::ByKey(OctetString::new(hash)?))
    }
}

impl ResponseData {
    /// The octets to sign.
    ///
    /// # Errors
    /// Only when encoding fails.
    pub fn encode_der(&self) -> Result<Vec<u8>, OcspError> {
        Ok(self.to_der()?)
    }

    /// The nonce, if there is one.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn nonce(&self) -> Result<Option<Nonce>, OcspError> {
        Nonce::find(self.response_extensions.as_deref())
    }
}

impl OcspResponse {
    /// Reads a response from the network.
    ///
    /// # Errors
    /// When it is longer than [`MAX_RESPONSE_BYTES`] or malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, OcspError> {
        if bytes.len() > MAX_RESPONSE_BYTES {
            return Err(OcspError::TooLong {
                length_bytes: bytes.len(),
                limit_bytes: MAX_RESPONSE_BYTES,
            });
        }
        Ok(Self::from_der(bytes)?)
    }

    /// The DER of a response without an answer, such as `tryLater`.
    ///
    /// # Errors
    /// When `status` is `Successful`, which needs an answer.
    pub fn without_answer(status: OcspResponseStatus) -> Result<Vec<u8>, OcspError> {
        if status == OcspResponseStatus::Successful {
            return Err(OcspError::NoAnswer);
        }
        Ok(Self {
            response_status: status,
            response_bytes: None,
        }
        .to_der()?)
    }

    /// The answer inside.
    ///
    /// # Errors
    /// When the status is not successful, or the answer is missing, of another type or malformed.
    pub fn basic(&self) -> Result<BasicOcspResponse<'_>, OcspError> {
        if self.response_status != OcspResponseStatus::Successful {
            return Err(OcspError::Unsuccessful(self.response_status));
        }
        let bytes = self.response_bytes.as_ref().ok_or(OcspError::NoAnswer)?;
        if bytes.response_type != ID_PKIX_OCSP_BASIC {
            return Err(OcspError::ResponseType(bytes.response_type));
        }
        BasicOcspResponse::from_der(bytes.response.as_bytes())
    }
}

/// `BasicOCSPResponse`, with the signed octets as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicOcspResponse<'a> {
    /// The DER of `ResponseData`: what the signature covers.
    pub tbs: &'a [u8],
    /// The same, parsed.
    pub data: ResponseData,
    /// The signature's algorithm.
    pub signature_algorithm: SignatureAlgorithm,
    /// The signature.
    pub signature: &'a [u8],
    /// Certificates in DER that help to check it.
    pub certificates: Vec<&'a [u8]>,
}

impl<'a> BasicOcspResponse<'a> {
    /// Reads the DER of a `BasicOCSPResponse`.
    ///
    /// # Errors
    /// When it is malformed or its signature algorithm is unknown.
    pub fn from_der(bytes: &'a [u8]) -> Result<Self, OcspError> {
        asn1::whole(bytes, |reader| {
            reader.sequence(|basic| {
                let tbs = basic.tlv_bytes()?;
                let signature_algorithm = crate::signature::read_algorithm(basic.tlv_bytes()?)?;
                let signature = basic.decode::<BitStringRef<'_>>()?;
                let signature = signature.as_bytes().ok_or(OcspError::SignatureBits)?;
                let mut certificates = Vec::new();
                if let Some(wrapped) = asn1::take(basic, asn1::context(0, true))? {
                    asn1::whole(wrapped, |outer| {
                        outer.sequence(|list| {
                            while !list.is_finished() {
                                if certificates.len() == MAX_CERTIFICATES {
                                    return Err(OcspError::TooManyCertificates);
                                }
                                certificates.push(list.tlv_bytes()?);
                            }
                            Ok::<_, OcspError>(())
                        })
                    })?;
                }
                let data = ResponseData::from_der(tbs)?;
                Ok(Self {
                    tbs,
                    data,
                    signature_algorithm,
                    signature,
                    certificates,
                })
            })
        })
    }

    /// The DER of a successful `OCSPResponse` from signed octets and their signature. `tbs` is
    /// taken as it is, so that what was signed is what is sent.
    ///
    /// # Errors
    /// When `tbs` or a certificate is no DER.
    pub fn assemble(
        tbs: &[u8],
        algorithm: SignatureAlgorithm,
        signature: &[u8],
        certificates: &[&[u8]],
    ) -> Result<Vec<u8>, OcspError> {
        let certs = certificates
            .iter()
            .map(|certificate| AnyRef::from_der(certificate))
            .collect::<Result<Vec<_>, _>>()?;
        let basic = Wire {
            tbs: AnyRef::from_der(tbs)?,
            signature_algorithm: algorithm_identifier(algorithm),
            signature: BitStringRef::from_bytes(signature)?,
            certs: (!certs.is_empty()).then_some(certs),
        };
        let response = OcspResponse {
            response_status: OcspResponseStatus::Successful,
            response_bytes: Some(ResponseBytes {
                response_type: ID_PKIX_OCSP_BASIC,
                response: OctetString::new(basic.to_der()?)?,
            }),
        };
        Ok(response.to_der()?)
    }
}

/// `BasicOCSPResponse` for encoding.
#[derive(Sequence)]
struct Wire<'a> {
    tbs: AnyRef<'a>,
    signature_algorithm: AlgorithmIdentifierRef<'a>,
    signature: BitStringRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certs: Option<Vec<AnyRef<'a>>>,
}
