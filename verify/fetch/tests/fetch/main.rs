//! A fetcher against a real server on loopback, good and bad.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod background;
mod crls;
mod flight;
mod hostile;
mod memory;
mod ocsp;
mod outage;
mod support;
