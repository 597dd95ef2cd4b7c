//! What a failed command means: the one table from the device's errors to ours.
//!
//! | seen | in a command | while a session is opened |
//! |---|---|---|
//! | connector not reached, nothing sent | `Unreachable` | `Unreachable` |
//! | sent, no answer in the call's time | `TimedOut`, attempted | `TimedOut`, not attempted |
//! | sent, no answer, or one that does not verify | `AnswerLost` | `Unreachable` |
//! | 01 `INVALID_COMMAND`, 09 `INSUFFICIENT_PERMISSIONS`, 12 `ALGORITHM_DISABLED` | `NotPermitted` | `Unreachable` |
//! | 02 `INVALID_DATA`, 08 `WRONG_LENGTH`, 0c `INVALID_ID`, 0e, 0f | `Device`, stop | `Unreachable` |
//! | 03 `INVALID_SESSION`, 06 `SESSION_FAILED` | session renewed, command repeated once; then `AnswerLost` | `Unreachable` |
//! | 04 `AUTHENTICATION_FAILED` | the same | `WrongCredential` |
//! | 05 `SESSIONS_FULL` | `Busy`, if the device says so itself | `Busy` |
//! | 07 `STORAGE_FAILED`, 10 `DEMO_MODE`, unknown codes | `Device`, other device | `Unreachable` |
//! | 0a `LOG_FULL` | `LogFull` | `LogFull` |
//! | 0b `OBJECT_NOT_FOUND` | `KeyNotFound` | `WrongCredential`: no such authentication key |
//! | 11 `OBJECT_EXISTS` | `KeyExists` | `Unreachable` |
//! | ff `COMMAND_UNEXECUTED` | `Device`, retry | `Unreachable` |
//! | the device's cryptogram does not fit the password | | `WrongCredential` |
//!
//! Codes are those of the YubiHSM Command Reference ("Errors"); the crate's names differ from 0d on,
//! so its numbers are read and not its names.
//!
//! A command counts as not executed after 01, 05, 09, 0a, 0b and 11, because the device looks at
//! rights and object before it acts: inside of the secure channel that is the device's own word.
//! Outside of it anybody between us and the device can say so, so each error there is a lost answer
//! (`AnswerLost`), but for 03, 04 and 06: a session that the device dropped can be told nowhere else.
//! After these the command is repeated once, in a new session. Whoever rules the connector can still
//! make of one attempt two signatures that way, and no more; the device's command log then shows one
//! signature more than there were attempts, which reconciliation finds.
//!
//! By USB there is no relay that sees errors outside of the channel: after a session that the device
//! dropped early, a command counts as lost there.

use yubihsm::client;

use super::link::Seen;
use crate::{Disposition, Error, KeyLabel};

/// Why a command failed, before it is known what it was about.
#[derive(Debug)]
pub(super) enum Fault {
    /// No such object under this credential.
    NotFound,
    /// That object ID is taken.
    Exists,
    /// It is said that the device has no such session (any more), so that nothing was executed.
    SessionGone,
    /// Anything else, in its final form.
    Other(Error),
}

impl Fault {
    /// The error of an operation on a key.
    pub(super) fn about(self, backend: &str, label: &KeyLabel) -> Error {
        match self {
            Self::NotFound => Error::KeyNotFound {
                label: label.clone(),
                backend: backend.to_owned(),
            },
            Self::Exists => Error::KeyExists {
                label: label.clone(),
                backend: backend.to_owned(),
            },
            other => other.plain(backend, "command"),
        }
    }

    /// The error of an operation on no key.
    pub(super) fn plain(self, backend: &str, operation: &'static str) -> Error {
        let device = |reason: &str| Error::Device {
            backend: backend.to_owned(),
            operation,
            reason: reason.to_owned(),
            disposition: Disposition::Stop,
        };
        match self {
            Self::NotFound => device("the object is not there, or in another domain"),
            Self::Exists => device("the object ID is taken"),
            // Once is what devices do. Of a session that was opened a moment ago it is not believed.
            Self::SessionGone => Error::AnswerLost {
                backend: backend.to_owned(),
                operation,
                reason: "twice the session was said to be gone, the second time a new one"
                    .to_owned(),
            },
            Self::Other(error) => error,
        }
    }
}

/// What happened, as far as it is certain.
pub(super) enum Happened {
    /// The device answered with this error.
    Refused(u8),
    /// An answer outside of the secure channel says this error: the device's or somebody else's.
    SaidOutside(u8),
    /// Nothing was sent.
    NotSent(String),
    /// Sent, and no answer that verifies.
    Lost {
        /// Because the call's time was over.
        timed_out: bool,
        /// What was seen.
        reason: String,
    },
    /// The device does not know the password.
    WrongPassword(String),
}

