//! Status over real connections.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

mod connections;
mod crl_clock;
mod endpoints;
mod health;
mod hostile;
mod ledger;
mod ocsp;
mod openssl;
mod panicking;
mod server;
mod slow;
mod starting;
mod visibility;
