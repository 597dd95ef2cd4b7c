//! Signature checks and digests behind one trait, so that providers can be exchanged.

mod aws_lc;
mod provider;

#[cfg(test)]
mod tests;

pub use aws_lc::AwsLc;
pub use provider::{CryptoError, CryptoProvider, DigestAlgorithm, PublicKey};
