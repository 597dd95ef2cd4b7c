//! Decides whether a certificate chain is trusted, for what, and under which date's rules.
//!
//! Sans-I/O: bytes, trust anchors, policy and a time go in; a verdict comes out. No clock, no
//! network, no async, no issuing code.

pub mod algorithm;
mod asn1;
pub mod certificate;
pub mod crl;
pub mod crypto;
pub mod name;
pub mod ocsp;
mod oid;
pub mod path;
pub mod pem;
pub mod policy;
pub mod revocation;
#[cfg(feature = "rustls")]
pub mod rustls;
pub mod signature;
pub mod spki;
#[cfg(test)]
mod test_support;
pub mod time;
pub mod trust;

pub use algorithm::{KeyAlgorithm, KeyFamily, SignatureAlgorithm};
pub use time::UnixTime;
