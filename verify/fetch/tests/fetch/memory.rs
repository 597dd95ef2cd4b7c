//! Never more than the budget.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::support::pki::{List, Places};
use crate::support::server::Reply;
use crate::support::{World, code, eventually};

const BUDGET_BYTES: usize = 1 << 20;

async fn world() -> World {
    World::with(|config| {
        config.memory_bytes = BUDGET_BYTES;
        config.crl_bytes = 128 * 1024;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_lists_do_not_take_more_than_the_budget() {
    let world = Arc::new(world().await);
    // About 60 KiB each, 12 MiB in all.
    let crl = world.pki.crl(&List::new(1).revoking(1_000..4_000));
    assert!(crl.len() > 50_000, "{}", crl.len());
    world.server.answer("/", Reply::ok(&crl));
    let leaf = |index: u64| {
        let uri = world.server.uri(&format!("/{index}.crl"));
        world.pki.leaf(index, &Places::crl(uri))
    };
    let mut tasks = JoinSet::new();
    for index in 0..200 {
        if tasks.len() >= 4 {
            assert_eq!(tasks.join_next().await.unwrap().unwrap(), "verified");
        }
        let (world, leaf) = (Arc::clone(&world), leaf(index));
        tasks.spawn(async move { code(world.verify(&leaf).await) });
    }
    for code in tasks.join_all().await {
        assert_eq!(code, "verified");
    }
    let metrics = world.fetcher.metrics();
    assert!(
        metrics.peak_bytes <= u64::try_from(BUDGET_BYTES).unwrap(),
        "{metrics:?}"
    );
    assert!(metrics.cached_bytes > BUDGET_BYTES / 2, "{metrics:?}");
    assert!(metrics.evicted > 150, "{metrics:?}");
    assert_eq!(
        (metrics.reading_bytes, metrics.errors.len()),
        (0, 0),
        "{metrics:?}"
    );
    // The last one is there, the first one is gone.
    assert_eq!(code(world.verify(&leaf(199)).await), "verified");
    assert_eq!(world.server.seen("/199.crl").len(), 1);
    assert_eq!(code(world.verify(&leaf(0)).await), "verified");
    assert_eq!(world.server.seen("/0.crl").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_at_once_than_fits_is_refused_and_not_exceeded() {
    let world = Arc::new(world().await);
    let crl = world.pki.crl(&List::new(1).revoking(1_000..4_000));
    world.server.answer("/", Reply::ok(&crl).later(200));
    let mut tasks = JoinSet::new();
    for index in 0..64 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            let uri = world.server.uri(&format!("/{index}.crl"));
            code(
                world
                    .verify(&world.pki.leaf(index, &Places::crl(uri)))
                    .await,
            )
        });
    }
    let codes = tasks.join_all().await;
    let verified = codes.iter().filter(|it| **it == "verified").count();
    assert!(
        verified > 0
            && codes
                .iter()
                .all(|it| ["verified", "path.status_unavailable"].contains(it))
    );
    let metrics = world.fetcher.metrics();
    assert!(
        metrics.peak_bytes <= u64::try_from(BUDGET_BYTES).unwrap(),
        "{metrics:?}"
    );
    assert_eq!(metrics.reading_bytes, 0);
}

#[tokio::test]
async fn last_good_list_stays_while_its_successor_is_fetched() {
    let world = Arc::new(world().await);
    let crl = world.pki.crl(&List::new(1).revoking(1_000..4_000));
    world.server.answer("/", Reply::ok(&crl));
    let first = world
        .pki
        .leaf(1, &Places::crl(world.server.uri("/first.crl")));
    assert_eq!(code(world.verify(&first).await), "verified");
    world.server.answer("/first.crl", Reply::Hang);
    world.clock.advance(7_200);
    // Begins a fetch that does not end, and goes on with what is at hand.
    assert_eq!(code(world.verify_at_hand(&first)), "verified");
    for index in 10..60 {
        let uri = world.server.uri(&format!("/{index}.crl"));
        let leaf = world.pki.leaf(index, &Places::crl(uri));
        assert_eq!(code(world.verify(&leaf).await), "verified");
    }
    assert!(world.fetcher.metrics().evicted > 20);
    assert_eq!(code(world.verify_at_hand(&first)), "verified");
}

#[tokio::test]
async fn addresses_without_evidence_are_bounded_as_well() {
    let world = world().await;
    world.server.answer("/", Reply::status(404));
    let uris = (0..2_000).map(|index| world.server.uri(&format!("/{index}")));
    assert_eq!(world.fetcher.prefetch(uris).await.len(), 2_000);
    let metrics = world.fetcher.metrics();
    assert!(metrics.cached_bytes <= BUDGET_BYTES, "{metrics:?}");
    assert!(metrics.entries < 1_500, "{metrics:?}");
}

#[tokio::test]
async fn file_of_an_evicted_list_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(|config| {
        config.memory_bytes = BUDGET_BYTES;
        config.crl_bytes = 128 * 1024;
        config.folder = Some(folder.path().to_owned());
    })
    .await;
    let crl = world.pki.crl(&List::new(1).revoking(1_000..4_000));
    world.server.answer("/", Reply::ok(&crl));
    for index in 0..60 {
        let uri = world.server.uri(&format!("/{index}.crl"));
        let leaf = world.pki.leaf(index, &Places::crl(uri));
        assert_eq!(code(world.verify(&leaf).await), "verified");
    }
    let entries = world.fetcher.metrics().entries;
    assert!(entries < 30, "{entries}");
    eventually("as many files as lists", || {
        std::fs::read_dir(&folder).unwrap().count() == entries
    })
    .await;
}
