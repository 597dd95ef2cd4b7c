//! Decides whether a certificate chain is trusted, for what, and under which date's rules.
//!
//! Sans-I/O: bytes, trust anchors, policy and a time go in; a verdict comes out. No clock, no
//! network, no async, no issuing code.

pub mod algorithm;
pub mod policy;
pub mod time;

pub use algorithm::{KeyAlgorithm, KeyFamily, SignatureAlgorithm};
pub use time::UnixTime;
