//! The C ABI of `kasane-verify`. The header is `include/kasane_verify.h`.
//!
//! The rules, for every function:
//!
//! - **Handles** are opaque. What `…_new` or `kasane_verify` gives is freed once by the `…_free` of its
//!   kind; freeing `NULL` does nothing. A handle that was freed must not be used.
//! - **`NULL`** is never followed: a function that needs a handle and gets none says
//!   [`KasaneStatus::NullArgument`], an accessor gives `NULL`, zero or the first variant. `NULL` with
//!   a length of zero is an empty buffer.
//! - **Lengths** are explicit. Strings that come in end with a zero and are UTF-8. Strings that come
//!   out do as well, and belong to the handle they were asked of; a zero inside becomes U+FFFD.
//! - **Panics** do not cross the border: [`KasaneStatus::Panicked`].
//! - **Threads**: a verifier may be used by many threads at once, also while CRLs are added. Anchors
//!   and options, once filled, and results may be read by many threads at once. A handle that is being
//!   changed or freed belongs to one thread. What `kasane_last_error_…` give belongs to the thread.

#![expect(
    clippy::missing_safety_doc,
    reason = "the contract is the same for every function and stated above"
)]

pub mod anchors;
pub mod border;
pub mod last_error;
pub mod options;
pub mod question;
pub mod request;
pub mod result;
pub mod verifier;
pub mod version;
