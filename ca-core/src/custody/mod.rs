//! Custody of the wrap key: shares for custodians of whom several restore it together.
//!
//! The secret is split by Shamir's scheme over GF(256). Each share is written only encrypted, under
//! its custodian's own passphrase. A share says to which set it belongs, so that a wrong one is
//! named before anything is put together, and a salted checksum tells a wrong whole.

mod error;
mod share;
mod share_file;
mod split;

pub use error::CustodyError;
pub(crate) use share::disturbs;
pub use share::{Share, ShareHeader};
pub use share_file::{MAX_SHARE_FILE_BYTES, MIN_PASSPHRASE_CHARS, ShareFile};
pub use split::{Gathering, SECRET_BYTES, combine, split};

#[cfg(test)]
mod tests;
