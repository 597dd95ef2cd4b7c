//! The program as people run it: text and JSON, exit codes, with and without a service.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod ceremony;
mod ceremony_carried;
mod custodians;
mod flow;
mod refusals;
mod service;
mod trust;
mod verify;
mod world;
mod wrap_key;
