//! Whether a certificate was revoked, from evidence that the caller supplies.

mod reason;

pub use reason::RevocationReason;
