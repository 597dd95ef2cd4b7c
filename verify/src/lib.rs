//! Decides whether a certificate chain is trusted, for what, and under which date's rules.
//!
//! Sans-I/O: bytes, trust anchors, policy and a time go in; a verdict comes out. No clock, no
//! network, no async, no issuing code.

pub mod algorithm;
mod asn1;
pub mod crypto;
pub mod ocsp;
pub mod revocation;
pub mod signature;
pub mod spki;
pub mod policy;
pub mod time;

pub use algorithm::{KeyAlgorithm, KeyFamily, SignatureAlgorithm};
pub use time::UnixTime;
