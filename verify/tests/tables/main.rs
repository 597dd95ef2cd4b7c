//! Tables: what is accepted to the second, and what each budget allows to the unit.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod budgets;
mod chain;
mod dates;
#[path = "../support/verifier.rs"]
mod verifier;
