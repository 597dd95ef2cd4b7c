//! The YubiHSM backend against a simulator behind the real protocol.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod algorithms;
mod answers;
mod attestation;
mod codes;
mod log;
mod process;
mod provision;
mod separation;
mod sessions;
mod support;
mod wrapping;
#[path = "../support/yubihsm_site.rs"]
mod yubihsm_site;
