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
    /// The device's name has a character or a length that is not accepted.
    #[error("device name {name:?} is refused: use 1 to 40 of a-z, 0-9 and '-'")]
    BadDeviceName {
        /// The refused text.
        name: String,
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
    /// The device holds a key of that label that it did not make, or that could leave it.
    #[error(
        "key {label}: refused in {backend}: {reason}; a key that was put there under this name is none of the authority's: remove it, or name it as a key of another program"
    )]
    KeyUnprotected {
        /// The label.
        label: KeyLabel,
        /// Where.
        backend: String,
        /// What the device does not vouch for.
        reason: String,
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
        /// Whether a device had been asked when the time was over.
        attempted: bool,
    },
    /// The device cannot be reached, or gives no session: nothing was asked of it.
    #[error("{backend}: cannot be reached: {reason}")]
    Unreachable {
        /// Which backend.
        backend: String,
        /// What was seen.
        reason: String,
    },
    /// The command went out and no answer came back: the device may have executed it.
    #[error("{backend}: {operation}: the answer was lost: {reason}")]
    AnswerLost {
        /// Which backend.
        backend: String,
        /// What was attempted.
        operation: &'static str,
        /// What was seen.
        reason: String,
    },
    /// The device refused before it did anything, and may do it later: busy, no session free.
    #[error("{backend}: {operation} was refused for now: {reason}")]
    Busy {
        /// Which backend.
        backend: String,
        /// What was attempted.
        operation: &'static str,
        /// What the device said.
        reason: String,
    },
    /// Forced audit: the device executes nothing until its log was read and acknowledged.
    #[error("{backend}: its command log is full; it executes nothing until the log is drained")]
    LogFull {
        /// Which backend.
        backend: String,
    },
    /// Wrong PIN or password. Never tried again by a program by itself: devices count and lock.
    #[error(
        "{backend}: the {credential} is wrong or locked: {reason}; it is not tried again before somebody corrects it"
    )]
    WrongCredential {
        /// Which backend.
        backend: String,
        /// Which credential: `PIN`, `password of authentication key 3`.
        credential: String,
        /// What the device said, and how many tries are left if it says so.
        reason: String,
    },
    /// The configured place of a credential gives none: nothing was shown to any device.
    #[error("{backend}: the {credential} cannot be had: {reason}")]
    NoCredential {
        /// Who asked.
        backend: String,
        /// Which credential.
        credential: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The credential in use may not do this: by its role, domains or capabilities.
    #[error("{backend}: {operation} is not permitted to the credential in use: {reason}")]
    NotPermitted {
        /// Which backend.
        backend: String,
        /// What was attempted.
        operation: &'static str,
        /// What the device said.
        reason: String,
    },
    /// The device is not the one that the configuration names.
    #[error("{backend}: {reason}; correct the configuration or connect the right device")]
    WrongDevice {
        /// Which backend.
        backend: String,
        /// What differs.
        reason: String,
    },
    /// The configuration of a device does not fit.
    #[error("{backend}: the configuration is refused: {reason}")]
    BadConfiguration {
        /// Which backend.
        backend: String,
        /// What does not fit, and what to write.
        reason: String,
    },
    /// No device of the pool can do it now.
    #[error("no device can serve key {label} now: {reason}")]
    NoDevice {
        /// The label.
        label: KeyLabel,
        /// The state of each device.
        reason: String,
    },
}

impl Error {
    /// What a pool should do.
    #[must_use]
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Device { disposition, .. } => *disposition,
            Self::AnswerLost { .. } | Self::Busy { .. } | Self::LogFull { .. } => {
                Disposition::Retry
            }
            Self::KeyNotFound { .. }
            | Self::KeyUnprotected { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::WrongCredential { .. }
            | Self::NoCredential { .. }
            | Self::WrongDevice { .. } => Disposition::OtherDevice,
            _ => Disposition::Stop,
        }
    }

    /// Whether a device may have executed the command that failed. If not, asking another device
    /// is no further attempt.
    #[must_use]
    pub const fn was_attempted(&self) -> bool {
        match self {
            Self::TimedOut { attempted, .. } => *attempted,
            Self::AnswerLost { .. } | Self::Device { .. } => true,
            _ => false,
        }
    }

    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadLabel { .. } => "key.bad-label",
            Self::BadDeviceName { .. } => "device.bad-name",
            Self::UnknownRole { .. } => "key.unknown-role",
            Self::KeyNotFound { .. } => "key.not-found",
            Self::KeyExists { .. } => "key.exists",
            Self::RoleMismatch { .. } => "key.role-mismatch",
            Self::KeyAlgorithmUnsupported { .. } => "key.algorithm-unsupported",
            Self::SignatureUnsupported { .. } => "key.signature-unsupported",
            Self::CannotDecrypt { .. } => "key.cannot-decrypt",
            Self::Damaged { .. } => "key.damaged",
            Self::KeyUnprotected { .. } => "key.unprotected",
            Self::Device { .. } => "key.device",
            Self::TimedOut { .. } => "key.timed-out",
            Self::Unreachable { .. } => "device.unreachable",
            Self::AnswerLost { .. } => "device.answer-lost",
            Self::Busy { .. } => "device.busy",
            Self::LogFull { .. } => "device.log-full",
            Self::WrongCredential { .. } => "device.wrong-credential",
            Self::NoCredential { .. } => "device.no-credential",
            Self::NotPermitted { .. } => "device.not-permitted",
            Self::WrongDevice { .. } => "device.wrong-device",
            Self::BadConfiguration { .. } => "device.bad-configuration",
            Self::NoDevice { .. } => "device.none",
        }
    }
}
