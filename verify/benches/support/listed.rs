//! A chain whose end entity's status is read in a list.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{AcceptAll, Purpose, Question, TrustAnchor, VerifiedPath, Verifier};
use kasane_verify::revocation::{Evidence, Requirement, RevocationRules, Sources};

use crate::hierarchy::{Hierarchy, NOW_SECONDS};

/// A hierarchy with its root loaded and a list of its intermediate.
pub(crate) struct Listed<'h> {
    hierarchy: &'h Hierarchy,
    anchors: [TrustAnchor; 1],
    evidence: [Evidence; 1],
}

impl<'h> Listed<'h> {
    pub(crate) fn new(hierarchy: &'h Hierarchy, list: IndexedCrl) -> Self {
        Self {
            hierarchy,
            anchors: [TrustAnchor::from_certificate(&hierarchy.root, &AwsLc).unwrap()],
            evidence: [Evidence::Crl(Arc::new(list))],
        }
    }

    /// The chain alone.
    pub(crate) fn without(&self) -> VerifiedPath {
        self.verify(RevocationRules::dangerously_unchecked(), &[])
    }

    /// The chain, and the end entity's status.
    pub(crate) fn with(&self) -> VerifiedPath {
        let rules = RevocationRules {
            end_entity: Requirement::HardFail,
            sources: Sources::CrlOnly,
            ..RevocationRules::dangerously_unchecked()
        };
        self.verify(rules, &self.evidence)
    }

    fn verify(&self, rules: RevocationRules, evidence: &[Evidence]) -> VerifiedPath {
        let end_entity = Certificate::from_der(&self.hierarchy.end_entity).unwrap();
        let intermediates = [Certificate::from_der(&self.hierarchy.intermediate).unwrap()];
        let at = UnixTime::from_seconds(NOW_SECONDS.into());
        let question = Question::new(&end_entity, &intermediates, at, Purpose::ServerAuth)
            .with_evidence(evidence);
        Verifier::new(&AwsLc, &self.anchors, &AcceptAll)
            .with_revocation(rules)
            .verify(&question)
            .unwrap()
    }
}
