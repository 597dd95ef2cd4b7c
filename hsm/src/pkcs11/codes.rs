//! Every return value of PKCS#11 and what it means for the caller: the one table.
//!
//! The words of PKCS#11 3.1 §5.1 decide two questions. *Was the command executed?* Some values say
//! that something was wrong when the function was invoked: then the token certainly did not sign.
//! Others say that it went wrong during the execution, or do not say: then it may have signed.
//! *What is lost?* Sessions, login and handles, or the library's own state.

use cryptoki::error::RvError;

use crate::Disposition;

/// What a return value says about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Token, session or library are not there.
    Gone,
    /// Not now: try again later.
    Busy,
    /// Not to this user, or not with this object.
    Forbidden,
    /// The PIN does not open the token.
    Credential,
    /// The token does not know the mechanism, the size or the curve.
    Unsupported,
    /// Something else, and what a pool does about it.
    Failed(Disposition),
}

/// What has to be made anew before the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// Nothing: the session is as good as before.
    Nothing,
    /// Sessions, login and object handles; the slot is looked up again.
    Connection,
    /// The library's state as well: `C_Finalize` and `C_Initialize`.
    Library,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// About the request.
    pub(super) meaning: Meaning,
    /// About what was held.
    pub(super) loss: Loss,
    /// The value excludes that the command was executed.
    pub(super) refused_at_once: bool,
}

const fn at_once(meaning: Meaning, loss: Loss) -> Verdict {
    Verdict {
        meaning,
        loss,
        refused_at_once: true,
    }
}

const fn maybe_executed(meaning: Meaning, loss: Loss) -> Verdict {
    Verdict {
        meaning,
        loss,
        refused_at_once: false,
    }
}

/// The table. `C_Login`'s own values are read by `login`, which is stricter.
pub(super) const fn verdict(code: RvError) -> Verdict {
    use Loss::{Connection, Library, Nothing};
    use Meaning::{Busy, Credential, Failed, Forbidden, Gone, Unsupported};

    match code {
        // The session did not exist any more when the function was invoked: removal of a token,
        // its reset or its idle timer close all of them.
        RvError::SessionHandleInvalid => at_once(Gone, Connection),
        // It was closed while the function ran.
        RvError::SessionClosed => maybe_executed(Gone, Connection),
        // Another user of the process logged out, or the token forgot: login is per token.
        RvError::UserNotLoggedIn => at_once(Gone, Connection),
        // Handles live as long as the library's state and, for private objects, the login. They
        // are looked up again; a key that was deleted is then not found.
        RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid => at_once(Gone, Connection),
        // An operation of an earlier call still hangs on the session, or was dropped from it.
        RvError::OperationActive | RvError::OperationNotInitialized => at_once(Gone, Connection),
        // Absent when the function was invoked. A slot may be numbered anew after a re-plug.
        RvError::TokenNotPresent | RvError::SlotIdInvalid => at_once(Gone, Connection),
        // It may be the reader's view that is stale, so the library is begun anew if it stays so.
        RvError::TokenNotRecognized => at_once(Gone, Connection),
        // "removed during the execution of the function".
        RvError::DeviceRemoved => maybe_executed(Gone, Connection),
        // "some problem with the token and/or slot": clients of network HSMs answer it when the
        // connection breaks.
        RvError::DeviceError => maybe_executed(Gone, Connection),
        // Somebody in the process ended the library.
        RvError::CryptokiNotInitialized => at_once(Gone, Library),
        // "some horrible, unrecoverable error ... possible that the function only partially
        // succeeded ... inconsistent state".
        RvError::GeneralError => maybe_executed(Failed(Disposition::OtherDevice), Library),
        // "an attempt to make the exact same function call again" may succeed.
        RvError::FunctionFailed => maybe_executed(Failed(Disposition::Retry), Connection),
        // Another process holds the sessions or the token; they come free again.
        RvError::SessionCount => at_once(Busy, Nothing),
        // The security officer is logged in: the token is being set up.
        RvError::SessionReadWriteSoExists | RvError::UserAnotherAlreadyLoggedIn => {
            at_once(Busy, Connection)
        }
        RvError::SessionExists | RvError::SessionReadOnlyExists => at_once(Busy, Nothing),
        // Memory may have run out after the token was asked.
        RvError::HostMemory | RvError::DeviceMemory => maybe_executed(Busy, Nothing),
        // Cancelled in mid-execution, at a PIN pad for instance.
        RvError::FunctionCanceled | RvError::Cancel => {
            maybe_executed(Failed(Disposition::Retry), Connection)
        }
        // The key's attributes, the object's, or the user's rights exclude it.
        RvError::KeyFunctionNotPermitted
        | RvError::ActionProhibited
        | RvError::AttributeReadOnly
        | RvError::AttributeSensitive
        | RvError::InformationSensitive
        | RvError::KeyUnextractable
        | RvError::KeyNotWrappable
        | RvError::TokenWriteProtected
        | RvError::SessionReadOnly
        | RvError::FunctionRejected
        | RvError::UserTypeInvalid
        | RvError::UserTooManyTypes => at_once(Forbidden, Nothing),
        RvError::PinIncorrect
        | RvError::PinInvalid
        | RvError::PinLenRange
        | RvError::PinExpired
        | RvError::PinLocked
        | RvError::PinTooWeak
        | RvError::NewPinMode
        | RvError::NextOtp
        | RvError::UserPinNotInitialized => at_once(Credential, Connection),
        // What this token cannot do at all; it refuses before it computes.
        RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::CurveNotSupported
        | RvError::DomainParamsInvalid
        | RvError::KeySizeRange
        | RvError::KeyTypeInconsistent
        | RvError::FunctionNotSupported
        | RvError::FunctionNotParallel
        | RvError::SessionParallelNotSupported => at_once(Unsupported, Nothing),
        // What we asked was wrong for this token: it will be wrong again.
        RvError::ArgumentsBad
        | RvError::AttributeTypeInvalid
        | RvError::AttributeValueInvalid
        | RvError::TemplateIncomplete
        | RvError::TemplateInconsistent
        | RvError::DataInvalid
        | RvError::DataLenRange
        | RvError::EncryptedDataInvalid
        | RvError::EncryptedDataLenRange
        | RvError::PublicKeyInvalid
        | RvError::KeyNotNeeded
        | RvError::KeyChanged
        | RvError::KeyNeeded
        | RvError::KeyIndigestible
        | RvError::UnwrappingKeyHandleInvalid
        | RvError::UnwrappingKeySizeRange
        | RvError::UnwrappingKeyTypeInconsistent
        | RvError::WrappedKeyInvalid
        | RvError::WrappedKeyLenRange
        | RvError::WrappingKeyHandleInvalid
        | RvError::WrappingKeySizeRange
        | RvError::WrappingKeyTypeInconsistent
        | RvError::SignatureInvalid
        | RvError::SignatureLenRange
        | RvError::RandomSeedNotSupported
        | RvError::SavedStateInvalid
        | RvError::StateUnsaveable => at_once(Failed(Disposition::Stop), Nothing),
        // A signature may lie ready that did not fit; the operation stays active.
        RvError::BufferTooSmall => maybe_executed(Failed(Disposition::Stop), Connection),
        // The token's own health: another device may do better.
        RvError::RandomNoRng | RvError::FipsSelfTestFailed | RvError::ExceededMaxIterations => {
            maybe_executed(Failed(Disposition::OtherDevice), Connection)
        }
        // Values of C_Initialize and C_WaitForSlotEvent, or of a broken lock.
        RvError::NeedToCreateThreads
        | RvError::CantLock
        | RvError::LibraryLoadFailed
        | RvError::CryptokiAlreadyInitialized
        | RvError::NoEvent => at_once(Failed(Disposition::OtherDevice), Nothing),
        RvError::MutexBad | RvError::MutexNotLocked => {
            maybe_executed(Failed(Disposition::OtherDevice), Library)
        }
        // Already so: harmless.
        RvError::UserAlreadyLoggedIn => at_once(Busy, Nothing),
        // The vendor's own, or of a later standard: nothing is known, so the worst is assumed.
        RvError::VendorDefined(_) | RvError::UnknownErrorCode(_) => {
            maybe_executed(Failed(Disposition::OtherDevice), Connection)
        }
    }
}

