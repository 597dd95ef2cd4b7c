//! HTTP: status endpoints and the operator's control socket. No decisions.
//!
//! - [`control`] carries out the operator's commands, for the command line and over a socket.
//! - [`feed`] gives the ledger to edge responders, and follows it there.
//! - [`status`] serves CRLs, OCSP, CA certificates and the public ledger.
//! - [`visibility`] asks responders as clients do: how soon is a revocation known?
//! - [`canary`] asks them all the time.
//! - [`verify_service`] answers systems that cannot link `verify`.
//! - [`server`] runs a router, or what stands before one, on a listener, with limits.

pub mod canary;
pub mod control;
pub mod feed;
pub mod server;
mod settings_file;
pub mod status;
pub mod verify_service;
pub mod visibility;

pub use settings_file::BadSettings;
