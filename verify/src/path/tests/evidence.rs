//! Which evidence of revocation counts, and what it costs.

use super::scene::{LEAF, Scene, crl, ocsp, serial};
use super::status::{emergency, hard, revoked};
use super::*;
use crate::crl::tests::raw::Raw;
use crate::ocsp::CertStatus;
use crate::revocation::{Evidence, Requirement};

#[test]
fn evidence_about_other_certificates_is_ignored() {
    let (scene, other) = (Scene::new(), Scene::new());
    let neighbour = scene.issuing.issue(&Entity::new("neighbour"), |params| {
        client(params);
        serial(22)(params);
    });
    let about_neighbour = ocsp(&scene.issuing, &neighbour, CertStatus::GOOD, -60);
    let mut evidence = vec![
        crl(&Raw::of(&scene.root)),
        about_neighbour,
        // The same names with other keys.
        other.ocsp(CertStatus::GOOD),
        crl(&Raw::of(&other.issuing)),
        crl(&Raw::of(&Entity::new("Stranger"))),
    ];
    let error = scene.verify(hard(), &evidence).unwrap_err();
    assert_eq!(
        (error.code(), error.position),
        ("path.status_unavailable", Position::EndEntity)
    );
    // Nor do they do harm.
    evidence.push(other.ocsp(revoked()));
    evidence.push(ocsp(&scene.issuing, &neighbour, revoked(), -30));
    evidence.push(crl(&Raw::of(&other.issuing).listing(&[LEAF]).numbered(99)));
    evidence.push(crl(&Raw::of(&scene.issuing)));
    assert!(scene.verify(hard(), &evidence).is_ok());
}

#[test]
fn crl_of_another_key_is_not_believed_whatever_it_calls_itself() {
    let scene = Scene::new();
    let forger = scene.issuing.rekeyed();
    // With the key identifier of the CA, and with none.
    let right = Raw::of(&scene.issuing).key_id;
    for key_id in [right, None] {
        let forged = Raw {
            key_id,
            ..Raw::of(&forger)
        };
        let root = crl(&Raw::of(&scene.root));
        let error = scene.verify(hard(), &[root, crl(&forged)]).unwrap_err();
        assert_eq!(error.code(), "path.status_unavailable");
        assert!(error.to_string().contains("CRL of CN=Issuing"), "{error}");
    }
}

#[test]
fn crl_signer_needs_a_path_of_its_own_to_the_same_anchor() {
    let scene = Scene::new();
    let signer = scene.issuing.rekeyed();
    let other_root = Entity::new("Other Root");
    let crl_sign = |params: &mut CertificateParams| {
        ca(None)(params);
        params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    };
    let no_crl_sign = |params: &mut CertificateParams| {
        ca(None)(params);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    };
    let same_anchor = scene.root.issue(&signer, crl_sign);
    let wrong_usage = scene.root.issue(&signer, no_crl_sign);
    let other_anchor = other_root.issue(&signer, crl_sign);
    let evidence = |raw: Raw<'_>| {
        vec![
            crl(&raw),
            crl(&Raw::of(&signer)),
            crl(&Raw::of(&other_root)),
        ]
    };
    for (own, raw, expected) in [
        (&same_anchor, Raw::of(&scene.root), true),
        (&wrong_usage, Raw::of(&scene.root), false),
        (&other_anchor, Raw::of(&scene.root), false),
        // 1234: the signer itself is revoked.
        (&same_anchor, Raw::of(&scene.root).listing(&[1234]), false),
    ] {
        let anchors = [
            anchor(&scene.root.self_signed()),
            anchor(&other_root.self_signed()),
        ];
        let evidence = evidence(raw);
        let result = scene.with(hard(), &evidence, &[own], |_, question| {
            Verifier::new(&AwsLc, &anchors, &AcceptAll).verify(question)
        });
        assert_eq!(result.is_ok(), expected, "{result:?}");
    }
}

#[test]
fn crls_that_nobody_signed_cost_at_most_the_budget() {
    let scene = Scene::new();
    let forger = scene.issuing.rekeyed();
    let key_id = Raw::of(&scene.issuing).key_id;
    let forged = Raw {
        key_id,
        ..Raw::of(&forger)
    };
    let mut evidence: Vec<_> = (0..150).map(|_| crl(&forged)).collect();
    evidence.push(crl(&Raw::of(&scene.root)));
    let explanation = scene.with(hard(), &evidence, &[], |verifier, question| {
        verifier.explain(question, None)
    });
    assert_eq!(code(explanation.result), "path.budget");
    assert_eq!(explanation.signatures, Budget::default().signatures);
    // A few are got over.
    let few: Vec<Evidence> = evidence.split_off(130);
    let with_own = [few, scene.good()].concat();
    assert!(scene.verify(hard(), &with_own).is_ok());
}

/// What was once listed as revoked does not become good because the list grew old.
#[test]
fn outdated_evidence_of_revocation_is_never_tolerated_away() {
    let scene = Scene::new();
    let root = || crl(&Raw::of(&scene.root));
    let old_list = |serials: &[u16]| {
        let mut raw = Raw::of(&scene.issuing).listing(serials);
        (raw.this_update, raw.next_update) = ("280501000000Z", "280505000000Z");
        crl(&raw)
    };
    let old_response = |status| ocsp(&scene.issuing, &scene.leaf_der, status, -30 * 86_400);
    let soft = || RevocationRules::of_all(Requirement::SoftFail);
    for rules in [soft(), emergency()] {
        for evidence in [old_list(&[LEAF]), old_response(revoked())] {
            let error = scene
                .verify(rules.clone(), &[root(), evidence])
                .unwrap_err();
            assert_eq!(error.code(), "path.revoked");
        }
        // Old evidence that knows nothing bad changes nothing.
        for evidence in [old_list(&[99]), old_response(CertStatus::GOOD)] {
            let path = scene.verify(rules.clone(), &[root(), evidence]).unwrap();
            assert_eq!(path.tolerated().count(), 1);
        }
    }
    // The same signed by a stranger is nothing at all.
    let stranger = Entity::new("Issuing");
    let forged = crl(&Raw::of(&stranger).listing(&[LEAF]));
    assert!(scene.verify(soft(), &[root(), forged]).is_ok());
}