/// The standard's name: `CKR_DEVICE_REMOVED`.
pub(super) fn name(code: RvError) -> String {
    match code {
        RvError::VendorDefined(value) => format!("CKR_VENDOR_DEFINED (0x{value:x})"),
        RvError::UnknownErrorCode(value) => format!("CKR 0x{value:x}"),
        known => {
            let mut name = "CKR".to_owned();
            for letter in format!("{known:?}").chars() {
                if letter.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
            }
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_standards() {
        assert_eq!(name(RvError::DeviceRemoved), "CKR_DEVICE_REMOVED");
        assert_eq!(
            name(RvError::SessionReadWriteSoExists),
            "CKR_SESSION_READ_WRITE_SO_EXISTS"
        );
        assert_eq!(
            name(RvError::VendorDefined(0x8000_0001)),
            "CKR_VENDOR_DEFINED (0x80000001)"
        );
    }

    /// Asking another device at once is only right when the first certainly did not sign.
    #[test]
    fn what_breaks_in_mid_execution_is_never_taken_for_a_refusal() {
        for code in [
            RvError::DeviceRemoved,
            RvError::DeviceError,
            RvError::GeneralError,
            RvError::FunctionFailed,
            RvError::SessionClosed,
            RvError::HostMemory,
            RvError::DeviceMemory,
            RvError::FunctionCanceled,
            RvError::BufferTooSmall,
            RvError::VendorDefined(0x8000_0000),
            RvError::UnknownErrorCode(0x7000_0000),
        ] {
            assert!(!verdict(code).refused_at_once, "{code:?}");
        }
    }

    #[test]
    fn what_was_lost_is_made_anew() {
        for code in [
            RvError::DeviceRemoved,
            RvError::TokenNotPresent,
            RvError::DeviceError,
            RvError::SessionHandleInvalid,
            RvError::SessionClosed,
            RvError::ObjectHandleInvalid,
            RvError::KeyHandleInvalid,
            RvError::UserNotLoggedIn,
            RvError::SlotIdInvalid,
        ] {
            assert_eq!(verdict(code).meaning, Meaning::Gone, "{code:?}");
            assert_eq!(verdict(code).loss, Loss::Connection, "{code:?}");
        }
        assert_eq!(verdict(RvError::CryptokiNotInitialized).loss, Loss::Library);
    }
}
