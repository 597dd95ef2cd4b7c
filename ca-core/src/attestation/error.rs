//! Why an attestation proves nothing.

use kasane_verify::certificate::CertificateError;

/// Why an attestation proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// There is none.
    #[error("attestation is empty")]
    Empty,
    /// More than any device gives.
    #[error("attestation is too long: {length_bytes} bytes, {limit_bytes} at most")]
    TooLong {
        /// Its length.
        length_bytes: usize,
        /// The most.
        limit_bytes: usize,
    },
    /// More certificates than any device needs.
    #[error("attestation has more than {limit} certificates")]
    TooMany {
        /// The most.
        limit: usize,
    },
    /// Not DER values one after another.
    #[error("attestation is malformed: certificate {position}: {reason}")]
    Malformed {
        /// Which one, from 0.
        position: usize,
        /// Why.
        reason: String,
    },
    /// One of the certificates cannot be read.
    #[error("attestation is malformed: certificate {position}: {source}")]
    Certificate {
        /// Which one, from 0: the statement first.
        position: usize,
        /// Why.
        source: CertificateError,
    },
    /// A configured root cannot be read.
    #[error("attestation root {position} cannot be read: {source}; correct the configuration")]
    Root {
        /// Which one, from 0.
        position: usize,
        /// Why.
        source: CertificateError,
    },
    /// The statement says less than it must, or in another form.
    #[error("attestation lacks its {what} (1.3.6.1.4.1.41482.4.{arc}), or it has another form")]
    Fact {
        /// Which one.
        what: &'static str,
        /// The last number of its identifier.
        arc: u32,
    },
    /// A statement was made with a key that is itself only attested.
    #[error("attestation was made by certificate {position}, which is no attestation key's")]
    NotAttestationKey {
        /// Which one, from 0.
        position: usize,
    },
    /// A certificate was not signed by the one above it.
    #[error("attestation certificate {position} is not signed by {above:?}: {reason}")]
    Signature {
        /// Which one, from 0.
        position: usize,
        /// The subject above it.
        above: String,
        /// Why.
        reason: String,
    },
    /// It leads to no configured root.
    #[error(
        "attestation leads to {issuer:?}, which is no configured root: add the manufacturer's root if it is genuine"
    )]
    UnknownRoot {
        /// The last issuer.
        issuer: String,
    },
    /// The root is a simulator's, the keys are said to be in hardware.
    #[error("attestation is a simulator's ({root:?}): it says nothing about hardware")]
    Simulator {
        /// The root's subject.
        root: String,
    },
    /// It is about another key.
    #[error("attestation is about another key")]
    OtherKey,
    /// It is about another label.
    #[error("attestation is about the label {found:?}, not {expected:?}")]
    Label {
        /// The key's label.
        expected: String,
        /// What it says.
        found: String,
    },
    /// It is of another device.
    #[error("attestation is of device {found}, not {expected}")]
    Serial {
        /// The device's serial number.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// The key was not generated in a device.
    #[error("attestation says that the key was not generated in a device (origin 0x{origin:02x})")]
    NotGenerated {
        /// The origin.
        origin: u8,
    },
}

impl AttestationError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "attestation.empty",
            Self::TooLong { .. } => "attestation.too-long",
            Self::TooMany { .. } => "attestation.too-many",
            Self::Malformed { .. } | Self::Certificate { .. } => "attestation.malformed",
            Self::Root { .. } => "attestation.root",
            Self::Fact { .. } => "attestation.fact",
            Self::NotAttestationKey { .. } => "attestation.not-attestation-key",
            Self::Signature { .. } => "attestation.signature",
            Self::UnknownRoot { .. } => "attestation.unknown-root",
            Self::Simulator { .. } => "attestation.simulator",
            Self::OtherKey => "attestation.other-key",
            Self::Label { .. } => "attestation.label",
            Self::Serial { .. } => "attestation.serial",
            Self::NotGenerated { .. } => "attestation.not-generated",
        }
    }
}
