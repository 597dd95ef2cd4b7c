//! Key backends and their roles: software keys for development, hardware for production.
//!
//! Blocking, signs messages, knows what a key may be used for; knows nothing of X.509. An
//! attestation certificate leaves this crate as DER.

pub mod backend;
pub mod error;
pub mod label;
pub mod role;
pub mod software;

pub use backend::{BackendKind, KeyBackend, KeyInfo, Priority, SignRequest, SigningKey};
pub use error::{Disposition, Error};
pub use label::KeyLabel;
pub use role::KeyRole;
pub use software::{InMemoryBackend, SoftwareBackend};
