//! Revocation status within the search.

use super::scene::{ISSUING, LEAF, Scene, crl, ocsp, serial};
use super::*;
use crate::crl::tests::raw::Raw;
use crate::ocsp::CertStatus;
use crate::revocation::{Basis, Requirement, Sources, Tolerance};

pub(super) fn hard() -> RevocationRules {
    RevocationRules::default()
}

pub(super) fn from(sources: Sources) -> RevocationRules {
    RevocationRules { sources, ..hard() }
}

pub(super) fn emergency() -> RevocationRules {
    RevocationRules {
        emergency: Some("quake".to_owned()),
        ..hard()
    }
}

pub(super) fn revoked() -> CertStatus {
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
