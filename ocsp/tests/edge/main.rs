//! Edges that follow a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

mod bounds;
mod catching_up;
mod crafted;
mod disk;
mod durable;
mod enrolment;
mod faults;
mod following;
mod imported;
mod mass_revocation;
mod other_ledgers;
mod scene;
mod signers;
mod time;
mod way;
