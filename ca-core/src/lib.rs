//! Every decision of the authority: profiles, registration, the issuance pipeline, the signing door.
//!
//! - [`Authority`] is the handle: issue, revoke, register, ask for status.
//! - [`pipeline`] is the way of a certificate or CRL, as types; [`signing`] the one door to the keys.
//! - [`reconcile`] holds what devices log against what they were asked for; [`attestation`] reads
//!   what they say of a key.
//! - [`follower`] is a replica elsewhere that only answers about status.
//! - [`projection`] says what the ledger's entries mean, [`store`] keeps what follows from them.
//! - Time, randomness, keys and storage come in as [`authority::Parts`].

pub mod attestation;
pub mod authority;
pub mod blob;
pub mod ceremony;
pub mod clock;
pub mod configuration;
pub mod custody;
pub mod device_log;
pub mod fail_point;
pub mod folder;
pub mod follower;
pub mod issuer;
pub mod key_quality;
pub mod ledger_head;
pub mod lint;
pub mod pause;
pub mod pipeline;
pub mod private_log;
pub mod profile;
pub mod projection;
pub mod random;
pub mod reconcile;
pub mod refused_credential;
pub mod registration;
pub mod request;
pub mod signing;
pub mod status_source;
pub mod store;
pub mod urls;

mod actor;
mod error;
mod journal;
mod records;
pub mod store_state;

pub use actor::{Actor, Authentication, Requester};
pub use authority::Authority;
pub use error::Error;
