//! Publishing from a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

#[path = "../failing/mod.rs"]
mod failing;

mod arguments;
mod clock;
mod content;
mod device;
mod due;
mod keys;
mod restart;
mod scene;
