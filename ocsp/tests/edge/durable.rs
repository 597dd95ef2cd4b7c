//! What is held survives a power cut, or is not believed after it.

use std::sync::Arc;

use kasane_ca_core::authority::Status;
use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::OcspResponseStatus;
use parking_lot::Mutex;

use crate::common::world;
use crate::scene::{Edge, TERMINALS, is_revoked, issue, revoke};

#[test]
fn nothing_is_said_before_it_would_survive_a_power_cut() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let seen: Arc<Mutex<Vec<(bool, bool)>>> = Arc::default();
    let (look, serial) = (Arc::clone(&seen), issued.serial.clone());
    let (follower, disk) = (Arc::clone(&edge.follower), Arc::clone(&edge.disk));
    edge.disk.watch(Box::new(move || {
        let status = follower.status(TERMINALS, &serial).unwrap();
        let is_told = matches!(status, Status::Revoked { .. });
        look.lock().push((is_told, disk.is_unsynced()));
    }));
    revoke(&world, &issued.serial);
    edge.step();
    edge.disk.look_away();
    assert!(is_revoked(edge.status(&issued.serial)));
    let seen = std::mem::take(&mut *seen.lock());
    // Written, synced, and not told yet.
    assert!(seen.contains(&(false, true)), "{seen:?}");
    assert!(!seen.contains(&(true, true)), "{seen:?}");
    assert_eq!(seen.last(), Some(&(false, false)), "{seen:?}");
}

#[test]
fn edge_whose_syncs_fail_says_revoked_and_after_its_end_nothing_until_it_has_caught_up() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    edge.disk.break_syncs(true);
    revoke(&world, &issued.serial);
    edge.step();
    assert!(is_revoked(edge.status(&issued.serial)));
    assert!(!edge.follower.report().unwrap().is_held_noted);
    edge.cut_off();
    edge.disk.break_syncs(false);
    let edge = edge.restart();
    assert_eq!(
        edge.ask(&issued.serial).status,
        OcspResponseStatus::TryLater
    );
    *edge.way.authority.lock() = Some(Arc::clone(&world.authority));
    edge.catch_up();
    assert!(is_revoked(edge.status(&issued.serial)));
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    assert!(edge.follower.report().unwrap().is_held_noted);
    edge.cut_off();
    assert!(is_revoked(edge.restart().status(&issued.serial)));
}
