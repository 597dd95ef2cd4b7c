//! Chains from both anchors, directly and across the cross-certificates.

use kasane_ca_core::authority::Authority;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{DatedPolicy, Purpose, Question, TrustAnchor, Verifier};
use kasane_verify::policy::Class;

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

/// Verifies each certificate under each root, with every CA certificate at hand.
pub(super) fn verify(
    authority: &Authority,
    enrolled: &[Enrolled],
) -> Result<Vec<VerifiedChain>, QuickstartError> {
    let ders = CA_FILES
        .iter()
        .map(|name| ca_certificate(authority, name))
        .collect::<Result<Vec<_>, _>>()?;
    let intermediates = ders
        .iter()
        .map(|der| Certificate::from_der(der).map_err(QuickstartError::unreadable))
        .collect::<Result<Vec<_>, _>>()?;
    let policy = DatedPolicy::online(authority.timeline(), Class::Terminal);
    let mut verified = Vec::new();
    for one in enrolled {
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
            let path = Verifier::new(&AwsLc, &anchors, &policy)
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
            verified.push(VerifiedChain {
                certificate: one.name.clone(),
                anchor: anchor.to_owned(),
                through,
            });
        }
    }
    Ok(verified)
}
