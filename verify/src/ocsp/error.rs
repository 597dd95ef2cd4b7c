//! Why an OCSP message is refused.

use const_oid::ObjectIdentifier;

use super::OcspResponseStatus;
use crate::signature::AlgorithmError;
use crate::spki::SpkiError;

/// Why an OCSP message is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// Not the DER of the message.
    #[error("cannot read OCSP message: {0}")]
    Der(#[from] der::Error),
    /// Longer than is read.
    #[error("cannot read OCSP message: {length_bytes} octets, at most {limit_bytes} are read")]
    TooLong {
        /// Its length.
        length_bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// None, or too many.
    #[error(
        "cannot answer OCSP request: it asks about {count} certificates, 1 to 100 are answered"
    )]
    RequestCount {
        /// How many.
        count: usize,
    },
    /// More than any message needs.
    #[error("cannot read OCSP message: {count} extensions are more than any message needs")]
    TooManyExtensions {
        /// How many.
        count: usize,
    },
    /// RFC 5280 §4.2: at most once.
    #[error("cannot read OCSP message: extension {0} appears twice")]
    DuplicateExtension(ObjectIdentifier),
    /// RFC 6960 §4.4: a critical extension must be understood.
    #[error("cannot use OCSP message: critical extension {0} is not understood")]
    CriticalExtension(ObjectIdentifier),
    /// RFC 9654 §2.1: 1 to 128 octets.
    #[error("cannot use OCSP nonce: {length_bytes} octets, RFC 9654 allows 1 to 128")]
    NonceLength {
        /// How many.
        length_bytes: usize,
    },
    /// The responder gave no answer.
    #[error("no OCSP answer: the responder says {0:?}")]
    Unsuccessful(OcspResponseStatus),
    /// Successful without an answer.
    #[error("no OCSP answer: a successful response must carry one")]
    NoAnswer,
    /// Only `id-pkix-ocsp-basic` is known.
    #[error("cannot use OCSP response: type {0} is not id-pkix-ocsp-basic")]
    ResponseType(ObjectIdentifier),
    /// The signature does not end on an octet.
    #[error("cannot use OCSP response: its signature has unused bits")]
    SignatureBits,
    /// More certificates than a signer needs.
    #[error("cannot use OCSP response: it brings more than 8 certificates")]
    TooManyCertificates,
    /// The signature algorithm.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// A key.
    #[error(transparent)]
    Key(#[from] SpkiError),
}

impl OcspError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "ocsp.malformed",
            Self::TooLong { .. } => "ocsp.too_long",
            Self::RequestCount { .. } => "ocsp.request_count",
            Self::TooManyExtensions { .. } => "ocsp.too_many_extensions",
            Self::DuplicateExtension(_) => "ocsp.duplicate_extension",
            Self::CriticalExtension(_) => "ocsp.critical_extension",
            Self::NonceLength { .. } => "ocsp.nonce_length",
            Self::Unsuccessful(_) => "ocsp.unsuccessful",
            Self::NoAnswer => "ocsp.no_answer",
            Self::ResponseType(_) => "ocsp.response_type",
            Self::SignatureBits => "ocsp.signature_bits",
            Self::TooManyCertificates => "ocsp.too_many_certificates",
            Self::Algorithm(error) => error.code(),
            Self::Key(error) => error.code(),
        }
    }
}
