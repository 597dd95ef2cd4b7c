//! HTTP: status endpoints and the operator's control socket. No decisions.
//!
//! - [`status`] serves CRLs, OCSP, CA certificates and the public ledger.
//! - [`server`] runs a router on a listener, with limits.

pub mod server;
pub mod status;
