//! What the whole-system tests stand on.
//!
//! - [`sample`] is an authority with one certificate of every profile, written as files.
//! - [`status_listener`] serves its status where its certificates say; [`unrecorded`] makes
//!   certificates behind its back.
//! - [`bad_request`] makes requests that must be refused.
//! - [`chain`] is a small hierarchy as files, at a fixed time.
//! - [`tools`] runs strangers: OpenSSL, GnuTLS, pkilint; what is missing is named and skipped.
//! - [`lint`] compares the linter's findings with the written exceptions.
//! - [`program`] runs the binary `kasane` as people do.
//! - [`control`] sends commands to a running service, [`http`] asks it for status.
//! - [`status_load`] asks for status under load and checks each answer against the ledger.
//! - [`verify_service`] runs `kasane verify-service` and asks it.
//! - [`edge`] runs `kasane responder serve` and asks it.
//! - [`nginx`] runs nginx with a configuration that is shipped.
//! - [`long`] says whether the long form was asked for.

#![expect(
    clippy::unwrap_used,
    reason = "a library of tests: a failed step is a failed test"
)]

pub mod bad_request;
pub mod chain;
pub mod control;
pub mod edge;
pub mod http;
pub mod lint;
pub mod long;
pub mod nginx;
pub mod program;
pub mod sample;
pub mod simulator;
pub mod status_listener;
pub mod status_load;
pub mod tools;
pub mod unrecorded;
pub mod verify_service;
