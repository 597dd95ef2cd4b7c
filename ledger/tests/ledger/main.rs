//! A ledger as its callers use it, in good and bad times.

mod api;
mod common;
mod crash;
mod faults;
mod tamper;
mod tiles;
