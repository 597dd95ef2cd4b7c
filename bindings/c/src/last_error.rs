//! Why the thread's last call failed.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::fmt::Display;

use crate::border::{KasaneStatus, c_string};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: KasaneStatus,
    code: String,
    text: String,
}

impl Failure {
    pub(crate) fn null() -> Self {
        Self {
            status: KasaneStatus::NullArgument,
            code: "abi.null".to_owned(),
            text: "an argument is NULL that must not be".to_owned(),
        }
    }

    pub(crate) fn bad_argument(text: String) -> Self {
        Self {
            status: KasaneStatus::BadArgument,
            code: "abi.argument".to_owned(),
            text,
        }
    }

    pub(crate) fn input(code: &str, error: impl Display) -> Self {
        Self {
            status: KasaneStatus::BadInput,
            code: code.to_owned(),
            text: error.to_string(),
        }
    }

    pub(crate) fn panicked() -> Self {
        Self {
            status: KasaneStatus::Panicked,
            code: "abi.panicked".to_owned(),
            text: "a fault of this library: please report it with the input".to_owned(),
        }
    }
}

thread_local! {
    static LAST: RefCell<Option<(CString, CString)>> = const { RefCell::new(None) };
}

pub(crate) fn remember(failure: Failure) {
    let both = (c_string(&failure.code), c_string(&failure.text));
    // The thread may be ending, and then nobody asks any more.
    let _told = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = Some(both);
        }
    });
}

fn last(which: fn(&(CString, CString)) -> &CString) -> *const c_char {
    LAST.try_with(|last| {
        let last = last.try_borrow().ok()?;
        Some(which(last.as_ref()?).as_ptr())
    })
    .ok()
    .flatten()
    .unwrap_or(std::ptr::null())
}

/// The stable dotted code of the failure of this thread's last call that failed; NULL when none did.
/// Valid until the next call of this thread that fails.
#[unsafe(no_mangle)]
pub extern "C" fn kasane_last_error_code() -> *const c_char {
    last(|both| &both.0)
}

/// What failed, why, and what to do, in English; as kasane_last_error_code().
#[unsafe(no_mangle)]
pub extern "C" fn kasane_last_error_text() -> *const c_char {
    last(|both| &both.1)
}
