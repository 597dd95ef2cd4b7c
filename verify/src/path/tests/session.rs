//! Verification step by step.

use std::sync::atomic::{AtomicU32, Ordering};

use super::scene::{Scene, crl, ocsp};
use super::*;
use crate::crl::tests::raw::Raw;
use crate::ocsp::CertStatus;
use crate::revocation::{Evidence, EvidenceSource, Requirement, RevocationRequest, Sources};
use crate::test_support::extension;

fn hard() -> RevocationRules {
    RevocationRules::default()
}

fn needed(step: Step) -> RevocationRequest {
    match step {
        Step::NeedsRevocation(request) => *request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn missing_evidence_is_asked_for_and_supplied_until_there_is_a_path() {
    let scene = Scene::new();
    scene.with(hard(), &[], &[], |verifier, question| {
        let mut verification = verifier.begin(question);
        let request = needed(verification.advance());
        assert_eq!(request.position, Position::Intermediate(0));
        assert_eq!(request.subject, "CN=Issuing,O=Example,C=JP");
        assert_eq!(request.serial, "0b");
        assert_eq!(request.issuer_spki, verifier.anchors[0].spki());
        assert!(request.problems.is_empty());
        verification.supply(crl(&Raw::of(&scene.root)));
        let request = needed(verification.advance());
        assert_eq!(
            (request.position, request.serial.as_str()),
            (Position::EndEntity, "15")
        );
        // What does not suffice is asked for again, and said why.
        let stale = Raw {
            next_update: "280531000000Z",
            ..Raw::of(&scene.issuing)
        };
        verification.supply(crl(&stale));
        let again = needed(verification.advance());
        assert_eq!(again.position, Position::EndEntity);
        assert!(
            again.problems.concat().contains("it is out of date"),
            "{again:?}"
        );
        verification.supply(scene.ocsp(CertStatus::GOOD));
        assert!(matches!(verification.advance(), Step::Verified(_)));
    });
}

#[test]
fn what_cannot_be_had_is_not_asked_for_again() {
    let scene = Scene::new();
    for (requirement, asked) in [
        (Requirement::HardFail, 1),
        (Requirement::SoftFail, 2),
        (Requirement::DangerouslyUnchecked, 0),
    ] {
        let rules = RevocationRules::of_all(requirement);
        scene.with(rules, &[], &[], |verifier, question| {
            let mut verification = verifier.begin(question);
            let mut count = 0;
            let end = loop {
                match verification.advance() {
                    Step::NeedsRevocation(_) => {
                        count += 1;
                        verification.unavailable();
                    }
                    end => break end,
                }
            };
            assert_eq!(count, asked, "{requirement:?}");
            let refused =
                matches!(&end, Step::Refused(error) if error.code() == "path.status_unavailable");
            assert_eq!(refused, requirement == Requirement::HardFail, "{end:?}");
        });
    }
}

#[test]
fn caller_who_never_answers_gets_an_answer_in_the_end() {
    let scene = Scene::new();
    scene.with(hard(), &[], &[], |verifier, question| {
        let mut verification = verifier.begin(question);
        let end = (0..200)
            .map(|_| verification.advance())
            .find(|step| !matches!(step, Step::NeedsRevocation(_)));
        match end {
            Some(Step::Refused(error)) => assert_eq!(error.code(), "path.status_unavailable"),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn request_names_the_places_of_the_certificate_and_what_counts() {
    let uri = |text: &str| [&[0x86, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let wrap = |tag: u8, content: Vec<u8>| {
        [vec![tag, u8::try_from(content.len()).unwrap()], content].concat()
    };
    let point = |text: &str| wrap(0x30, wrap(0x30, wrap(0xa0, wrap(0xa0, uri(text)))));
    let ocsp_id = vec![6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1];
    let access = [ocsp_id, uri("http://ocsp.example/")].concat();
    let scene = Scene::with_leaf(|params| {
        params.custom_extensions = vec![
            extension(31, false, &point("http://crl.example/full")),
            extension(46, false, &point("http://crl.example/delta")),
            rcgen::CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 1],
                wrap(0x30, wrap(0x30, access)),
            ),
        ];
    });
    let root = [crl(&Raw::of(&scene.root))];
    for sources in [Sources::OcspThenCrl, Sources::CrlThenOcsp] {
        let rules = RevocationRules { sources, ..hard() };
        let request = scene.with(rules, &root, &[], |verifier, question| {
            needed(verifier.begin(question).advance())
        });
        assert_eq!(request.position, Position::EndEntity);
        let location = request.ocsp.unwrap();
        assert_eq!(location.uris, ["http://ocsp.example/"]);
        assert!(crate::ocsp::OcspRequest::parse(&location.request).is_ok());
        assert_eq!(request.crls.len(), 1);
        assert_eq!(request.crls[0].uris, ["http://crl.example/full"]);
        assert_eq!(request.crls[0].delta_uris, ["http://crl.example/delta"]);
    }
    // A certificate without addresses, by a source that does not count for its issuer.
    for (sources, ocsp, crls) in [(Sources::CrlOnly, false, 1), (Sources::OcspOnly, false, 0)] {
        let rules = RevocationRules { sources, ..hard() };
        let request = scene.with(rules, &[], &[], |verifier, question| {
            needed(verifier.begin(question).advance())
        });
        assert_eq!(request.position, Position::Intermediate(0));
        assert_eq!((request.ocsp.is_some(), request.crls.len()), (ocsp, crls));
    }
}

/// Gives what is at hand about the certificate in question.
struct Shelf {
    issuing: Vec<Evidence>,
    leaf: Vec<Evidence>,
    asked: AtomicU32,
}

impl EvidenceSource for Shelf {
    fn evidence(&self, request: &RevocationRequest) -> Vec<Evidence> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match request.position {
            Position::EndEntity => self.leaf.clone(),
            _ => self.issuing.clone(),
        }
    }
}

#[test]
fn source_is_asked_for_what_the_question_lacks() {
    let scene = Scene::new();
    let shelf = |leaf| Shelf {
        issuing: vec![crl(&Raw::of(&scene.root))],
        leaf,
        asked: AtomicU32::new(0),
    };
    let ask = |shelf: &Shelf| {
        let result = scene.with(hard(), &[], &[], |verifier, question| {
            verifier.verify_with(question, shelf)
        });
        (
            result.map(drop).map_err(|it| it.code()),
            shelf.asked.load(Ordering::Relaxed),
        )
    };
    assert_eq!(ask(&shelf(vec![scene.ocsp(CertStatus::GOOD)])), (Ok(()), 2));
    let nothing = shelf(Vec::new());
    assert_eq!(ask(&nothing), (Err("path.status_unavailable"), 2));
    // One that gives the same useless answer for ever.
    let other = Scene::new();
    let useless = ocsp(&other.issuing, &other.leaf_der, CertStatus::GOOD, -60);
    let (result, asked) = ask(&shelf(vec![useless]));
    assert!(
        matches!(result, Err("path.status_unavailable" | "path.budget")),
        "{result:?}"
    );
    assert!(asked <= 128, "{asked}");
}

/// More octets than the budget has: refused before anything is looked at, also when they come late.
#[test]
fn octets_that_a_question_brings_are_bounded() {
    let scene = Scene::new();
    let evidence = scene.good();
    for (bytes, expected) in [(1 << 20, None), (1_000, Some("path.budget"))] {
        let budget = Budget {
            bytes,
            ..Budget::default()
        };
        let code = scene.with(hard(), &evidence, &[], |verifier, question| {
            let verifier = verifier.clone().with_budget(budget);
            verifier.verify(question).err().map(|error| error.code())
        });
        assert_eq!(code, expected, "{bytes}");
    }
}
