//! Status over real connections.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

mod connections;
mod endpoints;
mod hostile;
mod ocsp;
mod openssl;
mod server;
mod starting;
