//! The errors that the device answers.

use serde::{Deserialize, Serialize};

/// Error codes of a `7f` frame (YubiHSM Command Reference, "Errors").
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum DeviceError {
    /// 01: no such command.
    #[error("invalid command")]
    InvalidCommand = 0x01,
    /// 02: the command's data makes no sense.
    #[error("invalid data")]
    InvalidData = 0x02,
    /// 03: no such session, or it expired.
    #[error("invalid session")]
    InvalidSession = 0x03,
    /// 04: a MAC or cryptogram is wrong.
    #[error("authentication failed")]
    AuthenticationFailed = 0x04,
    /// 05: all sessions are taken.
    #[error("sessions full")]
    SessionsFull = 0x05,
    /// 06: the session could not be made.
    #[error("session failed")]
    SessionFailed = 0x06,
    /// 07: no room, or the memory failed.
    #[error("storage failed")]
    StorageFailed = 0x07,
    /// 08: the command's data is too short or too long.
    #[error("wrong length")]
    WrongLength = 0x08,
    /// 09: a capability is missing.
    #[error("insufficient permissions")]
    InsufficientPermissions = 0x09,
    /// 0a: the log is full and force-audit is on.
    #[error("log full")]
    LogFull = 0x0a,
    /// 0b: no such object in the session's domains.
    #[error("object not found")]
    ObjectNotFound = 0x0b,
    /// 0c: not an id that may be used here.
    #[error("invalid id")]
    InvalidId = 0x0c,
    /// 0e: an SSH certificate request breaks its template.
    #[error("SSH CA constraint violation")]
    SshCaConstraintViolation = 0x0e,
    /// 0f: a one-time password is wrong.
    #[error("invalid OTP")]
    InvalidOtp = 0x0f,
    /// 10: demonstration mode; must be power cycled.
    #[error("demo mode")]
    DemoMode = 0x10,
    /// 11: that id is taken.
    #[error("object exists")]
    ObjectExists = 0x11,
    /// 12: the algorithm is switched off.
    #[error("algorithm disabled")]
    AlgorithmDisabled = 0x12,
    /// ff: the command did not come to an end.
    #[error("command unexecuted")]
    CommandUnexecuted = 0xff,
}

impl DeviceError {
    /// Every code, in the order of its number.
    pub const ALL: [Self; 18] = [
        Self::InvalidCommand,
        Self::InvalidData,
        Self::InvalidSession,
        Self::AuthenticationFailed,
        Self::SessionsFull,
        Self::SessionFailed,
        Self::StorageFailed,
        Self::WrongLength,
        Self::InsufficientPermissions,
        Self::LogFull,
        Self::ObjectNotFound,
        Self::InvalidId,
        Self::SshCaConstraintViolation,
        Self::InvalidOtp,
        Self::DemoMode,
        Self::ObjectExists,
        Self::AlgorithmDisabled,
        Self::CommandUnexecuted,
    ];

    /// The octet in the frame.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The error of an octet.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.code() == code)
    }

    /// Whether the device says it outside of the secure channel, because there is none (any more).
    #[must_use]
    pub const fn is_of_the_channel(self) -> bool {
        matches!(
            self,
            Self::InvalidSession
                | Self::AuthenticationFailed
                | Self::SessionsFull
                | Self::SessionFailed
        )
    }
}
