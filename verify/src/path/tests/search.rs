//! How paths are found, and when the search ends.

use super::*;
use crate::{KeyAlgorithm, KeyFamily};

#[test]
fn path_names_its_certificates_identity_and_key() {
    let path = Chain::new().verify_with(same, same, |_| {}).unwrap();
    assert_eq!(
        path.positions(),
        [Position::EndEntity, Position::Intermediate(0)]
    );
    assert_eq!(
        path.identity(),
        Some("https://id.kasane.example/facility/1312345678/1")
    );
    assert_eq!(path.key(), KeyAlgorithm::P384);
    assert_eq!(path.key_family(), KeyFamily::Ecc);
    assert_eq!(path.certificates().len(), 2);
    assert_eq!(path.policies(), &PolicySet::Only(Vec::new()));
}

#[test]
fn cross_certificates_lead_to_either_root() {
    let (old, new) = (Entity::new("Old Root"), Entity::new("New Root"));
    let (issuing_old, issuing_new) = (Entity::new("Issuing Old"), Entity::new("Issuing New"));
    let terminal = Entity::new("terminal");
    let (old_root, new_root) = (old.self_signed(), new.self_signed());
    let new_by_old = old.issue(&new, ca(Some(1)));
    let old_by_new = new.issue(&old, ca(Some(1)));
    let from_old = old.issue(&issuing_old, ca(Some(0)));
    let from_new = new.issue(&issuing_new, ca(Some(0)));
    let leaf_old = issuing_old.issue_client(&terminal);
    let leaf_new = issuing_new.issue_client(&terminal);
    let pool: [&[u8]; 6] = [
        &old_by_new,
        &new_by_old,
        &from_new,
        &from_old,
        &old_root,
        &new_root,
    ];
    for leaf in [&leaf_old, &leaf_new] {
        for root in [&old_root, &new_root] {
            let path = verify(&[anchor(root)], leaf, &pool).unwrap();
            assert!((2..=3).contains(&path.positions().len()));
        }
        // With both anchors the short path is taken.
        let path = verify(&[anchor(&old_root), anchor(&new_root)], leaf, &pool).unwrap();
        assert_eq!(path.positions().len(), 2);
    }
    let path = verify(&[anchor(&old_root)], &leaf_new, &pool).unwrap();
    assert_eq!(
        path.positions(),
        [
            Position::EndEntity,
            Position::Intermediate(2),
            Position::Intermediate(1)
        ]
    );
}

#[test]
fn search_backtracks_from_every_dead_end() {
    let chain = Chain::new();
    // Three CAs with the name of the issuing CA: another key, an expired one, and the right one.
    let other = chain.issuing.rekeyed();
    let wrong_key = chain.root.issue_ca(&other);
    let expired = chain.root.issue(&chain.issuing, |params| {
        ca(None)(params);
        params.not_after = rcgen::date_time_ymd(2028, 1, 1);
    });
    // The right name and key, below an unknown root.
    let stranger = Entity::new("Stranger");
    let stray = stranger.issue_ca(&chain.issuing);
    let right = chain.root.issue_ca(&chain.issuing);
    let leaf = chain.issuing.issue_client(&chain.client);
    let anchors = [anchor(&chain.root.self_signed())];
    let mut pool: Vec<&[u8]> = vec![&wrong_key, &expired, &stray, &right];
    for _ in 0..4 {
        pool.rotate_left(1);
        assert!(verify(&anchors, &leaf, &pool).is_ok());
    }
    // Without the right one the expiry tells more than the unknown root.
    pool.retain(|der| *der != right);
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(error.code(), "path.expired");
    assert_eq!(error.rule(), "RFC 5280 §6.1.3 (a)(2)");
    assert!(error.subject.starts_with("CN=Issuing"), "{error}");
}

#[test]
fn loops_end_without_an_anchor() {
    let (a, b) = (Entity::new("A"), Entity::new("B"));
    let (a_by_b, b_by_a) = (b.issue_ca(&a), a.issue_ca(&b));
    let (a_again, b_again) = (b.issue(&a, ca(Some(9))), a.issue(&b, ca(Some(9))));
    let leaf = a.issue_client(&Entity::new("leaf"));
    let anchors = [anchor(&Entity::new("Elsewhere").self_signed())];
    let pool: [&[u8]; 4] = [&a_by_b, &b_by_a, &a_again, &b_again];
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(error.code(), "path.unknown_issuer");
}

