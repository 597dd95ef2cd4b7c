//! Key backends and their roles: software keys for development, hardware for production.
//!
//! Blocking, signs messages, knows what a key may be used for; knows nothing of X.509. An
//! attestation certificate leaves this crate as DER.

mod attestation;
pub mod backend;
pub mod config;
pub mod device;
pub mod error;
pub mod label;
pub mod pkcs11;
pub mod pool;
pub mod role;
mod route;
mod signature;
pub mod software;
pub mod yubihsm;

pub use attestation::Attestation;
pub use backend::{BackendKind, KeyBackend, KeyInfo, Priority, SignRequest, SigningKey};
pub use device::{Device, DeviceIdentity, DeviceName, RecordedQuarantine};
pub use error::{Disposition, Error};
pub use label::KeyLabel;
pub use pkcs11::Pkcs11Device;
pub use pool::Pool;
pub use role::KeyRole;
pub use route::RoutedBackend;
pub use signature::Signature;
pub use software::{InMemoryBackend, SoftwareBackend};
pub use yubihsm::YubiHsmDevice;
