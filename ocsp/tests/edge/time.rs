//! An answer never speaks for a time that the edge knows nothing of.

use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;

use crate::common::world;
use crate::scene::{Edge, issue, times};

const WINDOW: i64 = 48 * 3_600;

#[test]
fn answer_speaks_for_the_last_contact_and_ends_a_window_later() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let contact = world.authority.now();
    edge.cut_off();
    let later = contact.plus_seconds(30 * 3_600);
    edge.clock.set(later);
    let (produced_at, this_update, next_update) = times(&edge.ask(&issued.serial));
    assert_eq!(produced_at, later);
    assert_eq!(this_update, contact);
    assert_eq!(next_update, contact.plus_seconds(WINDOW));
    let report = edge.follower.report().unwrap();
    assert_eq!(report.stale_seconds(), Some(30 * 3_600));
    assert_eq!(report.answers_until(), Some(next_update));
    // Neither a new answer nor the kept one from here on.
    edge.clock.set(next_update);
    let late = edge.ask(&issued.serial);
    assert_eq!(late.status, OcspResponseStatus::TryLater);
    // Also not after a restart.
    let edge = edge.restart();
    assert_eq!(
        edge.ask(&issued.serial).status,
        OcspResponseStatus::TryLater
    );
}

#[test]
fn contact_moves_what_answers_speak_for() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let later = world.authority.now().plus_seconds(20 * 3_600);
    world.clock.set(later);
    edge.clock.set(later);
    edge.catch_up();
    let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
    assert_eq!((produced_at, this_update), (later, later));
}

#[test]
fn clock_that_is_ahead_makes_no_answer_of_the_future() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let truth = world.authority.now();
    edge.clock.set(truth.plus_seconds(7_200));
    edge.catch_up();
    let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
    assert!(produced_at <= truth && this_update <= truth);
    // The authority is gone, and the clock still ahead.
    edge.cut_off();
    edge.clock.set(truth.plus_seconds(7_200 + 60));
    let edge = edge.restart();
    let (produced_at, ..) = times(&edge.ask(&issued.serial));
    assert!(produced_at <= truth.plus_seconds(60), "{produced_at}");
}

#[test]
fn clock_that_is_late_or_set_back_makes_no_answer_of_the_future() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let later = world.authority.now().plus_seconds(7_200);
    world.clock.set(later);
    edge.clock.set(later);
    edge.catch_up();
    let late = later.plus_seconds(-1_800);
    edge.clock.set(late);
    let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
    assert!(produced_at <= late && this_update <= produced_at);
    edge.catch_up();
    let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
    assert!(produced_at <= late && this_update <= produced_at);
}

#[test]
fn signer_that_begins_in_the_future_of_a_late_clock_is_ordered_once() {
    let world = world();
    // The CAs themselves began long before.
    world.clock.set(world.authority.now().plus_days(1));
    let issued = issue(&world);
    let edge = Edge::enrolled(&world, "edge-1");
    edge.clock.set(world.authority.now().plus_seconds(-600));
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    let now = edge.follower.now();
    assert_eq!(edge.responder.ensure_signers(now).rolled.len(), 4);
    let again = edge.responder.ensure_signers(now);
    assert!(again.rolled.is_empty());
    assert_eq!(again.failed.len(), 4);
    assert!(
        again
            .failed
            .iter()
            .all(|failed| failed.error.to_string().contains("follower.clock-late"))
    );
    let response = edge.ask(&issued.serial);
    assert_eq!(response.status, OcspResponseStatus::TryLater);
    edge.clock.set(world.authority.now());
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
}
