//! The search as data.

use super::scene::{ISSUING, Scene, crl};
use super::*;
use crate::crl::tests::raw::Raw;

fn powerless(params: &mut CertificateParams) {
    ca(None)(params);
    params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
}

fn explained(scene: &Scene, others: &[&[u8]], act: impl FnOnce(&mut Question<'_>)) -> Explanation {
    let rules = RevocationRules::dangerously_unchecked();
    scene.with(rules, &[], others, |verifier, question| {
        let mut question = question.clone();
        act(&mut question);
        verifier.explain(&question, None)
    })
}

fn codes(nodes: &[Node]) -> Vec<(Position, Option<&'static str>)> {
    let code = |it: &Node| match it.outcome {
        NodeOutcome::Refused { code, .. } => Some(code),
        _ => None,
    };
    nodes.iter().map(|it| (it.position, code(it))).collect()
}

#[test]
fn accepted_path_and_what_was_tried_before_it_are_told() {
    let mut scene = Scene::new();
    let right = std::mem::replace(
        &mut scene.issuing_der,
        scene.root.issue(&scene.issuing, powerless),
    );
    let explanation = explained(&scene, &[&right], |_| {});
    let root = &explanation.root;
    assert_eq!(
        (root.position, &root.outcome),
        (Position::EndEntity, &NodeOutcome::Accepted)
    );
    assert_eq!(
        (root.subject.as_str(), root.serial.as_str()),
        ("CN=leaf,O=Example,C=JP", "15")
    );
    assert_eq!(
        codes(&root.issuers),
        [
            (Position::Intermediate(0), Some("path.key_usage")),
            (Position::Intermediate(1), None)
        ]
    );
    let accepted = &root.issuers[1];
    assert_eq!(accepted.outcome, NodeOutcome::Accepted);
    assert_eq!(codes(&accepted.issuers), [(Position::Anchor(0), None)]);
    assert_eq!(accepted.issuers[0].outcome, NodeOutcome::Accepted);
    // A step for each candidate, the refused one too.
    assert_eq!((explanation.signatures, explanation.build_steps), (2, 3));
    assert!(!explanation.truncated && explanation.result.is_ok());
}

#[test]
fn refusal_under_an_anchor_names_the_certificate_that_broke_the_rule() {
    let scene = Scene::new();
    let evidence = [crl(&Raw::of(&scene.root).listing(&[ISSUING]))];
    let rules = RevocationRules::default();
    let explanation = scene.with(rules, &evidence, &[], |verifier, question| {
        verifier.explain(question, None)
    });
    assert_eq!(explanation.result.unwrap_err().code(), "path.revoked");
    let anchor = &explanation.root.issuers[0].issuers[0];
    match &anchor.outcome {
        NodeOutcome::Refused {
            at,
            code,
            rule,
            text,
            text_ja,
        } => {
            assert_eq!((*at, *code), (Position::Intermediate(0), "path.revoked"));
            assert_eq!(*rule, "RFC 5280 §6.1.3 (a)(3)");
            assert!(text.contains("revoked") && text_ja.contains("失効"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(explanation.root.outcome, NodeOutcome::NoPath);
}

#[test]
fn end_entity_that_is_refused_by_itself_is_the_whole_tree() {
    let explanation = explained(&Scene::new(), &[], |question| {
        question.names.push(ExpectedName::Dns("other.example"));
    });
    assert_eq!(
        codes(std::slice::from_ref(&explanation.root)),
        [(Position::EndEntity, Some("path.name_mismatch"))]
    );
    assert!(explanation.root.issuers.is_empty());
    assert_eq!((explanation.signatures, explanation.build_steps), (0, 0));
}

fn size(node: &Node) -> usize {
    1 + node.issuers.iter().map(size).sum::<usize>()
}

#[test]
fn tree_is_cut_off_but_keeps_the_accepted_path() {
    let mut scene = Scene::new();
    let right = std::mem::replace(
        &mut scene.issuing_der,
        scene.root.issue(&scene.issuing, powerless),
    );
    let junk = scene.root.issue(&scene.issuing, powerless);
    let mut others: Vec<&[u8]> = vec![&junk; 2500];
    others.push(&right);
    let explanation = explained(&scene, &others, |_| {});
    assert!(explanation.truncated);
    assert_eq!(explanation.root.outcome, NodeOutcome::Accepted);
    let last = explanation.root.issuers.last().unwrap();
    assert_eq!(last.position, Position::Intermediate(2501));
    assert_eq!(last.issuers[0].position, Position::Anchor(0));
    assert!(
        size(&explanation.root) <= 2003,
        "{}",
        size(&explanation.root)
    );
}

#[test]
fn search_without_end_is_told_from_its_beginning() {
    // CAs that have all certified each other, and no anchor above them.
    let cas: Vec<_> = (0..7).map(|it| Entity::new(&format!("CA {it}"))).collect();
    let mut mesh = Vec::new();
    for (index, a) in cas.iter().enumerate() {
        for b in cas.iter().take(index).chain(cas.iter().skip(index + 1)) {
            mesh.push(a.issue_ca(b));
        }
    }
    let mut scene = Scene::new();
    scene.issuing_der = cas[0].issue_ca(&scene.issuing);
    let others: Vec<_> = mesh.iter().map(Vec::as_slice).collect();
    let explanation = explained(&scene, &others, |_| {});
    assert_eq!(explanation.result.unwrap_err().code(), "path.budget");
    assert_eq!(explanation.root.position, Position::EndEntity);
    assert_eq!(
        explanation.root.issuers[0].position,
        Position::Intermediate(0)
    );
    assert!(explanation.build_steps <= Budget::default().build_steps);
    assert_eq!(explanation.signatures, 0);
    let size = size(&explanation.root);
    assert!((1_000..10_000).contains(&size), "{size}");
}
