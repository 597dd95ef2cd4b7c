//! Why a key operation failed, and what the caller should do about it.

use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::{KeyLabel, KeyRole};

/// What a pool does with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The same device may succeed: try again after a pause.
    Retry,
    /// This device cannot; another that holds the same key may.
    OtherDevice,
    /// Trying again anywhere cannot help.
    Stop,
}

/// Why a key operation failed. No variant ever carries key material or a passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The label has a character or a length that no backend accepts.
    #[error("key label {label:?} is refused: use 1 to 40 of a-z, 0-9 and '-'")]
    BadLabel {
        /// The refused text.
        label: String,
    },
    /// A role name that does not exist.
    #[error("{name:?} is no key role")]
    UnknownRole {
        /// The refused text.
        name: String,
    },
    /// No key of that label in this backend.
    #[error("key {label}: not found in {backend}")]
    KeyNotFound {
        /// The label asked for.
        label: KeyLabel,
        /// Where it was looked for.
        backend: String,
    },
    /// A key of that label exists and is never overwritten.
    #[error("key {label}: exists already in {backend}; keys are never overwritten")]
    KeyExists {
        /// The label.
        label: KeyLabel,
        /// Where.
        backend: String,
    },
    /// The key has another role than the one asked for.
    #[error("key {label}: has the role {has}, was asked to act as {asked}")]
    RoleMismatch {
        /// The label.
        label: KeyLabel,
        /// The key's own role.
        has: KeyRole,
        /// The role asked for.
        asked: KeyRole,
    },
    /// The backend cannot make such a key.
    #[error("{backend} cannot make {algorithm} keys")]
    KeyAlgorithmUnsupported {
        /// Which backend.
        backend: String,
        /// The algorithm asked for.
        algorithm: KeyAlgorithm,
    },
    /// The key cannot make such a signature.
    #[error("key {label} ({key}) cannot sign with {signature}")]
    SignatureUnsupported {
        /// The label.
        label: KeyLabel,
        /// The key's algorithm.
        key: KeyAlgorithm,
        /// The signature asked for.
        signature: SignatureAlgorithm,
    },
    /// The stored key could not be opened: wrong passphrase or damaged file.
    #[error("key {label}: cannot be decrypted: wrong passphrase or damaged file")]
    CannotDecrypt {
        /// The label.
        label: KeyLabel,
    },
    /// The stored key is not what its name or header says.
    #[error("key {label}: stored form is damaged: {reason}")]
    Damaged {
        /// The label.
        label: KeyLabel,
        /// What does not fit.
        reason: &'static str,
    },
    /// The device or file system did not answer as it should.
    #[error("{backend}: {operation} failed: {reason}")]
    Device {
        /// Which backend.
        backend: String,
        /// What was attempted.
        operation: &'static str,
        /// What the device said.
        reason: String,
        /// What to do next.
        disposition: Disposition,
    },
    /// The deadline of the call passed.
    #[error("{backend}: {operation} did not finish in time")]
    TimedOut {
        /// Which backend.
        backend: String,
        /// What was attempted.
        operation: &'static str,
    },
}

impl Error {
    /// What a pool should do.
    #[must_use]
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Device { disposition, .. } => *disposition,
            Self::TimedOut { .. } | Self::KeyNotFound { .. } => Disposition::OtherDevice,
            _ => Disposition::Stop,
        }
    }

    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadLabel { .. } => "key.bad-label",
            Self::UnknownRole { .. } => "key.unknown-role",
            Self::KeyNotFound { .. } => "key.not-found",
            Self::KeyExists { .. } => "key.exists",
            Self::RoleMismatch { .. } => "key.role-mismatch",
            Self::KeyAlgorithmUnsupported { .. } => "key.algorithm-unsupported",
            Self::SignatureUnsupported { .. } => "key.signature-unsupported",
            Self::CannotDecrypt { .. } => "key.cannot-decrypt",
            Self::Damaged { .. } => "key.damaged",
            Self::Device { .. } => "key.device",
            Self::TimedOut { .. } => "key.timed-out",
        }
    }
}
