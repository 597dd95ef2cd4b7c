//! What became of a key's attestation.

use crate::attestation::AttestationFacts;

/// What became of a key's attestation: verified anew whenever a record is made, from what the ledger
/// keeps and the roots that are configured then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttestationVerdict {
    /// It verifies.
    Verified(Box<AttestationFacts>),
    /// It does not.
    Refused {
        /// A stable code.
        code: &'static str,
        /// Why.
        reason: String,
    },
    /// No root is configured to verify it with.
    Unchecked,
}
