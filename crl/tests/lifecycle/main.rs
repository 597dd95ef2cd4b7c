//! Series of lists over time: what follows on what, and how a series ends.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;

mod bases;
mod bursts;
mod ending;
mod imported;
mod many;
mod numbers;
mod scene;
mod waiting;
