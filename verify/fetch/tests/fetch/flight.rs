//! One fetch for all.

use std::sync::Arc;
use std::time::Duration;

use kasane_verify::crypto::AwsLc;
use kasane_verify::ocsp::CertStatus;
use kasane_verify_fetch::{ConfigError, FetchConfig, Fetcher, SystemClock};
use tokio::task::JoinSet;

use crate::support::pki::{List, Places};
use crate::support::server::Reply;
use crate::support::{World, code, eventually, start, verify};

async fn crowd(world: &Arc<World>, leaf: &[u8], count: usize) -> Vec<&'static str> {
    let leaf: Arc<[u8]> = leaf.into();
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (world, leaf) = (Arc::clone(world), Arc::clone(&leaf));
        // Spawned: the future may move between threads.
        tasks.spawn(async move { code(world.verify(&leaf).await) });
    }
    let mut codes = tasks.join_all().await;
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousand_verifications_make_one_request_for_each_address() {
    let world = Arc::new(World::new().await);
    let places = Places {
        crls: vec![world.server.uri("/a.crl")],
        ocsp: vec![world.server.uri("/ocsp")],
        ..Places::default()
    };
    let leaf = world.pki.leaf(7, &places);
    let good = world.pki.ocsp(7, CertStatus::GOOD, start());
    world.server.answer("/ocsp", Reply::ok(&good).later(300));
    assert_eq!(crowd(&world, &leaf, 1_000).await, ["verified"]);
    assert_eq!(world.server.seen("/ocsp").len(), 1);
    assert_eq!(world.server.seen("/a.crl").len(), 0, "OCSP sufficed");
    let metrics = world.fetcher.metrics();
    assert_eq!((metrics.misses, metrics.requests), (1, 1));
    assert_eq!(metrics.hits + metrics.waits, 999);
    // The next certificate has CRLs only.
    let crl = world.pki.crl(&List::new(1).revoking([9]));
    world.server.answer("/b.crl", Reply::ok(&crl).later(300));
    let places = Places::crl(world.server.uri("/b.crl"));
    for (serial, expected) in [(8, "verified"), (9, "path.revoked")] {
        let leaf = world.pki.leaf(serial, &places);
        assert_eq!(crowd(&world, &leaf, 1_000).await, [expected]);
    }
    assert_eq!(world.server.seen("/b.crl").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_does_not_lose_the_fetch_for_others() {
    let world = Arc::new(World::new().await);
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl).later(500));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let first = tokio::time::timeout(Duration::from_millis(100), world.verify(&leaf));
    assert!(first.await.is_err(), "dropped while it waits");
    let others = crowd(&world, &leaf, 10).await;
    assert_eq!(others, ["verified"]);
    assert_eq!(world.server.seen("/a.crl").len(), 1);
}

#[tokio::test]
async fn fetch_goes_on_when_nobody_waits() {
    let world = World::new().await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl).later(200));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let _ = tokio::time::timeout(Duration::from_millis(50), world.verify(&leaf)).await;
    eventually("in the cache", || {
        code(world.verify_at_hand(&leaf)) == "verified"
    })
    .await;
    assert_eq!(world.server.seen("/a.crl").len(), 1);
}

#[tokio::test]
async fn one_parsed_copy_is_shared() {
    use kasane_verify::revocation::Basis;
    let world = World::new().await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    let places = Places::crl(world.server.uri("/a.crl"));
    let mut lists = Vec::new();
    for serial in [7, 8] {
        let leaf = world.pki.leaf(serial, &places);
        let path = verify(&world.fetcher, &world.pki, &leaf, start())
            .await
            .unwrap();
        match &path.statuses().first().unwrap().basis {
            Basis::Crl { complete, .. } => lists.push(Arc::clone(complete)),
            other => panic!("{other:?}"),
        }
    }
    assert!(Arc::ptr_eq(lists.first().unwrap(), lists.last().unwrap()));
}

#[test]
fn fetcher_outside_a_runtime_says_so() {
    let (clock, crypto) = (Arc::new(SystemClock), Arc::new(AwsLc));
    let refused = Fetcher::new(FetchConfig::default(), clock, crypto).unwrap_err();
    assert_eq!(refused, ConfigError::NoRuntime);
}
