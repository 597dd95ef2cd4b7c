//! What every function does at the border: pointers, lengths, panics.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::last_error::{Failure, remember};

/// How a call went.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KasaneStatus {
    /// Done.
    Ok = 0,
    /// A handle or a buffer is missing.
    NullArgument = 1,
    /// An argument is not one of those that the function knows, or a string is no UTF-8.
    BadArgument = 2,
    /// Certificates, CRLs, responses or a policy that cannot be read: see kasane_last_error_code().
    BadInput = 3,
    /// A fault of this library.
    Panicked = 4,
}

/// Longest input that is looked at, beside CRLs, whose own limit is larger.
pub(crate) const MAX_INPUT_BYTES: usize = 4 * 1024 * 1024;

/// Runs a function that can fail.
pub(crate) fn call(work: impl FnOnce() -> Result<(), Failure>) -> KasaneStatus {
    // What a panic leaves half done is seen by nobody but whoever uses the same handle on.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => KasaneStatus::Ok,
        Ok(Err(failure)) => {
            let status = failure.status;
            remember(failure);
            status
        }
        Err(_) => {
            remember(Failure::panicked());
            KasaneStatus::Panicked
        }
    }
}

/// Runs an accessor.
pub(crate) fn read<T>(otherwise: T, work: impl FnOnce() -> Option<T>) -> T {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some(value)) => value,
        Ok(None) | Err(_) => otherwise,
    }
}

/// # Safety
/// `handle` is `NULL` or one that this library made and that nobody changes meanwhile.
pub(crate) unsafe fn borrowed<'a, T>(handle: *const T) -> Result<&'a T, Failure> {
    // SAFETY: the caller promises it.
    unsafe { handle.as_ref() }.ok_or_else(Failure::null)
}

/// # Safety
/// `handle` is `NULL` or one that this library made and that nobody else uses meanwhile.
pub(crate) unsafe fn changed<'a, T>(handle: *mut T) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller promises it.
    unsafe { handle.as_mut() }.ok_or_else(Failure::null)
}

/// # Safety
/// `octets` is `NULL`, or `length` octets can be read there and nobody writes them meanwhile.
pub(crate) unsafe fn octets<'a>(
    octets: *const u8,
    length: usize,
    most: usize,
) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if octets.is_null() {
        return Err(Failure::null());
    }
    if length > most {
        return Err(Failure::bad_argument(format!(
            "input of {length} octets: at most {most} are read"
        )));
    }
    // SAFETY: not NULL, and the caller promises the rest; `most` is far below isize::MAX.
    Ok(unsafe { std::slice::from_raw_parts(octets, length) })
}

/// # Safety
/// `text` is `NULL` or ends with a zero, and nobody writes it meanwhile.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(Failure::null());
    }
    // SAFETY: not NULL, and the caller promises the rest.
    unsafe { CStr::from_ptr(text) }
        .to_str()
        .map_err(|_| Failure::bad_argument("a string is no UTF-8".to_owned()))
}

/// # Safety
/// `out` is `NULL` or can be written to.
pub(crate) unsafe fn give<T>(
    out: *mut *mut T,
    make: impl FnOnce() -> Result<T, Failure>,
) -> Result<(), Failure> {
    if out.is_null() {
        return Err(Failure::null());
    }
    // SAFETY: not NULL, and the caller promises the rest. Nobody finds an old pointer after a failure.
    unsafe { out.write(ptr::null_mut()) };
    let handle = Box::into_raw(Box::new(make()?));
    // SAFETY: as above.
    unsafe { out.write(handle) };
    Ok(())
}

/// # Safety
/// `handle` is `NULL` or came from [`give`] and was not freed.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: it came from `Box::into_raw`, and the caller promises that it is freed once.
        let owned = unsafe { Box::from_raw(handle) };
        read((), || {
            drop(owned);
            Some(())
        });
    }
}

/// A string for C, without zeros inside: nobody shall mistake the beginning of a name for the name.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// The string, or `NULL`.
pub(crate) fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_stay_on_this_side() {
        let status = call(|| panic!("a fault"));
        assert_eq!(status, KasaneStatus::Panicked);
        let code = crate::last_error::kasane_last_error_code();
        // SAFETY: set just now, and nothing failed since.
        let code = unsafe { CStr::from_ptr(code) };
        assert_eq!(code, c"abi.panicked");
        assert_eq!(read(7, || panic!("a fault")), 7);
    }

    #[test]
    fn zeros_do_not_cut_a_name_short() {
        let name = c_string("https://id.kasane.example/1\0.evil.example");
        assert_eq!(
            name.to_str(),
            Ok("https://id.kasane.example/1\u{fffd}.evil.example")
        );
    }

    #[test]
    fn old_pointers_do_not_outlive_a_failure() {
        let mut out = ptr::dangling_mut::<u8>();
        // SAFETY: `out` can be written to.
        let failed = unsafe { give(&raw mut out, || Err(Failure::null())) };
        assert!(failed.is_err() && out.is_null());
    }
}
