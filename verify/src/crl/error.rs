//! Why a CRL cannot be used.

use const_oid::ObjectIdentifier;

use crate::crypto::CryptoError;
use crate::signature::AlgorithmError;

/// Why a CRL cannot be read, or its signature not be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Not the DER of a CRL.
    #[error("cannot read CRL: {0}")]
    Der(#[from] der::Error),
    /// Longer than is indexed.
    #[error("cannot read CRL: {length_bytes} octets, at most 268435456 are indexed")]
    TooLong {
        /// Its length.
        length_bytes: usize,
    },
    /// Neither version 1 nor 2, or extensions in version 1.
    #[error("cannot use CRL: its version is wrong (RFC 5280 §5.1.2.1)")]
    Version,
    /// RFC 5280 §5.1.1.2.
    #[error("cannot use CRL: the signed and the outer signature algorithm differ")]
    AlgorithmMismatch,
    /// RFC 5280 §5.1.2.3.
    #[error("cannot use CRL: its issuer name is empty")]
    EmptyIssuer,
    /// The signature does not end on an octet.
    #[error("cannot use CRL: its signature has unused bits")]
    UnusedBits,
    /// At most once.
    #[error("cannot use CRL: extension {0} appears twice")]
    DuplicateExtension(ObjectIdentifier),
    /// More than any CRL needs.
    #[error("cannot use CRL: more than 32 extensions")]
    TooManyExtensions,
    /// An extension that we know and that is malformed.
    #[error("cannot read CRL extension {extension}: {reason}")]
    Extension {
        /// Which.
        extension: ObjectIdentifier,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// RFC 5280 §5.3: a CRL with an unknown critical entry extension decides nothing.
    #[error("cannot use CRL: critical entry extension {0} is not understood")]
    CriticalEntryExtension(ObjectIdentifier),
    /// RFC 5280 §5.3.3: entries of other issuers' certificates are for indirect CRLs.
    #[error("cannot use CRL: an entry names a certificate issuer, but the CRL is not indirect")]
    NotIndirect,
    /// The signature algorithm.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// The key.
    #[error(transparent)]
    Crypto(CryptoError),
    /// The key did not sign these octets.
    #[error("cannot use CRL: its signature does not verify with the issuer's key")]
    BadSignature,
}

impl CrlError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "crl.malformed",
            Self::TooLong { .. } => "crl.too_long",
            Self::Version => "crl.version",
            Self::AlgorithmMismatch => "crl.algorithm_mismatch",
            Self::EmptyIssuer => "crl.empty_issuer",
            Self::UnusedBits => "crl.unused_bits",
            Self::DuplicateExtension(_) => "crl.duplicate_extension",
            Self::TooManyExtensions => "crl.too_many_extensions",
            Self::Extension { .. } => "crl.extension",
            Self::CriticalEntryExtension(_) => "crl.critical_entry_extension",
            Self::NotIndirect => "crl.not_indirect",
            Self::Algorithm(error) => error.code(),
            Self::Crypto(error) => error.code(),
            Self::BadSignature => "crl.bad_signature",
        }
    }
}
