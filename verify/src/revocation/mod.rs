//! Whether a certificate was revoked, from evidence that the caller supplies.

mod crl;
mod evidence;
mod held;
mod reason;
mod request;
mod rules;

#[cfg(test)]
mod tests;

pub use crl::{CrlIssuer, RevocationError, check_crl};
pub(crate) use crl::{CrlQuestion, Voice, decide};
pub use evidence::{Basis, Evidence, EvidenceSource, OcspEvidence, StatusUsed, Tolerance};
pub use held::HeldCrls;
pub use reason::RevocationReason;
pub(crate) use request::MAX_LOCATIONS;
pub use request::{CrlLocation, OcspLocation, RevocationRequest};
pub use rules::{Requirement, RevocationRules, Sources};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// It must be current: from its this update to its next update, which it must state.
    #[default]
    Required,
    /// Any age counts. Only for a declared emergency or for looking back, where old evidence is
    /// better than none.
    DangerouslyIgnored,
}
