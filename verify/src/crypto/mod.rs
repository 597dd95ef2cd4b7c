//! Signature checks and digests behind one trait, so that providers can be exchanged.
//!
//! Two providers are here, each with its Cargo feature: `AwsLc` (`aws-lc`, the default; fastest,
//! needs a C compiler) and `RustCrypto` (`rustcrypto`, pure Rust). They know the same algorithms,
//! have the same limits, and refuse the same keys and signatures with the same [`CryptoError`].
//!
//! Verified are ECDSA on P-256, P-384 and P-521 with SHA-256, SHA-384 or SHA-512, RSASSA-PKCS1-v1_5
//! with the same digests and moduli of 2,048 to 8,192 bits, and Ed25519. SHA-1 is verified only by a
//! provider that was made by a constructor named `dangerously_with_sha1`. RSA-PSS, DSA, compressed
//! points and other curves are not verified.

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod digest;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod ed25519;
mod error;
mod provider;
#[cfg(feature = "rustcrypto")]
mod rust_crypto;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod scheme;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod sha1;

#[cfg(test)]
mod tests;

#[cfg(feature = "aws-lc")]
pub use aws_lc::AwsLc;
pub use digest::{Digest, DigestAlgorithm};
pub use error::CryptoError;
pub use provider::{CryptoProvider, PublicKey};
#[cfg(feature = "rustcrypto")]
pub use rust_crypto::RustCrypto;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
pub use sha1::DangerousSha1;
