//! The simulator, driven by a client that others wrote.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod algorithms;
mod attestation;
mod faults;
mod frames;
mod log;
mod permissions;
mod persistence;
mod raw_client;
mod sessions;
mod support;
mod wrapping;
