//! Revocation status within the search.

use super::scene::{ISSUING, LEAF, Scene, crl, ocsp, serial};
use super::*;
use crate::crl::tests::raw::Raw;
use crate::ocsp::CertStatus;
use crate::revocation::{Basis, Evidence, Requirement, Sources, Tolerance};

fn hard() -> RevocationRules {
    RevocationRules::default()
}

fn from(sources: Sources) -> RevocationRules {
    RevocationRules { sources, ..hard() }
}

fn emergency() -> RevocationRules {
    RevocationRules {
        emergency: Some("quake".to_owned()),
        ..hard()
    }
}

fn revoked() -> CertStatus {
    CertStatus::revoked("2028-05-01T00:00:00Z".parse().unwrap(), None)
}

#[test]
fn requirement_counts_for_its_depth_alone() {
    use Requirement::{DangerouslyUnchecked, HardFail, SoftFail};
    let scene = Scene::new();
    let all = [HardFail, SoftFail, DangerouslyUnchecked];
    for (end_entity, intermediates) in all.iter().flat_map(|a| all.map(|b| (*a, b))) {
        let rules = RevocationRules {
            end_entity,
            intermediates,
            ..hard()
        };
        let result = scene.verify(rules, &[]);
        // From the anchor down: the CA is looked at first.
        let refused = match (end_entity, intermediates) {
            (_, HardFail) => Some(Position::Intermediate(0)),
            (HardFail, _) => Some(Position::EndEntity),
            _ => None,
        };
        match (refused, result) {
            (Some(position), Err(error)) => {
                assert_eq!(
                    (error.code(), error.position),
                    ("path.status_unavailable", position)
                );
            }
            (None, Ok(path)) => {
                let expected: Vec<_> = [
                    (Position::Intermediate(0), intermediates),
                    (Position::EndEntity, end_entity),
                ]
                .into_iter()
                .filter(|it| it.1 == SoftFail)
                .map(|it| (it.0, &Tolerance::SoftFail))
                .collect();
                assert_eq!(path.tolerated().collect::<Vec<_>>(), expected);
                assert_eq!(path.statuses().len(), expected.len());
            }
            (_, result) => panic!("{end_entity:?} {intermediates:?}: {result:?}"),
        }
    }
}

#[test]
fn known_status_is_good_by_either_kind_of_evidence() {
    let scene = Scene::new();
    let mut evidence = scene.good();
    let path = scene.verify(hard(), &evidence).unwrap();
    assert!(
        path.statuses()
            .iter()
            .all(|it| matches!(it.basis, Basis::Crl { .. }))
    );
    assert_eq!(path.tolerated().count(), 0);
    evidence.push(scene.ocsp(CertStatus::GOOD));
    let path = scene.verify(hard(), &evidence).unwrap();
    let [issuing, leaf] = path.statuses() else {
        panic!("{path:?}")
    };
    assert_eq!(issuing.position, Position::Intermediate(0));
    assert!(matches!(issuing.basis, Basis::Crl { .. }));
    assert!(matches!(leaf.basis, Basis::Ocsp { .. }));
}

#[test]
fn bad_status_is_refused_under_soft_fail_and_emergency_too() {
    let scene = Scene::new();
    let root = crl(&Raw::of(&scene.root));
    let bad = [
        (
            LEAF,
            vec![root, crl(&Raw::of(&scene.issuing).listing(&[LEAF]))],
        ),
        (LEAF, vec![scene.ocsp(revoked())]),
        (
            ISSUING,
            vec![crl(&Raw::of(&scene.root).listing(&[ISSUING]))],
        ),
    ];
    for (revoked, evidence) in bad {
        let position = match revoked {
            LEAF => Position::EndEntity,
            _ => Position::Intermediate(0),
        };
        for rules in [RevocationRules::of_all(Requirement::SoftFail), emergency()] {
            let error = scene.verify(rules, &evidence).unwrap_err();
            assert_eq!((error.code(), error.position), ("path.revoked", position));
        }
        assert!(
            scene
                .verify(RevocationRules::dangerously_unchecked(), &evidence)
                .is_ok()
        );
    }
}

#[test]
fn unknown_by_ocsp_is_refused_even_where_nothing_is_tolerated() {
    let scene = Scene::new();
    let mut evidence = vec![
        crl(&Raw::of(&scene.root)),
        scene.ocsp(CertStatus::Unknown(der::asn1::Null)),
    ];
    for rules in [
        hard(),
        RevocationRules::of_all(Requirement::SoftFail),
        emergency(),
    ] {
        assert_eq!(code(scene.verify(rules, &evidence)), "path.status_unknown");
    }
    // A CRL that knows better is asked first or next.
    evidence.push(crl(&Raw::of(&scene.issuing)));
    assert!(scene.verify(hard(), &evidence).is_ok());
    assert_eq!(
        code(scene.verify(from(Sources::OcspOnly), &evidence)),
        // For its issuer there is no OCSP at all.
        "path.status_unavailable"
    );
}

