//! Keys that sign: made, imported, asked for a signature or code.
//!
//! aws-lc-rs does every private operation. What it cannot do the simulator does not offer:
//! secp256k1, secp224r1 and the Brainpool curves, SHA-1 under RSA.

mod asymmetric_key;
mod ecdsa;
mod ed25519;
mod hmac_key;
mod rsa;

pub use asymmetric_key::AsymmetricKey;
pub use hmac_key::HmacKey;
