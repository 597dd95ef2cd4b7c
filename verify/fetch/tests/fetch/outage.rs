//! When nobody answers.

use std::time::{Duration, Instant};

use kasane_verify::ocsp::CertStatus;
use tokio::task::JoinSet;

use crate::support::pki::{List, Places};
use crate::support::server::Reply;
use crate::support::{World, code, eventually, start};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn last_good_crl_counts_until_next_update_and_then_verification_fails_closed() {
    let mut world = World::new().await;
    let crl = world.pki.crl(&List::new(1).revoking([9]));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let places = Places::crl(world.server.uri("/a.crl"));
    let (good, revoked) = (world.pki.leaf(7, &places), world.pki.leaf(9, &places));
    assert_eq!(code(world.verify(&good).await), "verified");
    world.server.die().await;
    // Four days to the second.
    for (hours, seconds, expected) in [
        (2, 0, "verified"),
        (48, 0, "verified"),
        (46, 0, "verified"),
        (0, 1, "path.status_unavailable"),
        (24, 0, "path.status_unavailable"),
    ] {
        world.clock.advance(hours * HOUR + seconds);
        assert_eq!(code(world.verify(&good).await), expected, "{hours}");
        // What was listed as revoked stays known.
        assert_eq!(
            code(world.verify(&revoked).await),
            "path.revoked",
            "{hours}"
        );
    }
    // What is at hand does not suffice, however often a callback is offered it.
    assert_eq!(code(world.verify_at_hand(&good)), "path.status_unavailable");
    let errors = world.errors();
    assert_eq!(errors.first().unwrap().0, "fetch.connect");
    world.server.revive().await;
    let crl = world
        .pki
        .crl(&List::new(2).from(start().plus_seconds(119 * HOUR)));
    world.server.answer("/a.crl", Reply::ok(&crl));
    world.clock.advance(400);
    assert_eq!(code(world.verify(&good).await), "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_responder_does_not_cost_each_connection_its_timeout() {
    let world = World::with(|config| {
        config.ocsp_timeout = Duration::from_millis(400);
        config.host_requests = 4;
    })
    .await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/ocsp", Reply::Hang);
    world.server.answer("/a.crl", Reply::ok(&crl));
    let places = Places {
        crls: vec![world.server.uri("/a.crl")],
        ocsp: vec![world.server.uri("/ocsp")],
        ..Places::default()
    };
    let begun = Instant::now();
    // Certificates of their own: no two ask the same.
    for serial in 0..100 {
        let leaf = world.pki.leaf(serial + 100, &places);
        assert_eq!(code(world.verify(&leaf).await), "verified");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}, not 40 s");
    assert_eq!(world.server.seen("/ocsp").len(), 1);
    assert_eq!(
        world.server.seen("/a.crl").len(),
        1,
        "the host itself answers"
    );
    // It is asked again after a while, for longer and longer.
    for (seconds, count) in [(3, 1), (3, 2), (6, 2), (5, 3)] {
        world.clock.advance(seconds);
        let leaf = world.pki.leaf(1, &places);
        assert_eq!(code(world.verify(&leaf).await), "verified");
        assert_eq!(world.server.seen("/ocsp").len(), count, "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queue_before_a_dead_responder_is_let_go_with_the_first_timeouts() {
    let world = std::sync::Arc::new(
        World::with(|config| {
            config.ocsp_timeout = Duration::from_millis(800);
            config.host_requests = 4;
        })
        .await,
    );
    world.server.answer("/ocsp", Reply::Hang);
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for serial in 0..200 {
        let world = std::sync::Arc::clone(&world);
        tasks.spawn(async move {
            let leaf = world
                .pki
                .leaf(serial + 100, &Places::ocsp(world.server.uri("/ocsp")));
            code(world.verify(&leaf).await)
        });
    }
    for code in tasks.join_all().await {
        assert_eq!(code, "path.status_unavailable");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}, not 40 s");
    let asked = world.server.seen("/ocsp").len();
    assert!(asked <= 8, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_refresh_is_not_waited_for_while_something_good_is_at_hand() {
    let world = World::with(|config| config.patience = Duration::from_millis(100)).await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    let newer = world.pki.crl(&List::new(2).revoking([7]));
    world
        .server
        .answer("/a.crl", Reply::ok(&newer).later(3_000));
    world.clock.advance(2 * HOUR);
    let begun = Instant::now();
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert!(begun.elapsed() < Duration::from_millis(2_500));
    eventually("the newer list", || {
        code(world.verify_at_hand(&leaf)) == "path.revoked"
    })
    .await;
    assert_eq!(world.server.seen("/a.crl").len(), 2);
}

#[tokio::test]
async fn evidence_at_hand_serves_callbacks_and_fetches_for_the_next() {
    let world = World::new().await;
    let good = world.pki.ocsp(7, CertStatus::GOOD, start());
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/ocsp", Reply::ok(&good));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    assert_eq!(code(world.verify_at_hand(&leaf)), "path.status_unavailable");
    eventually("at hand", || {
        code(world.verify_at_hand(&leaf)) == "verified"
    })
    .await;
    assert_eq!(world.server.seen("/ocsp").len(), 1);
    // The responder is out of order: its address is left alone and the CRL fetched.
    let places = Places {
        crls: vec![world.server.uri("/a.crl")],
        ocsp: vec![world.server.uri("/missing")],
        ..Places::default()
    };
    let leaf = world.pki.leaf(8, &places);
    eventually("by CRL", || code(world.verify_at_hand(&leaf)) == "verified").await;
}

#[tokio::test]
async fn restart_during_an_outage_works_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crls");
    let mut world = World::with(|config| config.folder = Some(path.clone())).await;
    let crl = world.pki.crl(&List::new(3).revoking([9]));
    world
        .server
        .answer("/a.crl", Reply::ok(&crl).header("etag", "\"three\""));
    let places = Places::crl(world.server.uri("/a.crl"));
    let (good, revoked) = (world.pki.leaf(7, &places), world.pki.leaf(9, &places));
    assert_eq!(code(world.verify(&good).await), "verified");
    let files = || -> Vec<_> {
        let files = std::fs::read_dir(&path).unwrap();
        files.map(|it| it.unwrap().path()).collect()
    };
    let is_written = || {
        files()
            .iter()
            .any(|it| it.extension().is_some_and(|it| it == "crl"))
    };
    eventually("on disk", is_written).await;
    world.server.die().await;
    world.clock.advance(24 * HOUR);
    world.restart();
    assert_eq!(code(world.verify(&good).await), "verified");
    assert_eq!(code(world.verify(&revoked).await), "path.revoked");
    // An older list is not accepted after the restart either.
    world.server.revive().await;
    let older = world.pki.crl(&List::new(2));
    world.server.answer("/a.crl", Reply::ok(&older));
    world.clock.advance(HOUR);
    assert_eq!(code(world.verify(&revoked).await), "path.revoked");
    assert!(world.errors().contains(&("fetch.crl_older", 1)));
    let asked = world.server.seen("/a.crl");
    let known = asked.last().unwrap().headers.get("if-none-match");
    assert_eq!(known.unwrap(), "\"three\"");
    // A damaged file is no file.
    world.server.die().await;
    let file = files().remove(0);
    let mut octets = std::fs::read(&file).unwrap();
    *octets.last_mut().unwrap() ^= 1;
    std::fs::write(&file, octets).unwrap();
    std::fs::write(path.join("cut.new"), "half").unwrap();
    std::fs::write(path.join("alien.crl"), "nonsense").unwrap();
    world.restart();
    assert_eq!(code(world.verify(&good).await), "path.status_unavailable");
    assert!(!path.join("cut.new").exists());
}

#[tokio::test]
async fn file_of_a_list_past_its_time_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::with(|config| config.folder = Some(folder.path().to_owned())).await;
    let crl = world.pki.crl(&List::new(3));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    let count = || std::fs::read_dir(&folder).unwrap().count();
    eventually("on disk", || count() == 1).await;
    world.clock.advance(5 * 24 * HOUR);
    world.restart();
    assert_eq!(count(), 0);
}

#[tokio::test]
async fn callback_is_offered_the_same_evidence_once() {
    let mut world = World::new().await;
    let good = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.answer("/ocsp", Reply::ok(&good));
    let leaf = world.pki.leaf(7, &Places::ocsp(world.server.uri("/ocsp")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    world.server.die().await;
    world.clock.advance(3 * 24 * HOUR);
    let error = world.verify_at_hand(&leaf).unwrap_err();
    assert_eq!(error.code(), "path.status_unavailable");
    assert_eq!(
        error.to_string().matches("out of date").count(),
        1,
        "{error}"
    );
}
