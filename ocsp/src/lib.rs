//! OCSP responses and their cache.
//!
//! - [`Responder`] answers requests for every issuing CA of an authority: from what it keeps
//!   ([`Responder::prepared`]) or with a signature made for it ([`Responder::respond`]). It renews what is
//!   asked for before it is due ([`Responder::renew`]), and rolls its signers over.
//! - [`OcspPath`] and [`decode_get`] read issuer and request out of a GET path.
//!
//! The messages themselves are those of `kasane_verify::ocsp`.

mod cache;
mod complaints;
mod coverage;
mod get;
mod identity;
mod kept;
mod path;
mod plain;
mod prepared;
mod renew;
mod respond;
mod responder;
mod response;
mod roll_over;
mod signer;

pub use coverage::Coverage;
pub use get::{BadGet, decode_get, encode_get};
pub use kasane_verify::ocsp::OcspResponseStatus;
pub use path::OcspPath;
pub use renew::Renewed;
pub use responder::{DEFAULT_CACHE_BYTES, Responder};
pub use response::{Cacheable, Response, Validators};
pub use roll_over::{FailedRollOver, RollOver, RolledOver};
