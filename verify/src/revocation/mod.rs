//! Whether a certificate was revoked, from evidence that the caller supplies.

mod crl;
mod reason;

#[cfg(test)]
mod tests;

pub use crl::{CrlIssuer, RevocationError, check_crl};
pub use reason::RevocationReason;

use crate::UnixTime;

/// What evidence says about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked, as of the evidence.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        date: UnixTime,
        /// Why; unspecified when absent.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know the certificate (OCSP only).
    Unknown,
}

/// Whether evidence past its next update still counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// It must be current: from its this update to its next update, which it must state.
    #[default]
    Required,
    /// Any age counts. Only for a declared emergency or for looking back, where old evidence is
    /// better than none.
    DangerouslyIgnored,
}
