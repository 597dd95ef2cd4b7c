//! A call into the library that did not succeed, on its way to an [`Error`].

use cryptoki::context::Function;
use cryptoki::error::{Error as CallError, RvError};

use super::codes::{self, Loss, Meaning, Verdict};
use crate::{Disposition, Error};

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The library's answer.
    Call(CallError),
    /// The token that is meant is not among those that are there.
    Missing(String),
    /// Ours: nothing is lost and nothing has to be renewed.
    Ours(Error),
}

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Fault {
    /// What has to be made anew.
    pub(super) const fn loss(&self) -> Loss {
        match self {
            Self::Call(CallError::Pkcs11(code, _)) => codes::verdict(*code).loss,
            Self::Missing(_) => Loss::Connection,
            Self::Call(_) | Self::Ours(_) => Loss::Nothing,
        }
    }

    /// Whether making things anew and asking again is safe and may help: something was lost, and
    /// nothing was executed.
    pub(super) fn is_renewable(&self) -> bool {
        self.loss() > Loss::Nothing && !self.may_have_executed() && !self.is_credential()
    }

    /// Whether the library is to be begun anew when connecting ends so.
    pub(super) fn asks_for_library(&self) -> bool {
        match self {
            Self::Missing(_) => true,
            Self::Call(CallError::Pkcs11(code, _)) => {
                let verdict = codes::verdict(*code);
                verdict.loss == Loss::Library || verdict.meaning == Meaning::Gone
            }
            Self::Call(_) | Self::Ours(_) => false,
        }
    }

    /// Whether somebody has ended the library.
    pub(super) const fn says_ended(&self) -> bool {
        matches!(
            self,
            Self::Call(CallError::Pkcs11(RvError::CryptokiNotInitialized, _))
        )
    }

    /// Whether the token said, before it did anything, that it cannot do such a thing.
    pub(super) fn is_unsupported(&self) -> bool {
        matches!(self, Self::Call(CallError::Pkcs11(code, function))
            if codes::verdict(*code).meaning == Meaning::Unsupported && !executes(*function))
    }

    fn is_credential(&self) -> bool {
        matches!(self, Self::Call(CallError::Pkcs11(code, _))
            if codes::verdict(*code).meaning == Meaning::Credential)
    }

    fn may_have_executed(&self) -> bool {
        match self {
            Self::Call(CallError::Pkcs11(code, function)) => {
                executes(*function) && !codes::verdict(*code).refused_at_once
            }
            _ => false,
        }
    }

    /// The error for the caller.
    pub(super) fn into_error(self, backend: &str, operation: &'static str) -> Error {
        let backend = backend.to_owned();
        match self {
            Self::Ours(error) => error,
            Self::Missing(reason) => Error::Unreachable { backend, reason },
            Self::Call(CallError::Pkcs11(code, function)) => {
                let reason = format!("{} from C_{function:?}", codes::name(code));
                let verdict = codes::verdict(code);
                if executes(function) && !verdict.refused_at_once {
                    after_execution(verdict, backend, operation, reason)
                } else {
                    before_execution(code, verdict, backend, operation, reason)
                }
            }
            Self::Call(other) => Error::Device {
                backend,
                operation,
                reason: other.to_string(),
                disposition: Disposition::OtherDevice,
            },
        }
    }
}

/// The functions that make the token do something which lasts.
const fn executes(function: Function) -> bool {
    matches!(
        function,
        Function::Sign
            | Function::SignFinal
            | Function::GenerateKeyPair
            | Function::DestroyObject
            | Function::InitToken
            | Function::InitPIN
    )
}

fn before_execution(
    code: RvError,
    verdict: Verdict,
    backend: String,
    operation: &'static str,
    reason: String,
) -> Error {
    match verdict.meaning {
        Meaning::Gone | Meaning::Failed(Disposition::OtherDevice) => {
            Error::Unreachable { backend, reason }
        }
        Meaning::Busy | Meaning::Failed(Disposition::Retry) => Error::Busy {
            backend,
            operation,
            reason,
        },
        Meaning::Forbidden => Error::NotPermitted {
            backend,
            operation,
            reason,
        },
        Meaning::Credential => Error::WrongCredential {
            backend,
            credential: "PIN".to_owned(),
            reason: codes::name(code),
        },
        Meaning::Unsupported | Meaning::Failed(Disposition::Stop) => Error::Device {
            backend,
            operation,
            reason,
            disposition: Disposition::Stop,
        },
    }
}

fn after_execution(
    verdict: Verdict,
    backend: String,
    operation: &'static str,
    reason: String,
) -> Error {
    match verdict.meaning {
        Meaning::Failed(disposition) => Error::Device {
            backend,
            operation,
            reason,
            disposition,
        },
        _ => Error::AnswerLost {
            backend,
            operation,
            reason,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: RvError, function: Function) -> Error {
        Fault::Call(CallError::Pkcs11(code, function)).into_error("token", "sign")
    }

    #[test]
    fn same_value_means_less_before_the_key_was_used() {
        let removed = error(RvError::DeviceRemoved, Function::Sign);
        assert_eq!(removed.code(), "device.answer-lost");
        assert!(removed.was_attempted());
        let removed = error(RvError::DeviceRemoved, Function::SignInit);
        assert_eq!(removed.code(), "device.unreachable");
        assert!(!removed.was_attempted());
        let general = error(RvError::GeneralError, Function::Sign);
        assert_eq!(general.code(), "key.device");
        assert!(general.was_attempted());
        assert_eq!(general.disposition(), Disposition::OtherDevice);
    }

    #[test]
    fn value_that_excludes_a_signature_is_no_attempt() {
        for code in [
            RvError::SessionHandleInvalid,
            RvError::KeyHandleInvalid,
            RvError::UserNotLoggedIn,
            RvError::TokenNotPresent,
            RvError::CryptokiNotInitialized,
        ] {
            let error = error(code, Function::Sign);
            assert!(!error.was_attempted(), "{error}");
            let fault = Fault::Call(CallError::Pkcs11(code, Function::Sign));
            assert!(fault.is_renewable(), "{code:?}");
        }
    }

    #[test]
    fn neither_a_lost_answer_nor_a_pin_is_tried_again() {
        for (code, function) in [
            (RvError::DeviceRemoved, Function::Sign),
            (RvError::DeviceError, Function::GenerateKeyPair),
            (RvError::FunctionFailed, Function::Sign),
            (RvError::PinIncorrect, Function::Login),
            (RvError::PinLocked, Function::Login),
        ] {
            let fault = Fault::Call(CallError::Pkcs11(code, function));
            assert!(!fault.is_renewable(), "{code:?}");
        }
    }
}