#[test]
fn revocation_by_any_source_that_counts_decides() {
    let scene = Scene::new();
    let root = crl(&Raw::of(&scene.root));
    let listing = crl(&Raw::of(&scene.issuing).listing(&[LEAF]));
    let silent = crl(&Raw::of(&scene.issuing));
    let issuing_good = ocsp(&scene.root, &scene.issuing_der, CertStatus::GOOD, -60);
    let good_ocsp = [
        root.clone(),
        issuing_good.clone(),
        listing,
        scene.ocsp(CertStatus::GOOD),
    ];
    let bad_ocsp = [root, issuing_good, silent, scene.ocsp(revoked())];
    for (sources, by_good, by_bad) in [
        (Sources::OcspThenCrl, false, false),
        (Sources::OcspOnly, true, false),
        (Sources::CrlThenOcsp, false, false),
        (Sources::CrlOnly, false, true),
    ] {
        for (evidence, expected) in [(&good_ocsp, by_good), (&bad_ocsp, by_bad)] {
            let result = scene.verify(from(sources), evidence);
            assert_eq!(result.is_ok(), expected, "{sources:?}: {result:?}");
        }
    }
}

#[test]
fn newest_ocsp_response_counts() {
    let scene = Scene::new();
    let root = crl(&Raw::of(&scene.root));
    for (first, second, expected) in [
        ((CertStatus::GOOD, -60), (revoked(), -30), false),
        ((CertStatus::GOOD, -30), (revoked(), -60), true),
    ] {
        let [first, second] =
            [first, second].map(|it| ocsp(&scene.issuing, &scene.leaf_der, it.0, it.1));
        for evidence in [
            [root.clone(), first.clone(), second.clone()],
            [root.clone(), second, first],
        ] {
            assert_eq!(scene.verify(hard(), &evidence).is_ok(), expected);
        }
    }
}

#[test]
fn ocsp_signer_with_nocheck_needs_no_evidence_and_nobody_else_is_spared() {
    let nocheck =
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], vec![5, 0]);
    let scene = Scene::with_leaf(|params| {
        params.custom_extensions = vec![nocheck];
        let usages = &mut params.extended_key_usages;
        usages.push(rcgen::ExtendedKeyUsagePurpose::OcspSigning);
    });
    let root = [crl(&Raw::of(&scene.root))];
    for (purpose, expected) in [
        (Purpose::OcspSigning, Ok(true)),
        (Purpose::ClientAuth, Err("path.status_unavailable")),
        (Purpose::Any, Err("path.status_unavailable")),
    ] {
        let result = scene.with(hard(), &root, &[], |verifier, question| {
            let mut question = question.clone();
            question.purpose = purpose;
            verifier.verify(&question)
        });
        let spared = |path: VerifiedPath| {
            let last = path.statuses().last().cloned();
            last.is_some_and(|it| matches!(it.basis, Basis::NoCheck))
        };
        assert_eq!(
            result.map(spared).map_err(|it| it.code()),
            expected,
            "{purpose}"
        );
    }
}

#[test]
fn emergency_tolerates_unavailable_status_by_its_name() {
    let scene = Scene::new();
    let path = scene.verify(emergency(), &[]).unwrap();
    let name = Tolerance::Emergency("quake".to_owned());
    let tolerated: Vec<_> = path.tolerated().collect();
    assert_eq!(
        tolerated,
        [
            (Position::Intermediate(0), &name),
            (Position::EndEntity, &name)
        ]
    );
    // With evidence nothing is tolerated, and so nothing reported.
    let path = scene.verify(emergency(), &scene.good()).unwrap();
    assert_eq!(path.tolerated().count(), 0);
}

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
fn revoked_intermediate_is_avoided_when_another_path_is_good() {
    let scene = Scene::new();
    let second = scene.root.issue(&scene.issuing, |params| {
        ca(None)(params);
        serial(12)(params);
    });
    let evidence = [
        crl(&Raw::of(&scene.root).listing(&[ISSUING])),
        crl(&Raw::of(&scene.issuing)),
    ];
    assert_eq!(code(scene.verify(hard(), &evidence)), "path.revoked");
    let path = scene.with(hard(), &evidence, &[&second], |verifier, question| {
        verifier.verify(question)
    });
    let expected = [Position::EndEntity, Position::Intermediate(1)];
    assert_eq!(path.unwrap().positions(), expected);
    // When both are revoked, that is the reason.
    let both = [crl(&Raw::of(&scene.root).listing(&[ISSUING, 12]))];
    let error = scene.with(hard(), &both, &[&second], |verifier, question| {
        verifier.verify(question).unwrap_err()
    });
    assert_eq!(error.code(), "path.revoked");
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