impl Happened {
    /// Reads the crate's error together with what the relay saw; by USB nothing more is seen.
    pub(super) fn read(error: &client::Error, seen: Option<Seen>) -> Self {
        if let Some(kind) = error.device_error() {
            return Self::Refused(kind.to_u8());
        }
        match seen {
            Some(Seen::Refused { code }) => return Self::SaidOutside(code),
            Some(Seen::NotSent(reason)) => return Self::NotSent(reason),
            Some(Seen::NoAnswer { timed_out, reason }) => return Self::Lost { timed_out, reason },
            Some(Seen::Nothing) if !is_password(error) => {
                return Self::NotSent(error.to_string());
            }
            Some(Seen::Nothing | Seen::InFlight | Seen::Answered) | None => {}
        }
        if is_password(error) {
            return Self::WrongPassword(error.to_string());
        }
        Self::Lost {
            timed_out: false,
            reason: error.to_string(),
        }
    }

    /// Whether a session that was being opened may be taken up in the device.
    pub(super) const fn leaves_session(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::WrongPassword(_))
    }

    /// The right column of the table. `credential` is said to people.
    pub(super) fn opening(self, backend: &str, credential: &str) -> Error {
        let unreachable = |reason: String| Error::Unreachable {
            backend: backend.to_owned(),
            reason,
        };
        let wrong = |reason: String| Error::WrongCredential {
            backend: backend.to_owned(),
            credential: credential.to_owned(),
            reason,
        };
        // Until there is a session all is said outside of it, and nothing was asked yet.
        let happened = match self {
            Self::SaidOutside(code) => Self::Refused(code),
            other => other,
        };
        match happened {
            Self::Refused(0x04) => wrong("the device refused it".to_owned()),
            Self::Refused(0x05) => Error::Busy {
                backend: backend.to_owned(),
                operation: "open session",
                reason: "all 16 sessions of the device are taken".to_owned(),
            },
            Self::Refused(0x0a) => Error::LogFull {
                backend: backend.to_owned(),
            },
            Self::Refused(0x0b) => wrong("the device has no such authentication key".to_owned()),
            Self::Refused(code) | Self::SaidOutside(code) => {
                unreachable(format!("no session: {}", name(code)))
            }
            Self::NotSent(reason) => unreachable(reason),
            Self::Lost {
                timed_out: true, ..
            } => Error::TimedOut {
                backend: backend.to_owned(),
                operation: "open session",
                attempted: false,
            },
            Self::Lost { reason, .. } => unreachable(format!("no session: {reason}")),
            Self::WrongPassword(reason) => wrong(reason),
        }
    }

    /// The left column of the table.
    pub(super) fn command(self, backend: &str, operation: &'static str) -> Fault {
        let backend = backend.to_owned();
        let device = |code, disposition| Error::Device {
            backend: backend.clone(),
            operation,
            reason: name(code),
            disposition,
        };
        Fault::Other(match self {
            Self::Refused(0x03 | 0x04 | 0x06) | Self::SaidOutside(0x03 | 0x04 | 0x06) => {
                return Fault::SessionGone;
            }
            Self::SaidOutside(code) => Error::AnswerLost {
                backend,
                operation,
                reason: format!(
                    "outside of the secure channel, where it proves nothing, {}",
                    name(code)
                ),
            },
            Self::Refused(0x0b) => return Fault::NotFound,
            Self::Refused(0x11) => return Fault::Exists,
            Self::Refused(code @ (0x01 | 0x09 | 0x12)) => Error::NotPermitted {
                backend,
                operation,
                reason: name(code),
            },
            Self::Refused(code @ (0x02 | 0x08 | 0x0c | 0x0e | 0x0f)) => {
                device(code, Disposition::Stop)
            }
            Self::Refused(0x05) => Error::Busy {
                backend,
                operation,
                reason: name(0x05),
            },
            Self::Refused(0x0a) => Error::LogFull { backend },
            Self::Refused(0xff) => device(0xff, Disposition::Retry),
            Self::Refused(code) => device(code, Disposition::OtherDevice),
            Self::NotSent(reason) => Error::Unreachable { backend, reason },
            Self::Lost {
                timed_out: true, ..
            } => Error::TimedOut {
                backend,
                operation,
                attempted: true,
            },
            Self::Lost { reason, .. } | Self::WrongPassword(reason) => Error::AnswerLost {
                backend,
                operation,
                reason,
            },
        })
    }
}

fn is_password(error: &client::Error) -> bool {
    *error.kind() == client::ErrorKind::AuthenticationError
}

/// The device's name of an error code.
fn name(code: u8) -> String {
    let name = match code {
        0x01 => "INVALID_COMMAND",
        0x02 => "INVALID_DATA",
        0x03 => "INVALID_SESSION",
        0x04 => "AUTHENTICATION_FAILED",
        0x05 => "SESSIONS_FULL",
        0x06 => "SESSION_FAILED",
        0x07 => "STORAGE_FAILED",
        0x08 => "WRONG_LENGTH",
        0x09 => "INSUFFICIENT_PERMISSIONS",
        0x0a => "LOG_FULL",
        0x0b => "OBJECT_NOT_FOUND",
        0x0c => "INVALID_ID",
        0x0e => "SSH_CA_CONSTRAINT_VIOLATION",
        0x0f => "INVALID_OTP",
        0x10 => "DEMO_MODE",
        0x11 => "OBJECT_EXISTS",
        0x12 => "ALGORITHM_DISABLED",
        0xff => "COMMAND_UNEXECUTED",
        _ => return format!("the device answers error 0x{code:02x}"),
    };
    format!("the device answers {name}")
}
