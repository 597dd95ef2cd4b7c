//! OCSP responses and their cache.
//!
//! - [`Responder`] answers requests for every issuing CA of an authority, and rolls its signers over.
//! - [`decode_get`] reads the request out of a GET path.
//!
//! The messages themselves are those of `kasane_verify::ocsp`.

mod cache;
mod get;
mod identity;
mod respond;
mod responder;
mod response;
mod roll_over;
mod signer;

pub use get::{BadGet, decode_get};
pub use kasane_verify::ocsp::OcspResponseStatus;
pub use responder::Responder;
pub use response::{Cacheable, Response};
pub use roll_over::{FailedRollOver, RollOver, RolledOver};
