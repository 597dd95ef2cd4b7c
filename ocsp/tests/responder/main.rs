//! Answers from a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;
#[path = "../../../crl/tests/failing/mod.rs"]
mod failing;
#[path = "../../../verify/tests/support/skip.rs"]
mod skip;
#[path = "../../../verify/tests/support/vectors.rs"]
mod vectors;

mod answers;
mod corpora;
mod extensions;
mod imported;
mod not_answered;
mod pending;
mod renewal;
mod scene;
mod signers;
