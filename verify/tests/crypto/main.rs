//! Both providers of cryptography: published vectors, one against the other, SHA-1.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod asked;
mod differential;
mod encoding;
mod legacy;
mod vectors;
