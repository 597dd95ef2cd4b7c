//! What a date to come makes of a path.

use rcgen::{KeyPair, RsaKeySize};

use super::*;
use crate::policy::{Class, Timeline};

fn long(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
}

fn rsa(common_name: &str) -> Entity {
    let key = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    Entity {
        name: crate::test_support::name(common_name),
        key,
    }
}

/// A chain under the real policy, valid until 2040; the dry run of a date. Revocation is at its
/// default, and there is no evidence.
fn run(leaf: &Entity, leaf_ends: i32, at: &str) -> DryRun {
    let timeline = Timeline::overlap().unwrap();
    let policy = DatedPolicy::online(&timeline, Class::Terminal);
    let (root, issuing) = (Entity::p384("Root"), Entity::p384("Issuing"));
    let authority = |params: &mut CertificateParams| {
        ca(None)(params);
        long(params);
    };
    let anchors = [anchor(&root.issue(&root, authority))];
    let issuing_der = root.issue(&issuing, authority);
    let leaf_der = issuing.issue(leaf, |params| {
        client(params);
        long(params);
        params.not_after = rcgen::date_time_ymd(leaf_ends, 1, 1);
    });
    let end_entity = Certificate::from_der(&leaf_der).unwrap();
    let pool = [Certificate::from_der(&issuing_der).unwrap()];
    let question = Question::new(&end_entity, &pool, now(), Purpose::ClientAuth);
    Verifier::new(&AwsLc, &anchors, &policy).dry_run(&question, at.parse().unwrap())
}

fn codes(run: &DryRun) -> Vec<(Position, &str)> {
    let code = |it: &'_ Finding| match &it.kind {
        FindingKind::Refused(reason) => reason.code(),
        FindingKind::Warned(_) => "warned",
    };
    run.findings
        .iter()
        .map(|it| (it.position, code(it)))
        .collect()
}

#[test]
fn rsa_is_warned_about_and_refused_to_the_second_and_ecc_is_not() {
    let (rsa, ecc) = (rsa("terminal"), Entity::p384("terminal"));
    for (at, phase, passes, found) in [
        ("2030-06-30T14:59:59Z", "rsa-break-glass", true, vec![]),
        ("2030-06-30T15:00:00Z", "rsa-warned", true, vec!["warned"]),
        (
            "2030-12-31T14:59:59Z",
            "rsa-issuance-ended",
            true,
            vec!["warned"],
        ),
        (
            "2030-12-31T15:00:00Z",
            "ecc-only",
            false,
            vec!["path.policy"],
        ),
    ] {
        let then = run(&rsa, 2040, at);
        assert_eq!(
            (then.phase.as_deref(), then.passes()),
            (Some(phase), passes),
            "{at}"
        );
        let found: Vec<_> = found
            .into_iter()
            .map(|it| (Position::EndEntity, it))
            .collect();
        assert_eq!(codes(&then), found, "{at}");
        assert_eq!(then.at, at.parse().unwrap());
        let then = run(&ecc, 2040, at);
        assert!(then.passes() && then.findings.is_empty(), "{at}: {then:?}");
    }
}

#[test]
fn every_certificate_that_fails_is_named_for_each_reason() {
    let then = run(&rsa("terminal"), 2031, "2041-01-01");
    assert_eq!(
        codes(&then),
        [
            (Position::EndEntity, "path.expired"),
            (Position::EndEntity, "path.policy"),
            (Position::Intermediate(0), "path.expired"),
            (Position::Anchor(0), "path.expired"),
        ]
    );
    assert_eq!(then.findings[3].subject, "CN=Root,O=Example,C=JP");
    // A date before it all.
    let before = run(&Entity::p384("terminal"), 2031, "2025-01-01");
    assert!(codes(&before).contains(&(Position::Intermediate(0), "path.not_yet_valid")));
}

#[test]
fn another_path_may_be_there_when_todays_is_not() {
    let chain = Chain::new();
    let early = chain.root.issue(&chain.issuing, |params| {
        ca(None)(params);
        params.not_after = rcgen::date_time_ymd(2029, 1, 1);
    });
    let late = chain.root.issue_ca(&chain.issuing);
    let leaf = chain.issuing.issue_client(&chain.client);
    let anchors = [anchor(&chain.root.self_signed())];
    let leaf = Certificate::from_der(&leaf).unwrap();
    let pool = [&early, &late].map(|it| Certificate::from_der(it).unwrap());
    let question = Question::new(&leaf, &pool, now(), Purpose::ClientAuth);
    let verifier = unchecked(&anchors, &AcceptAll);
    let then = verifier.dry_run(&question, "2030-01-01".parse().unwrap());
    let today = verifier.verify(&question).unwrap();
    assert_eq!(today.positions()[1], Position::Intermediate(0));
    assert_eq!(codes(&then), [(Position::Intermediate(0), "path.expired")]);
    let path = then.result.unwrap();
    assert_eq!(path.positions()[1], Position::Intermediate(1));
}

#[test]
fn without_a_path_today_the_end_entity_is_looked_at() {
    let chain = Chain::new();
    let leaf = chain.issuing.issue_client(&chain.client);
    let leaf = Certificate::from_der(&leaf).unwrap();
    let anchors = [anchor(&chain.root.self_signed())];
    let question = Question::new(&leaf, &[], now(), Purpose::ClientAuth);
    let verifier = unchecked(&anchors, &AcceptAll);
    let then = verifier.dry_run(&question, "2032-01-01".parse().unwrap());
    assert!(!then.passes());
    assert_eq!(codes(&then), [(Position::EndEntity, "path.expired")]);
}
