//! HTTP: status endpoints and the operator's control socket. No decisions.
//!
//! - [`control`] carries out the operator's commands, for the command line and over a socket.
//! - [`feed`] gives the ledger to edge responders, and follows it there.
//! - [`status`] serves CRLs, OCSP, CA certificates and the public ledger.
//! - [`verify_service`] answers systems that cannot link `verify`.
//! - [`server`] runs a router, or what stands before one, on a listener, with limits.

pub mod control;
pub mod feed;
pub mod server;
pub mod status;
pub mod verify_service;
