//! Fixtures of the path tests.

mod cache;
mod contradiction;
mod dry_run;
mod evidence;
mod explained;
mod policies;
mod profile;
mod round;
mod rules;
mod scene;
mod search;
mod session;
mod status;

use super::*;
use crate::certificate::Certificate;
use crate::crypto::AwsLc;
use crate::revocation::RevocationRules;
use crate::test_support::{Entity, ca, client, now};
use rcgen::CertificateParams;

fn anchor(der: &[u8]) -> TrustAnchor {
    TrustAnchor::from_certificate(der, &AwsLc).unwrap()
}

fn ask(
    anchors: &[TrustAnchor],
    leaf: &[u8],
    intermediates: &[&[u8]],
    change: impl FnOnce(&mut Question<'_>),
) -> Result<VerifiedPath, PathError> {
    let leaf = Certificate::from_der(leaf).unwrap();
    let intermediates: Vec<_> = intermediates
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let mut question = Question::new(&leaf, &intermediates, now(), Purpose::ClientAuth);
    change(&mut question);
    unchecked(anchors, &AcceptAll).verify(&question)
}

/// Without revocation, which has tests of its own.
fn unchecked<'v>(anchors: &'v [TrustAnchor], policy: &'v dyn PathPolicy) -> Verifier<'v> {
    Verifier::new(&AwsLc, anchors, policy).with_revocation(RevocationRules::dangerously_unchecked())
}

fn verify(
    anchors: &[TrustAnchor],
    leaf: &[u8],
    intermediates: &[&[u8]],
) -> Result<VerifiedPath, PathError> {
    ask(anchors, leaf, intermediates, |_| {})
}

fn code(result: Result<VerifiedPath, PathError>) -> &'static str {
    result.unwrap_err().code()
}

/// Root, issuing CA, client.
struct Chain {
    root: Entity,
    issuing: Entity,
    client: Entity,
}

impl Chain {
    fn new() -> Self {
        Self {
            root: Entity::new("Root"),
            issuing: Entity::new("Issuing"),
            client: Entity::p384("1312345678-1"),
        }
    }

    fn verify_with(
        &self,
        issuing: impl FnOnce(&mut CertificateParams),
        leaf: impl FnOnce(&mut CertificateParams),
        change: impl FnOnce(&mut Question<'_>),
    ) -> Result<VerifiedPath, PathError> {
        let issuing_der = self.root.issue(&self.issuing, |params| {
            ca(Some(0))(params);
            issuing(params);
        });
        let leaf = self.issuing.issue(&self.client, |params| {
            client(params);
            leaf(params);
        });
        ask(
            &[anchor(&self.root.self_signed())],
            &leaf,
            &[&issuing_der],
            change,
        )
    }
}

fn same(_: &mut CertificateParams) {}