#[test]
fn mesh_without_way_out_ends_at_the_budget() {
    let cas: Vec<_> = (0..12)
        .map(|index| Entity::new(&format!("CA {index}")))
        .collect();
    let mut pool = Vec::new();
    for issuer in &cas {
        for subject in &cas {
            pool.push(issuer.issue_ca(subject));
        }
    }
    let pool: Vec<&[u8]> = pool.iter().map(Vec::as_slice).collect();
    let leaf = cas[0].issue_client(&Entity::new("leaf"));
    let anchors = [anchor(&Entity::new("Elsewhere").self_signed())];
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(*error.reason, Reason::Budget(BudgetLimit::BuildSteps));
}

#[test]
fn signatures_are_bounded() {
    let chain = Chain::new();
    // Many keys of the issuing CA's name, all vouched for by the root, none of which signed.
    let pool: Vec<_> = (0..20)
        .map(|_| chain.root.issue_ca(&chain.issuing.rekeyed()))
        .collect();
    let leaf = chain.issuing.issue_client(&chain.client);
    let leaf = Certificate::from_der(&leaf).unwrap();
    let pool: Vec<_> = pool
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let anchors = [anchor(&chain.root.self_signed())];
    let budget = Budget {
        signatures: 10,
        ..Budget::default()
    };
    let verifier = unchecked(&anchors, &AcceptAll);
    let question = Question::new(&leaf, &pool, now(), Purpose::ClientAuth);
    let error = verifier
        .clone()
        .with_budget(budget)
        .verify(&question)
        .unwrap_err();
    assert_eq!(*error.reason, Reason::Budget(BudgetLimit::Signatures));
    assert_eq!(code(verifier.verify(&question)), "path.signature");
}

#[test]
fn depth_is_bounded() {
    let mut pool = Vec::new();
    let root = Entity::new("Root");
    let mut issuer = Entity::new("CA 0");
    pool.push(root.issue_ca(&issuer));
    for level in 1..20 {
        let next = Entity::new(&format!("CA {level}"));
        pool.push(issuer.issue_ca(&next));
        issuer = next;
    }
    let leaf = issuer.issue_client(&Entity::new("leaf"));
    let pool: Vec<&[u8]> = pool.iter().map(Vec::as_slice).collect();
    assert_eq!(
        code(verify(&[anchor(&root.self_signed())], &leaf, &pool)),
        "path.too_deep"
    );
}

#[test]
fn no_changed_octet_of_a_path_is_accepted() {
    let chain = Chain::new();
    let issuing = chain.root.issue(&chain.issuing, ca(Some(0)));
    let leaf = chain.issuing.issue_client(&chain.client);
    let anchors = [anchor(&chain.root.self_signed())];
    for changed_leaf in [true, false] {
        let original = if changed_leaf { &leaf } else { &issuing };
        for position in 0..original.len() {
            let mut changed = original.clone();
            changed[position] ^= 1 << (position % 8);
            let Ok(parsed) = Certificate::from_der(&changed) else {
                continue;
            };
            let other = if changed_leaf { &issuing } else { &leaf };
            let other = Certificate::from_der(other).unwrap();
            let (leaf, pool) = if changed_leaf {
                (parsed, other)
            } else {
                (other, parsed)
            };
            let question = Question::new(
                &leaf,
                std::slice::from_ref(&pool),
                now(),
                Purpose::ClientAuth,
            );
            let verdict = unchecked(&anchors, &AcceptAll).verify(&question);
            assert!(verdict.is_err(), "octet {position} of leaf {changed_leaf}");
        }
    }
}

#[test]
fn order_of_the_intermediates_does_not_change_the_verdict() {
    let (old, new) = (Entity::new("Old Root"), Entity::new("New Root"));
    let issuing = Entity::new("Issuing");
    let leaf = issuing.issue_client(&Entity::new("leaf"));
    let mut pool = [
        new.issue_ca(&issuing),
        old.issue(&new, ca(Some(1))),
        new.issue(&old, ca(Some(1))),
        // Too short a path length, which must not hide the right certificate.
        old.issue(&new, ca(Some(0))),
        new.rekeyed().issue_ca(&issuing),
    ];
    let anchors = [anchor(&old.self_signed())];
    // All 120 orders, by Heap's algorithm.
    let mut counters = [0; 5];
    let mut index = 0;
    let check = |pool: &[Vec<u8>; 5]| {
        let pool: Vec<&[u8]> = pool.iter().map(Vec::as_slice).collect();
        assert_eq!(verify(&anchors, &leaf, &pool).unwrap().positions().len(), 3);
    };
    check(&pool);
    while index < pool.len() {
        if counters[index] < index {
            let other = if index % 2 == 0 { 0 } else { counters[index] };
            pool.swap(other, index);
            check(&pool);
            counters[index] += 1;
            index = 0;
        } else {
            counters[index] = 0;
            index += 1;
        }
    }
}
