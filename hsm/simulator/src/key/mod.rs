//! Asymmetric keys: made, imported, asked to sign a digest.
//!
//! aws-lc-rs does every private operation. What it cannot do the simulator does not offer:
//! secp256k1, secp224r1 and the Brainpool curves, SHA-1 under RSA.

mod asymmetric_key;
mod ecdsa;
mod ed25519;
mod rsa;

pub use asymmetric_key::AsymmetricKey;
