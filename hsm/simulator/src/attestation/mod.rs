//! Attestation: X.509 certificates that say how a key came into the device.

mod authority;
mod certificate;
mod extension;

pub use authority::{AttestationAuthority, ROOT_COMMON_NAME, SavedAuthority};
pub use certificate::{AttestedObject, attest};
