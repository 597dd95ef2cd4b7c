//! CRLs over time: validators, numbers, deltas, signatures.

use crate::support::pki::{List, Pki, Places};
use crate::support::server::Reply;
use crate::support::{World, code, start};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn unchanged_crl_is_asked_for_by_its_validators_and_not_sent_again() {
    let world = World::new().await;
    let crl = world.pki.crl(&List::new(1));
    world.server.on("/a.crl", move |seen| {
        let known = seen.headers.get("if-none-match");
        let reply = match known.map(String::as_str) {
            Some("\"one\"") => Reply::status(304),
            _ => Reply::ok(&crl),
        };
        reply
            .header("etag", "\"one\"")
            .header("last-modified", "Thu, 01 Jun 2028 00:00:00 GMT")
            .header("cache-control", "max-age=600")
    });
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    world.clock.advance(500);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(
        world.server.seen("/a.crl").len(),
        1,
        "max-age has not passed"
    );
    world.clock.advance(200);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(code(world.verify(&leaf).await), "verified");
    let seen = world.server.seen("/a.crl");
    assert_eq!(seen.len(), 2);
    let since = seen.last().unwrap().headers.get("if-modified-since");
    assert_eq!(since.unwrap(), "Thu, 01 Jun 2028 00:00:00 GMT");
    assert_eq!(world.fetcher.metrics().unchanged, 1);
    assert_eq!(world.errors(), []);
}

#[tokio::test]
async fn newer_crl_takes_the_place_of_the_older_and_never_the_other_way_round() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    for (number, revoked, expected) in [
        (300, None, "verified"),
        (301, Some(7), "path.revoked"),
        // Replayed by somebody on the network.
        (300, None, "path.revoked"),
        (302, None, "verified"),
    ] {
        let crl = world.pki.crl(&List::new(number).revoking(revoked));
        world.server.answer("/a.crl", Reply::ok(&crl));
        assert_eq!(code(world.verify(&leaf).await), expected, "{number}");
        world.clock.advance(2 * HOUR);
    }
    assert_eq!(world.errors(), [("fetch.crl_older", 1)]);
}

#[tokio::test]
async fn forged_crl_neither_replaces_the_last_good_one_nor_locks_out_the_next() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let forger = Pki::impostor();
    let serve = |pki: &Pki, list: List| world.server.answer("/a.crl", Reply::ok(&pki.crl(&list)));
    serve(&world.pki, List::new(5));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    world.clock.advance(2 * HOUR);
    serve(&forger, List::new(60_000).revoking([7]));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.errors(), [("fetch.crl_signature", 1)]);
    world.clock.advance(2 * HOUR);
    serve(&world.pki, List::new(6).revoking([7]));
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
    // A cache between may have had the forged one: the origin was asked.
    let asked = world.server.seen("/a.crl");
    let past: Vec<_> = asked
        .iter()
        .map(|it| it.headers.contains_key("pragma"))
        .collect();
    assert_eq!(past, [false, false, true]);
}

#[tokio::test]
async fn forged_first_crl_gives_way_to_the_genuine_one() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let forged = Pki::impostor().crl(&List::new(60_000));
    world.server.answer("/a.crl", Reply::ok(&forged));
    assert_eq!(code(world.verify(&leaf).await), "path.status_unavailable");
    let genuine = world.pki.crl(&List::new(5).revoking([7]));
    world.server.answer("/a.crl", Reply::ok(&genuine));
    world.clock.advance(2 * HOUR);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
}

#[tokio::test]
async fn delta_brings_the_complete_crl_up_to_date() {
    let world = World::new().await;
    let places = Places {
        crls: vec![world.server.uri("/a.crl")],
        deltas: vec![world.server.uri("/delta.crl")],
        ..Places::default()
    };
    let leaf = world.pki.leaf(7, &places);
    let complete = world.pki.crl(&List::new(10));
    let delta = world.pki.crl(&List::new(11).delta_of(10).revoking([7]));
    world.server.answer("/a.crl", Reply::ok(&complete));
    // Without delta the complete one suffices.
    assert_eq!(code(world.verify(&leaf).await), "verified");
    world.server.answer("/delta.crl", Reply::ok(&delta));
    world.clock.advance(HOUR);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
    assert_eq!(world.server.seen("/delta.crl").len(), 2);
}

#[tokio::test]
async fn second_distribution_point_is_asked_when_the_first_fails() {
    let world = World::new().await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/b.crl", Reply::ok(&crl));
    let places = Places {
        crls: vec![
            "ldap://directory.example/cn=CA".to_owned(),
            "https://127.0.0.1/a.crl".to_owned(),
            world.server.uri("/b.crl"),
        ],
        ..Places::default()
    };
    let leaf = world.pki.leaf(7, &places);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.errors(), [("fetch.address.scheme", 2)]);
}

#[tokio::test]
async fn answer_out_of_date_is_asked_for_again_past_caches() {
    let world = World::new().await;
    let old = List::new(1).from(start().plus_seconds(-10 * 24 * HOUR));
    let (old, new) = (world.pki.crl(&old), world.pki.crl(&List::new(2)));
    world.server.on("/a.crl", move |seen| {
        let past = seen
            .headers
            .get("cache-control")
            .is_some_and(|it| it == "no-cache");
        Reply::ok(if past { &new } else { &old })
    });
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/a.crl").len(), 2);
}

#[tokio::test]
async fn certificate_without_address_finds_crls_that_were_prefetched() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::default());
    assert_eq!(code(world.verify(&leaf).await), "path.status_unavailable");
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let failed = world
        .fetcher
        .prefetch([world.server.uri("/a.crl"), world.server.uri("/no")]);
    let failed: Vec<_> = failed
        .await
        .into_iter()
        .map(|(_, error)| error.code())
        .collect();
    assert_eq!(failed, ["fetch.status"]);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(code(world.verify_at_hand(&leaf)), "verified");
}
