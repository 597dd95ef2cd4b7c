//! An edge that is far behind.

use kasane_ca_core::follower::Step;
use kasane_verify::ocsp::CertStatus;

use crate::common::world;
use crate::scene::{Edge, issue};

#[test]
fn each_piece_is_proven_to_be_the_beginning_of_what_was_signed() {
    let world = world();
    let issued: Vec<_> = (0..40).map(|_| issue(&world)).collect();
    world.authority.checkpoint().unwrap();
    let edge = Edge::enrolled(&world, "edge-1");
    *edge.way.page_bytes.lock() = 3_000;
    assert_eq!(edge.step(), Step::Followed);
    let first = edge.follower.report().unwrap();
    assert!(first.entries > 0 && first.checkpoint.is_none());
    edge.catch_up();
    edge.roll_over();
    for one in &issued {
        assert_eq!(edge.status(&one.serial), CertStatus::GOOD);
    }
    let (own, theirs) = (
        edge.follower.report().unwrap().entries,
        world.authority.ledger().checkpoint_size(),
    );
    assert_eq!(Some(own), theirs);
}

#[test]
fn piece_that_is_not_the_beginning_stops_the_edge() {
    let world = world();
    for _ in 0..20 {
        issue(&world);
    }
    world.authority.checkpoint().unwrap();
    let edge = Edge::enrolled(&world, "edge-1");
    *edge.way.page_bytes.lock() = 3_000;
    assert_eq!(edge.step(), Step::Followed);
    let before = edge.follower.report().unwrap().entries;
    *edge.way.twist.lock() = Some(Box::new(|mut page| {
        let last = page.entries.last_mut().unwrap();
        let end = last.len() - 1;
        last[end] ^= 1;
        page
    }));
    assert_eq!(edge.step(), Step::Stopped);
    let report = edge.follower.report().unwrap();
    assert_eq!(report.entries, before);
    assert!(format!("{:?}", report.contact).contains("follower.fork"));
}

#[test]
fn edge_that_was_stopped_in_between_goes_on() {
    let world = world();
    let issued: Vec<_> = (0..20).map(|_| issue(&world)).collect();
    world.authority.checkpoint().unwrap();
    let edge = Edge::enrolled(&world, "edge-1");
    *edge.way.page_bytes.lock() = 3_000;
    for _ in 0..3 {
        assert_eq!(edge.step(), Step::Followed);
    }
    let edge = edge.restart();
    edge.catch_up();
    edge.roll_over();
    assert_eq!(edge.status(&issued[19].serial), CertStatus::GOOD);
}
