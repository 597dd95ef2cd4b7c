//! What devices log, held against what they were asked for.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod acknowledged;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod faults;
mod logs;
mod random;
mod rogue;
mod world;
