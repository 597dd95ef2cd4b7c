//! Why an OCSP message is refused.

use const_oid::ObjectIdentifier;

use super::OcspResponseStatus;
use crate::UnixTime;
use crate::crypto::CryptoError;
use crate::path::PathError;
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
    /// The certificate is not of this issuer.
    #[error("cannot use OCSP response: the certificate was not issued by the issuer given")]
    OtherIssuer,
    /// No answer is about the certificate.
    #[error("cannot use OCSP response: it is not about this certificate")]
    NotAboutCertificate,
    /// Several answers about one certificate.
    #[error("cannot use OCSP response: its answers about this certificate contradict each other")]
    Contradiction,
    /// The same certificate twice.
    #[error("cannot use OCSP response: it answers twice about this certificate")]
    Repeated,
    /// Outside the issuer's validity.
    #[error("cannot use OCSP response: it was produced {produced_at}, when its CA was not valid")]
    ProducedAt {
        /// When.
        produced_at: UnixTime,
    },
    /// From the future.
    #[error("cannot use OCSP response yet: it is of {this_update}, and the time is {at}")]
    NotYetCurrent {
        /// Its this update.
        this_update: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// `nextUpdate` before `thisUpdate`.
    #[error("cannot use OCSP response: its next update is before its this update")]
    Period,
    /// Too old.
    #[error("OCSP response is out of date: it was good until {until}, and the time is {at}")]
    Stale {
        /// Its last good second.
        until: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// The nonce is missing or another.
    #[error("cannot use OCSP response: it does not repeat the nonce that was sent")]
    NonceMismatch,
    /// RFC 6960 §4.2.2.2.
    #[error("cannot use OCSP response: its signer is neither the issuer nor one of its delegates")]
    UnknownResponder,
    /// The delegated signer was revoked.
    #[error("cannot use OCSP response: its signer was revoked")]
    SignerRevoked,
    /// Too much work.
    #[error("cannot use OCSP response: checking it costs more signatures than the budget has")]
    Budget,
    /// The delegated signer's certificate.
    #[error("cannot use OCSP response: its signer is not acceptable: {0}")]
    Signer(Box<PathError>),
    /// The signature.
    #[error("cannot use OCSP response: {0}")]
    Signature(CryptoError),
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
            Self::OtherIssuer => "ocsp.other_issuer",
            Self::NotAboutCertificate => "ocsp.not_about_certificate",
            Self::Contradiction => "ocsp.contradiction",
            Self::Repeated => "ocsp.repeated",
            Self::ProducedAt { .. } => "ocsp.produced_at",
            Self::NotYetCurrent { .. } => "ocsp.not_yet_current",
            Self::Period => "ocsp.period",
            Self::Stale { .. } => "ocsp.stale",
            Self::NonceMismatch => "ocsp.nonce_mismatch",
            Self::UnknownResponder => "ocsp.unknown_responder",
            Self::SignerRevoked => "ocsp.signer_revoked",
            Self::Budget => "ocsp.budget",
            Self::Signer(_) => "ocsp.signer",
            Self::Signature(_) => "ocsp.signature",
            Self::Algorithm(error) => error.code(),
            Self::Key(error) => error.code(),
        }
    }
}
