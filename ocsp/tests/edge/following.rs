//! What an edge says while it follows.

use kasane_ca_core::follower::Contact;
use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;

use crate::common::world;
use crate::scene::{Edge, is_revoked, issue, revoke};

#[test]
fn edge_says_what_the_authority_says() {
    let world = world();
    let (good, revoked) = (issue(&world), issue(&world));
    revoke(&world, &revoked.serial);
    let edge = Edge::ready(&world, "edge-1");
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    assert!(is_revoked(edge.status(&revoked.serial)));
    // Kept now, and the same.
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    assert!(is_revoked(edge.status(&revoked.serial)));
    assert_eq!(edge.contact(), Contact::Current);
}

#[test]
fn revocation_counts_before_a_checkpoint_covers_it() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    revoke(&world, &issued.serial);
    edge.catch_up();
    assert!(edge.follower.report().unwrap().held_entries > 0);
    assert!(is_revoked(edge.status(&issued.serial)));
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    assert_eq!(edge.follower.report().unwrap().held_entries, 0);
    assert!(is_revoked(edge.status(&issued.serial)));
}

#[test]
fn certificate_is_unknown_until_a_checkpoint_covers_it() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let issued = issue(&world);
    edge.catch_up();
    let before = edge.ask(&issued.serial);
    assert_eq!(edge.status(&issued.serial), CertStatus::UNKNOWN);
    assert!(before.cacheable.is_none(), "nobody may keep it");
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
}

#[test]
fn serial_number_that_is_not_known_is_never_called_unused() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let response = edge.ask(&[0x11; 16]);
    assert_eq!(edge.status(&[0x11; 16]), CertStatus::UNKNOWN);
    assert!(response.cacheable.is_none());
}

#[test]
fn edge_without_a_checkpoint_says_nothing() {
    let world = world();
    let edge = Edge::enrolled(&world, "edge-1");
    assert!(edge.follower.report().unwrap().as_of.is_none());
    // No CA is known yet, so nothing can be asked for by its name.
    let response = edge
        .responder
        .respond(None, &[0x30, 0], edge.follower.now());
    assert_ne!(response.status, OcspResponseStatus::Successful);
}

#[test]
fn two_edges_have_signers_of_their_own_and_say_the_same() {
    let world = world();
    let issued = issue(&world);
    let edges = [Edge::ready(&world, "edge-1"), Edge::ready(&world, "edge-2")];
    let serials = edges.each_ref().map(|edge| {
        edge.catch_up();
        edge.follower.report().unwrap().signers[0].serial.clone()
    });
    assert_ne!(serials[0], serials[1]);
    revoke(&world, &issued.serial);
    for edge in &edges {
        edge.catch_up();
        assert!(is_revoked(edge.status(&issued.serial)));
    }
}
