//! The PKCS#11 backend on SoftHSM 2, as it is and behind a library that fails on request.
//!
//! SoftHSM reads its configuration from the environment, so each test runs in a process of its own
//! ([`world::alone`]).

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod credentials;
mod faults;
mod foreign;
mod making;
mod planted;
mod recovery;
#[path = "../support/signatures.rs"]
mod signatures;
mod signing;
mod tokens;
mod world;
