//! A ledger as its callers use it, in good and bad times.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, too, stop on a failure"
)]

mod api;
mod common;
mod crash;
mod faults;
mod kill;
mod order;
mod start;
mod tamper;
mod tiles;
