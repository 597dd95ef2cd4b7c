//! Which library this is.

use std::ffi::c_char;

/// The version of the ABI that this header describes. It grows when a program that was compiled
/// against an older header would break; functions and constants that are added do not.
pub const KASANE_ABI_VERSION: u32 = 1;

const VERSION: &std::ffi::CStr = match std::ffi::CStr::from_bytes_with_nul(
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes(),
) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The version of the library, such as "0.1.0". Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn kasane_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The ABI of the library; compare with KASANE_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn kasane_abi_version() -> u32 {
    KASANE_ABI_VERSION
}
