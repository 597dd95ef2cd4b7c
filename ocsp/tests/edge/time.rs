//! An answer never speaks for a time that the edge knows nothing of.

use std::sync::Arc;
use std::time::Duration;

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
    edge.pass(30 * 3_600);
    let later = contact.plus_seconds(30 * 3_600);
    let (produced_at, this_update, next_update) = times(&edge.ask(&issued.serial));
    assert_eq!(produced_at, later);
    assert_eq!(this_update, contact);
    assert_eq!(next_update, contact.plus_seconds(WINDOW));
    let report = edge.follower.report().unwrap();
    assert_eq!(report.stale_seconds(), Some(30 * 3_600));
    assert_eq!(report.answers_until(), Some(next_update));
    // Neither a new answer nor the kept one from here on.
    edge.pass(18 * 3_600);
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
    edge.pass(60);
    let edge = edge.restart();
    let (produced_at, ..) = times(&edge.ask(&issued.serial));
    assert_eq!(produced_at, truth.plus_seconds(60));
    // Also in another boot, in which nobody was heard of.
    edge.steady.reboot();
    let edge = edge.restart();
    edge.pass(60);
    let (produced_at, ..) = times(&edge.ask(&issued.serial));
    assert_eq!(produced_at, truth.plus_seconds(120));
}

#[test]
fn clock_that_is_stepped_without_contact_makes_no_answer_of_the_future() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let contact = world.authority.now();
    edge.cut_off();
    edge.pass(600);
    // A day ahead, and far beyond the end of every signer.
    for ahead in [86_400, 400 * 86_400] {
        edge.clock.set(contact.plus_seconds(600 + ahead));
        let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
        assert!(produced_at <= contact.plus_seconds(600), "{produced_at}");
        assert_eq!(this_update, contact);
        assert_eq!(edge.follower.report().unwrap().clock_ahead_seconds, ahead);
    }
    // Another process in the same boot knows as much.
    let edge = edge.restart();
    edge.pass(60);
    let (produced_at, this_update, _) = times(&edge.ask(&issued.serial));
    assert_eq!(produced_at, contact.plus_seconds(660));
    assert_eq!(this_update, contact);
    // And it is silent when what it knows is too old, not before.
    edge.pass(48 * 3_600);
    let late = edge.ask(&issued.serial);
    assert_eq!(late.status, OcspResponseStatus::TryLater);
}

#[test]
fn page_that_is_long_on_its_way_moves_neither_the_present_nor_what_answers_speak_for() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let contact = world.authority.now();
    let (clock, steady) = (Arc::clone(&edge.clock), Arc::clone(&edge.steady));
    *edge.way.twist.lock() = Some(Box::new(move |page| {
        steady.pass(Duration::from_secs(12));
        clock.set(contact.plus_seconds(12));
        page
    }));
    edge.catch_up();
    let report = edge.follower.report().unwrap();
    assert_eq!(report.now, contact.plus_seconds(12));
    assert_eq!(report.clock_ahead_seconds, 0);
    assert_eq!(report.as_of, Some(contact));
    let (_, this_update, _) = times(&edge.ask(&issued.serial));
    assert_eq!(this_update, contact);
}

#[test]
fn what_is_known_dates_from_the_question_where_the_clock_is_late() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let late = world.authority.now().plus_seconds(-1_800);
    edge.clock.set(late);
    let (clock, steady) = (Arc::clone(&edge.clock), Arc::clone(&edge.steady));
    *edge.way.twist.lock() = Some(Box::new(move |page| {
        steady.pass(Duration::from_secs(12));
        clock.set(late.plus_seconds(12));
        page
    }));
    edge.catch_up();
    let report = edge.follower.report().unwrap();
    assert_eq!(report.now, late.plus_seconds(12));
    assert_eq!(report.as_of, Some(late));
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
