//! Evidence of revocation status that contradicts itself or holds elsewhere.

use super::scene::{ISSUING, Scene, crl, ocsp, serial};
use super::*;
use crate::crl::tests::raw::Raw;
use crate::ocsp::CertStatus;

fn hard() -> RevocationRules {
    RevocationRules::default()
}

fn revoked() -> CertStatus {
    CertStatus::revoked("2028-05-01T00:00:00Z".parse().unwrap(), None)
}

#[test]
fn crl_of_a_revoked_key_of_the_same_name_does_not_outweigh_the_issuers_own() {
    let scene = Scene::new();
    // The root's second key, for CRLs, whose certificate the root has revoked since.
    let second = scene.root.rekeyed();
    let certificate = scene.root.issue(&second, |params| {
        ca(None)(params);
        serial(77)(params);
    });
    let own = Raw {
        this_update: "280529000000Z",
        ..Raw::of(&scene.root).listing(&[77, ISSUING])
    };
    let newer = Raw::of(&second);
    for evidence in [
        [crl(&own), crl(&newer), crl(&Raw::of(&scene.issuing))],
        [crl(&newer), crl(&own), crl(&Raw::of(&scene.issuing))],
    ] {
        let result = scene.with(hard(), &evidence, &[&certificate], |verifier, question| {
            verifier.verify(question)
        });
        assert_eq!(code(result), "path.revoked");
    }
}

#[test]
fn of_two_ocsp_responses_of_one_second_the_worse_counts() {
    let scene = Scene::new();
    let root = crl(&Raw::of(&scene.root));
    let [good, bad] =
        [CertStatus::GOOD, revoked()].map(|it| ocsp(&scene.issuing, &scene.leaf_der, it, -60));
    for evidence in [
        [root.clone(), good.clone(), bad.clone()],
        [root.clone(), bad, good],
    ] {
        assert_eq!(code(scene.verify(hard(), &evidence)), "path.revoked");
    }
}

#[test]
fn status_under_one_anchor_says_nothing_about_it_under_another() {
    let [first, second, middle, issuing] =
        ["First", "Second", "Middle", "Issuing"].map(Entity::new);
    let signer = issuing.rekeyed();
    let leaf = issuing.issue_client(&Entity::new("leaf"));
    // Two anchors above the same CAs; only the second vouches for the signer of the CRL.
    let ders = [
        middle.issue_ca(&issuing),
        first.issue_ca(&middle),
        second.issue_ca(&middle),
        second.issue_ca(&signer),
    ];
    let evidence = [&first, &second, &middle, &signer].map(|it| crl(&Raw::of(it)));
    let leaf = Certificate::from_der(&leaf).unwrap();
    let intermediates: Vec<_> = ders
        .iter()
        .map(|it| Certificate::from_der(it).unwrap())
        .collect();
    let question =
        Question::new(&leaf, &intermediates, now(), Purpose::ClientAuth).with_evidence(&evidence);
    for order in [[&first, &second], [&second, &first]] {
        let anchors = order.map(|it| anchor(&it.self_signed()));
        let result = Verifier::new(&AwsLc, &anchors, &AcceptAll).verify(&question);
        assert!(result.is_ok(), "{result:?}");
    }
    let only_first = [anchor(&first.self_signed())];
    let result = Verifier::new(&AwsLc, &only_first, &AcceptAll).verify(&question);
    assert_eq!(code(result), "path.status_unavailable");
}
