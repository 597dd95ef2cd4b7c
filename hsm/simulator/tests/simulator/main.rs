//! The simulator, driven by a client that others wrote.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod algorithms;
mod support;
