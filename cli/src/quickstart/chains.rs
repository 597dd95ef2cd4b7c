//! Chains from both anchors, directly and across the cross-certificates.

use kasane_ca_core::authority::{Authority, Status};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{DatedPolicy, Purpose, Question, TrustAnchor, Verifier};
use kasane_verify::policy::Class;
use kasane_verify::revocation::RevocationRules;

use super::QuickstartError;
use super::enrolled::Enrolled;
use super::files::{CA_FILES, ca_certificate};

/// A chain that was verified.
pub(super) struct VerifiedChain {
    /// The end entity's file stem.
    pub(super) certificate: String,
    /// The anchor's file stem.
    pub(super) anchor: String,
    /// Subjects from the end entity to the anchor, as common names.
    pub(super) through: Vec<String>,
}

/// What was verified and what is not to be relied on.
#[derive(Default)]
pub(super) struct Chains {
    /// Each certificate under each anchor.
    pub(super) verified: Vec<VerifiedChain>,
    /// File stems of end entities that are revoked: no chain holds.
    pub(super) refused: Vec<String>,
}

/// Verifies each certificate that is not revoked under each root, with every CA certificate at hand.
pub(super) fn verify(
    authority: &Authority,
    enrolled: &[Enrolled],
) -> Result<Chains, QuickstartError> {
    let ders = CA_FILES
        .iter()
        .map(|name| ca_certificate(authority, name))
        .collect::<Result<Vec<_>, _>>()?;
    let intermediates = ders
        .iter()
        .map(|der| Certificate::from_der(der).map_err(QuickstartError::unreadable))
        .collect::<Result<Vec<_>, _>>()?;
    let policy = DatedPolicy::online(authority.timeline(), Class::Terminal);
    let mut chains = Chains::default();
    for one in enrolled {
        if authority.status(&one.issued.issuer, &one.issued.serial)? != Status::Good {
            chains.refused.push(one.name.clone());
            continue;
        }
        let end_entity =
            Certificate::from_der(&one.issued.der).map_err(QuickstartError::unreadable)?;
        for anchor in ["root-rsa", "root-ecc"] {
            let anchors =
                [
                    TrustAnchor::from_certificate(&ca_certificate(authority, anchor)?, &AwsLc)
                        .map_err(QuickstartError::unreadable)?,
                ];
            let question = Question::new(
                &end_entity,
                &intermediates,
                authority.now(),
                Purpose::ClientAuth,
            );
            // Status is asked of the running service afterwards.
            let path = Verifier::new(&AwsLc, &anchors, &policy)
                .with_revocation(RevocationRules::dangerously_unchecked())
                .verify(&question)
                .map_err(|error| QuickstartError::Chain {
                    certificate: one.name.clone(),
                    anchor: anchor.to_owned(),
                    reason: format!("{} ({})", error, error.code()),
                })?;
            let through = path
                .certificates()
                .iter()
                .map(|der| {
                    let read = Certificate::from_der(der).map_err(QuickstartError::unreadable)?;
                    Ok(read.subject().to_string())
                })
                .collect::<Result<Vec<_>, QuickstartError>>()?;
            chains.verified.push(VerifiedChain {
                certificate: one.name.clone(),
                anchor: anchor.to_owned(),
                through,
            });
        }
    }
    Ok(chains)
}
