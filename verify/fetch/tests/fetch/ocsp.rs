//! OCSP: by GET, cached, and CRLs when it fails.

use kasane_verify::ocsp::{CertStatus, OcspResponse, OcspResponseStatus};
use kasane_verify::revocation::RevocationReason;
use kasane_verify_fetch::Preference;

use crate::support::pki::{List, Pki, Places};
use crate::support::server::Reply;
use crate::support::{World, code, start};

const REVOKED_SINCE: i64 = -60;

fn revoked() -> CertStatus {
    let since = start().plus_seconds(REVOKED_SINCE);
    CertStatus::revoked(since, Some(RevocationReason::KeyCompromise))
}

/// "Good", signed by somebody else.
fn forged() -> Vec<u8> {
    Pki::impostor().ocsp_for(&Pki::new(), 7, CertStatus::GOOD, start())
}

fn both(world: &World) -> Places {
    Places {
        crls: vec![world.server.uri("/a.crl")],
        ocsp: vec![world.server.uri("/ocsp")],
        ..Places::default()
    }
}

#[tokio::test]
async fn short_request_goes_by_get_and_long_one_by_post() {
    let world = World::new().await;
    let good = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.answer("/", Reply::ok(&good));
    let long = format!("/{}", "o".repeat(200));
    for (path, method) in [("/ocsp", "GET"), (&*long, "POST")] {
        let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri(path)));
        assert_eq!(code(world.verify(&leaf).await), "verified");
        let seen = world.server.seen(path);
        let seen = seen.first().unwrap();
        assert_eq!(seen.method, method);
        if method == "POST" {
            let content_type = seen.headers.get("content-type").unwrap();
            assert_eq!(content_type, "application/ocsp-request");
            assert_eq!(seen.body.first(), Some(&0x30));
        } else {
            // A SEQUENCE in base64, with its plus, slash and equals signs percent-encoded.
            let encoded = seen.path.strip_prefix("/ocsp/").unwrap();
            assert!(encoded.starts_with('M'), "{encoded}");
            assert!(!encoded.contains(['/', '+', '=']), "{encoded}");
        }
    }
}

#[tokio::test]
async fn answer_is_kept_for_its_max_age_and_revocation_seen_after_it() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    let serve = |status| {
        let response = world.pki.ocsp(7, status, start());
        let reply = Reply::ok(&response).header("cache-control", "max-age=300, public");
        world.server.answer("/ocsp", reply);
    };
    serve(CertStatus::GOOD);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    serve(revoked());
    world.clock.advance(200);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/ocsp").len(), 1);
    world.clock.advance(101);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
    assert_eq!(world.server.seen("/ocsp").len(), 2);
}

#[tokio::test]
async fn answer_without_max_age_is_kept_until_it_expires() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    // A cache gives it that way, 200 s old.
    let serve = |status| {
        let response = world.pki.ocsp(7, status, start());
        let reply = Reply::ok(&response)
            .header("cache-control", "public, no-transform, must-revalidate")
            .header("date", "Thu, 01 Jun 2028 00:00:00 GMT")
            .header("expires", "Thu, 01 Jun 2028 00:05:00 GMT");
        world.server.answer("/ocsp", reply);
    };
    world.clock.advance(200);
    serve(CertStatus::GOOD);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    serve(revoked());
    world.clock.advance(50);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/ocsp").len(), 1);
    world.clock.advance(51);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
}

#[tokio::test]
async fn replayed_answer_does_not_take_the_place_of_a_newer_one() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    let later = start().plus_seconds(600);
    world.clock.advance(600);
    let newer = world.pki.ocsp(7, revoked(), later);
    world.server.answer("/ocsp", Reply::ok(&newer));
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
    let older = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.answer("/ocsp", Reply::ok(&older));
    world.clock.advance(7_200);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
    assert_eq!(world.errors(), [("fetch.ocsp_older", 1)]);
}

