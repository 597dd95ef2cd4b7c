//! Who holds the data folder, and what can be thrown away.

use std::time::Duration;

use kasane_tests::program::Service;

use crate::World;

#[test]
fn second_service_on_a_folder_is_refused() {
    let world = World::new();
    let first = Service::start(&world);
    let mut second = Service::launch(&world);
    let status = second.ended_within(Duration::from_secs(30)).unwrap();
    assert_eq!(status.code(), Some(5), "{}", second.log());
    assert!(second.log().contains("folder.in-use"), "{}", second.log());
    // The first one is not disturbed: commands go through it.
    let issued = world.issue(&world.csr(), "after");
    assert_eq!(issued["profile"], "terminal-ecc");
    assert!(first.stop().success());
}

#[test]
fn commands_reach_the_service_and_the_folder_alike() {
    let world = World::new();
    let csr = world.csr();
    let service = Service::start(&world);
    let through_service = world.issue(&csr, "same");
    assert!(service.stop().success());
    assert_eq!(world.issue(&csr, "same"), through_service);
}

#[test]
fn rebuilt_store_has_the_same_digest() {
    let world = World::new();
    world.issue(&world.csr(), "one");
    let first = world.json(["store", "rebuild"]);
    let again = world.json(["store", "rebuild"]);
    assert_eq!(first["digest"], again["digest"]);
    assert_eq!(first["digest"].as_str().unwrap().len(), 64, "{first}");
    world.issue(&world.csr(), "two");
    let grown = world.json(["store", "rebuild"]);
    assert_ne!(
        grown["digest"], first["digest"],
        "the digest sees every row"
    );
}

#[test]
fn folder_without_authority_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let empty = kasane_tests::program::Kasane::on(folder.path());
    let refusal = empty.refusal(["list"]);
    assert_eq!((refusal.code.as_str(), refusal.exit), ("folder.empty", 4));
}
