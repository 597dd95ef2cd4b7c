//! What the cache of intermediates remembers, and what it does not.

use super::scene::{ISSUING, Scene, crl};
use super::*;
use crate::crl::tests::raw::Raw;

fn signatures(verifier: &Verifier<'_>, question: &Question<'_>) -> u32 {
    let explanation = verifier.explain(question, None);
    assert!(explanation.result.is_ok(), "{:?}", explanation.result);
    explanation.signatures
}

#[test]
fn intermediate_is_checked_once() {
    let scene = Scene::new();
    let cache = IntermediateCache::new(8);
    let unchecked = RevocationRules::dangerously_unchecked();
    scene.with(unchecked, &[], &[], |verifier, question| {
        let verifier = verifier.clone().with_cache(&cache);
        assert_eq!(signatures(&verifier, question), 2);
        assert_eq!(cache.len(), 1);
        assert_eq!(signatures(&verifier, question), 1);
        cache.clear();
        assert!(cache.is_empty());
        assert_eq!(signatures(&verifier, question), 2);
    });
}

#[test]
fn cached_intermediate_that_has_expired_is_refused() {
    let mut scene = Scene::new();
    scene.issuing_der = scene.root.issue(&scene.issuing, |params| {
        ca(None)(params);
        params.not_after = rcgen::date_time_ymd(2029, 1, 1);
    });
    let cache = IntermediateCache::new(8);
    let unchecked = RevocationRules::dangerously_unchecked();
    scene.with(unchecked, &[], &[], |verifier, question| {
        let verifier = verifier.clone().with_cache(&cache);
        verifier.verify(question).unwrap();
        assert_eq!(cache.len(), 1);
        let mut later = question.clone();
        later.at = "2029-01-01T00:00:01Z".parse().unwrap();
        let error = verifier.verify(&later).unwrap_err();
        assert_eq!(
            (error.code(), error.position),
            ("path.expired", Position::Intermediate(0))
        );
    });
}

#[test]
fn cached_intermediate_that_was_revoked_is_refused() {
    let scene = Scene::new();
    let cache = IntermediateCache::new(8);
    let bad = [
        crl(&Raw::of(&scene.root).listing(&[ISSUING])),
        crl(&Raw::of(&scene.issuing)),
    ];
    for (evidence, expected) in [
        (scene.good().as_slice(), None),
        (&bad, Some("path.revoked")),
        (&[], Some("path.status_unavailable")),
    ] {
        let rules = RevocationRules::default();
        let result = scene.with(rules, evidence, &[], |verifier, question| {
            verifier.clone().with_cache(&cache).verify(question)
        });
        assert_eq!(result.err().map(|it| it.code()), expected);
        assert_eq!(cache.len(), 1);
    }
}

#[test]
fn cached_signature_counts_for_that_issuer_alone() {
    let scene = Scene::new();
    let cache = IntermediateCache::new(8);
    let unchecked = RevocationRules::dangerously_unchecked();
    scene.with(unchecked, &[], &[], |verifier, question| {
        verifier
            .clone()
            .with_cache(&cache)
            .verify(question)
            .unwrap();
        // The same name, another key.
        let stranger = [anchor(&scene.root.rekeyed().self_signed())];
        let verifier = Verifier::new(&AwsLc, &stranger, &AcceptAll)
            .with_revocation(RevocationRules::dangerously_unchecked())
            .with_cache(&cache);
        assert_eq!(code(verifier.verify(question)), "path.signature");
        assert_eq!(cache.len(), 1, "what was never good is not remembered");
    });
}

#[test]
fn cache_never_grows_beyond_its_capacity() {
    let chain = Chain::new();
    let anchors = [anchor(&chain.root.self_signed())];
    for (capacity, expected) in [(0, 0), (1, 1), (3, 3), (100, 6)] {
        let cache = IntermediateCache::new(capacity);
        for number in 0..6 {
            let issuing = Entity::new(&format!("Issuing {number}"));
            let issuing_der = chain.root.issue_ca(&issuing);
            let leaf = issuing.issue_client(&chain.client);
            let leaf = Certificate::from_der(&leaf).unwrap();
            let pool = [Certificate::from_der(&issuing_der).unwrap()];
            let question = Question::new(&leaf, &pool, now(), Purpose::ClientAuth);
            let verifier = unchecked(&anchors, &AcceptAll).with_cache(&cache);
            for _ in 0..2 {
                verifier.verify(&question).unwrap();
            }
            assert!(cache.len() <= capacity);
        }
        assert_eq!(cache.len(), expected);
    }
}

#[test]
fn what_one_provider_verified_counts_for_itself_alone() {
    let scene = Scene::new();
    let cache = IntermediateCache::new(8);
    let unchecked = RevocationRules::dangerously_unchecked();
    let lax = AwsLc::dangerously_with_sha1();
    scene.with(unchecked.clone(), &[], &[], |verifier, question| {
        let verifier = verifier.clone().with_cache(&cache);
        let anchors = [anchor(&scene.root.self_signed())];
        let other = Verifier::new(&lax, &anchors, &AcceptAll)
            .with_revocation(unchecked)
            .with_cache(&cache);
        assert_eq!(signatures(&other, question), 2);
        assert_eq!(signatures(&verifier, question), 2);
        assert_eq!((signatures(&other, question), cache.len()), (1, 2));
    });
}
