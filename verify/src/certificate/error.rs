//! Why a certificate cannot be read.

use const_oid::ObjectIdentifier;

/// Why a certificate (or an extension of a CRL) cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the DER of a certificate.
    #[error("cannot read certificate: {0}")]
    Der(#[from] der::Error),
    /// Longer than is read.
    #[error("cannot read certificate: {length_bytes} octets, at most 65536 are read")]
    TooLong {
        /// Its length.
        length_bytes: usize,
    },
    /// Not version 3 (RFC 5280 §4.1.2.1).
    #[error("cannot use certificate: it is not version 3")]
    Version,
    /// RFC 5280 §4.1.2.2: at most 20 octets.
    #[error(
        "cannot use certificate: its serial number has {length_bytes} octets, at most 20 are allowed"
    )]
    SerialLength {
        /// Octets of the serial number.
        length_bytes: usize,
    },
    /// RFC 5280 §4.1.1.2.
    #[error("cannot use certificate: the signed and the outer signature algorithm differ")]
    AlgorithmMismatch,
    /// RFC 5280 §4.1.2.4.
    #[error("cannot use certificate: its issuer name is empty")]
    EmptyIssuer,
    /// The signature does not end on an octet.
    #[error("cannot use certificate: its signature has unused bits")]
    UnusedBits,
    /// RFC 5280 §4.2: at most once.
    #[error("cannot use certificate: extension {0} appears twice")]
    DuplicateExtension(ObjectIdentifier),
    /// An extension that we know and that is malformed.
    #[error("cannot read extension {extension}: {reason}")]
    Extension {
        /// Which.
        extension: ObjectIdentifier,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More extensions than any certificate needs; looking for repeats is quadratic.
    #[error("cannot use certificate: more than 64 extensions")]
    TooManyExtensions,
}

impl CertificateError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "certificate.malformed",
            Self::TooLong { .. } => "certificate.too_long",
            Self::Version => "certificate.version",
            Self::SerialLength { .. } => "certificate.serial_length",
            Self::AlgorithmMismatch => "certificate.algorithm_mismatch",
            Self::EmptyIssuer => "certificate.empty_issuer",
            Self::UnusedBits => "certificate.unused_bits",
            Self::DuplicateExtension(_) => "certificate.duplicate_extension",
            Self::Extension { .. } => "certificate.extension",
            Self::TooManyExtensions => "certificate.too_many_extensions",
        }
    }
}
