//! Which officers have signed, and whether they are enough.

use super::{KeyId, OfficerSet, TrustDocument, TrustError};

/// How far a document is signed on behalf of one set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Officers of the set that must sign.
    pub threshold: usize,
    /// Officers of the set that have signed.
    pub signed: usize,
}

impl Quorum {
    /// Whether they are enough.
    #[must_use]
    pub const fn is_reached(self) -> bool {
        self.signed >= self.threshold
    }

    const fn check(self) -> Result<(), TrustError> {
        if self.is_reached() {
            Ok(())
        } else {
            Err(TrustError::Threshold {
                needed: self.threshold,
                signed: self.signed,
            })
        }
    }
}

/// Checks every signature of `document`. Each must be by an officer of one of `sets`, and good: what
/// cannot be checked is refused, not passed over, so no octet of a document is without meaning.
///
/// An officer of two sets signs once and counts in both.
///
/// # Errors
/// For a signature by a stranger, of the wrong algorithm, or that does not verify.
pub(super) fn count<const N: usize>(
    document: &TrustDocument,
    sets: [&OfficerSet; N],
) -> Result<[Quorum; N], TrustError> {
    let message = document.to_be_signed();
    for signature in document.signatures() {
        let id = signature.officer;
        let officer = sets
            .iter()
            .find_map(|set| set.officer(id))
            .ok_or(TrustError::UnknownOfficer { officer: id })?;
        if signature.algorithm != officer.signature() {
            return Err(TrustError::SignatureAlgorithm {
                name: officer.name().to_owned(),
                found: signature.algorithm,
            });
        }
        officer
            .key()
            .verify(signature.algorithm, &message, &signature.value)
            .map_err(|reason| TrustError::BadSignature {
                name: officer.name().to_owned(),
                reason,
            })?;
    }
    // The document's signatures are of distinct officers, a set's officers have distinct keys.
    let signed_by = |id: KeyId| document.signatures().iter().any(|it| it.officer == id);
    Ok(sets.map(|set| Quorum {
        threshold: set.threshold(),
        signed: set
            .officers()
            .iter()
            .filter(|officer| signed_by(officer.id()))
            .count(),
    }))
}

/// Checks every signature, and that each set has enough of them.
pub(super) fn check<const N: usize>(
    document: &TrustDocument,
    sets: [&OfficerSet; N],
) -> Result<(), TrustError> {
    count(document, sets)?
        .into_iter()
        .try_for_each(Quorum::check)
}