#[tokio::test]
async fn crl_is_asked_when_the_responder_fails() {
    let try_later = OcspResponse::without_answer(OcspResponseStatus::TryLater).unwrap();
    let other = Pki::new().ocsp(8, CertStatus::GOOD, start());
    let forged = forged();
    let html = Reply::ok(b"<html>sign in</html>").header("content-type", "text/html");
    for (reply, error) in [
        (Reply::status(500), "fetch.status"),
        (Reply::ok(b"no DER"), "ocsp.malformed"),
        (Reply::ok(&try_later), "fetch.ocsp_status"),
        (Reply::ok(&other), "fetch.ocsp_other"),
        (Reply::ok(&forged), "fetch.not_accepted"),
        (html, "fetch.content_type"),
        (Reply::Raw(b"SSH-2.0-hello\r\n".to_vec()), "fetch.http"),
    ] {
        let world = World::new().await;
        world.server.answer("/ocsp", reply);
        let crl = world.pki.crl(&List::new(1).revoking([9]));
        world.server.answer("/a.crl", Reply::ok(&crl));
        let leaf = world.pki.leaf(7, &both(&world));
        assert_eq!(code(world.verify(&leaf).await), "verified", "{error}");
        assert_eq!(world.errors(), [(error, 1)]);
        assert_eq!(code(world.verify(&leaf).await), "verified", "{error}");
        assert_eq!(
            world.server.seen("/ocsp").len(),
            1,
            "not asked again at once"
        );
    }
}

#[tokio::test]
async fn refused_answer_is_asked_for_again_soon() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    let forged = forged();
    world.server.answer("/ocsp", Reply::ok(&forged));
    assert_eq!(code(world.verify(&leaf).await), "path.status_unavailable");
    assert_eq!(world.errors(), [("fetch.not_accepted", 1)]);
    let genuine = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.answer("/ocsp", Reply::ok(&genuine));
    world.clock.advance(6);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    // And a forged one later does not harm the last good one.
    world.server.answer("/ocsp", Reply::ok(&forged));
    world.clock.advance(7_200);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/ocsp").len(), 3);
}

#[tokio::test]
async fn crls_come_first_when_they_are_preferred() {
    let world = World::with(|config| config.preference = Preference::CrlFirst).await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let leaf = world.pki.leaf(7, &both(&world));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/ocsp").len(), 0);
    let good = world.pki.ocsp(8, CertStatus::GOOD, start());
    world.server.answer("/ocsp", Reply::ok(&good));
    let places = Places {
        crls: vec![world.server.uri("/missing.crl")],
        ..both(&world)
    };
    let leaf = world.pki.leaf(8, &places);
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/ocsp").len(), 1);
}

#[tokio::test]
async fn second_responder_is_asked_when_the_first_is_not_believed() {
    let world = World::new().await;
    let forged = forged();
    let genuine = world.pki.ocsp(7, revoked(), start());
    world.server.answer("/one", Reply::ok(&forged));
    world.server.answer("/two", Reply::ok(&genuine));
    let places = Places {
        ocsp: vec![world.server.uri("/one"), world.server.uri("/two")],
        ..Places::default()
    };
    let leaf = world.pki.leaf(7, &places);
    assert_eq!(code(world.verify(&leaf).await), "path.revoked");
}

#[tokio::test]
async fn unchanged_answer_is_not_kept_beyond_its_next_update() {
    let world = World::new().await;
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    let good = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.on("/ocsp", move |seen| {
        let is_known = seen.headers.contains_key("if-none-match");
        let reply = if is_known {
            Reply::status(304)
        } else {
            Reply::ok(&good)
        };
        reply
            .header("etag", "\"a\"")
            .header("cache-control", "max-age=3600")
    });
    // Two days, and the five minutes by which clocks may differ.
    for (hours, seconds, expected) in [
        (0, 0, "verified"),
        (47, 0, "verified"),
        (0, 3_590, "verified"),
        (0, 311, "path.status_unavailable"),
    ] {
        world.clock.advance(hours * 3_600 + seconds);
        assert_eq!(
            code(world.verify(&leaf).await),
            expected,
            "{hours} {seconds}"
        );
    }
    let asked = world.server.seen("/ocsp");
    let last = asked.last().unwrap();
    assert!(!last.headers.contains_key("if-none-match"), "{last:?}");
}
