//! CRLs are refreshed before anybody needs them.

use std::time::Duration;

use crate::support::pki::{List, Places};
use crate::support::server::Reply;
use crate::support::{World, code, eventually};

const HOUR: i64 = 3_600;

#[tokio::test(flavor = "multi_thread")]
async fn crls_in_use_are_refreshed_ahead_of_their_time() {
    let world = World::with(|config| {
        config.refresh_interval = Duration::from_millis(20);
        config.fresh_ceiling_seconds = 2 * HOUR;
    })
    .await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    assert_eq!(code(world.verify(&leaf).await), "verified");
    let task = world.fetcher.refresh_in_background();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.server.seen("/a.crl").len(), 1, "nothing is due");
    let newer = world.pki.crl(&List::new(2).revoking([7]));
    world.server.answer("/a.crl", Reply::ok(&newer));
    world.clock.advance(3 * HOUR);
    eventually("refreshed", || world.fetcher.metrics().requests == 2).await;
    eventually("at hand", || {
        code(world.verify_at_hand(&leaf)) == "path.revoked"
    })
    .await;
    assert_eq!(
        world.fetcher.metrics().requests,
        2,
        "without a fetch of its own"
    );
    // A server out of order is not asked at every look.
    world.server.answer("/a.crl", Reply::status(500));
    world.clock.advance(3 * HOUR);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.server.seen("/a.crl").len(), 3);
    drop(task);
    world.clock.advance(HOUR);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.server.seen("/a.crl").len(), 3, "the task ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn crls_that_nobody_uses_any_more_are_left_alone() {
    let world = World::with(|config| {
        config.refresh_interval = Duration::from_millis(20);
        config.refresh_idle_seconds = 24 * HOUR;
    })
    .await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/", Reply::ok(&crl));
    let uris: Vec<_> = (0..20)
        .map(|it| world.server.uri(&format!("/{it}.crl")))
        .collect();
    assert!(world.fetcher.prefetch(&uris).await.is_empty());
    let _task = world.fetcher.refresh_in_background();
    world.clock.advance(2 * HOUR);
    eventually("all refreshed", || world.fetcher.metrics().requests == 40).await;
    world.clock.advance(23 * HOUR);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.fetcher.metrics().requests, 40);
}
