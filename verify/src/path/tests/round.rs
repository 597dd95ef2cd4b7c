//! Verification in rounds that each start anew.

use std::sync::Arc;

use super::*;
use crate::crl::IndexedCrl;
use crate::crl::tests::signed;
use crate::revocation::{Evidence, HeldCrls, Requirement, RevocationRequest};

struct Rounds {
    chain: Chain,
    anchors: [TrustAnchor; 1],
    leaf: Vec<u8>,
    issuing: Vec<u8>,
}

impl Rounds {
    fn new() -> Self {
        let chain = Chain::new();
        let anchors = [anchor(&chain.root.self_signed())];
        let issuing = chain.root.issue_ca(&chain.issuing);
        let leaf = chain.issuing.issue_client(&chain.client);
        Self {
            chain,
            anchors,
            leaf,
            issuing,
        }
    }

    fn crl(&self, of_root: bool) -> Arc<IndexedCrl> {
        let issuer = if of_root {
            &self.chain.root
        } else {
            &self.chain.issuing
        };
        Arc::new(IndexedCrl::from_der(signed(issuer, |_| {})).unwrap())
    }

    fn ask(
        &self,
        evidence: &[Evidence],
        held: &HeldCrls,
        given_up: &GivenUp,
        requirement: Requirement,
    ) -> Round {
        let leaf = Certificate::from_der(&self.leaf).unwrap();
        let issuing = [Certificate::from_der(&self.issuing).unwrap()];
        let question =
            Question::new(&leaf, &issuing, now(), Purpose::ClientAuth).with_evidence(evidence);
        Verifier::new(&AwsLc, &self.anchors, &AcceptAll)
            .with_revocation(RevocationRules::of_all(requirement))
            .round(&question, Some(held), given_up)
    }
}

fn needed(round: Round) -> Vec<RevocationRequest> {
    match round {
        Round::Needs(requests) => requests,
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_that_a_path_lacks_is_asked_for_at_once() {
    let rounds = Rounds::new();
    let (none, nothing) = (HeldCrls::default(), GivenUp::default());
    for requirement in [Requirement::HardFail, Requirement::SoftFail] {
        let requests = needed(rounds.ask(&[], &none, &nothing, requirement));
        let positions: Vec<_> = requests.iter().map(|it| it.position).collect();
        assert_eq!(positions, [Position::Intermediate(0), Position::EndEntity]);
    }
    let held = HeldCrls::new(vec![rounds.crl(true)]);
    let requests = needed(rounds.ask(&[], &held, &nothing, Requirement::HardFail));
    assert_eq!(requests.len(), 1, "the source had the other");
    let evidence = [Evidence::Crl(rounds.crl(false))];
    let round = rounds.ask(&evidence, &held, &nothing, Requirement::HardFail);
    assert!(matches!(round, Round::Verified(_)), "{round:?}");
}

#[test]
fn what_is_given_up_ends_by_the_rules() {
    let rounds = Rounds::new();
    let held = HeldCrls::new(vec![rounds.crl(true)]);
    let mut given_up = GivenUp::default();
    for request in needed(rounds.ask(&[], &held, &given_up, Requirement::HardFail)) {
        given_up.add(&request);
    }
    match rounds.ask(&[], &held, &given_up, Requirement::HardFail) {
        Round::Refused(error) => assert_eq!(error.code(), "path.status_unavailable"),
        other => panic!("{other:?}"),
    }
    match rounds.ask(&[], &held, &given_up, Requirement::SoftFail) {
        Round::Verified(path) => assert_eq!(path.tolerated().count(), 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn evidence_that_does_not_suffice_is_not_taken_again_and_again() {
    let rounds = Rounds::new();
    let stale = signed(&rounds.chain.root, |params| {
        params.next_update = rcgen::date_time_ymd(2028, 5, 31);
    });
    let held = HeldCrls::new(vec![Arc::new(IndexedCrl::from_der(stale).unwrap())]);
    let nothing = GivenUp::default();
    let requests = needed(rounds.ask(&[], &held, &nothing, Requirement::HardFail));
    assert_eq!(requests[0].position, Position::Intermediate(0));
    assert_eq!(requests[0].problems.len(), 1, "{:?}", requests[0].problems);
}
