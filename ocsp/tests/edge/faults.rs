//! Authorities that are gone, set back, forked, or somebody else.

use kasane_ca_core::follower::{Contact, Step};
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;

use crate::common::{self, Stopped, world};
use crate::scene::{Edge, enrolment, is_revoked, issue, revoke};

fn stopped_by(edge: &Edge) -> &'static str {
    match edge.contact() {
        Contact::Stopped { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn edge_answers_when_the_authority_is_gone_also_after_a_restart() {
    let world = world();
    let (good, revoked) = (issue(&world), issue(&world));
    revoke(&world, &revoked.serial);
    let edge = Edge::ready(&world, "edge-1");
    edge.cut_off();
    assert_eq!(edge.step(), Step::Failed);
    assert!(matches!(edge.contact(), Contact::Failing { .. }));
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    let edge = edge.restart();
    assert_eq!(edge.step(), Step::Failed);
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    assert!(is_revoked(edge.status(&revoked.serial)));
}

#[test]
fn fork_stops_the_edge_and_what_was_never_signed_is_forgotten() {
    let world = world();
    let (one, other) = (issue(&world), issue(&world));
    let edge = Edge::ready(&world, "edge-1");
    // Before the checkpoint the feed says that one was revoked; the other was.
    let serial = (one.serial.clone(), other.serial.clone());
    *edge.way.twist.lock() = Some(Box::new(move |mut page| {
        for entry in &mut page.entries {
            let at = entry.windows(serial.1.len()).position(|it| it == serial.1);
            if let Some(at) = at {
                entry[at..at + serial.0.len()].copy_from_slice(&serial.0);
            }
        }
        page
    }));
    revoke(&world, &other.serial);
    edge.catch_up();
    assert!(is_revoked(edge.status(&one.serial)));
    world.authority.checkpoint().unwrap();
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(stopped_by(&edge), "follower.fork");
    assert_eq!(edge.status(&one.serial), CertStatus::GOOD);
    assert_eq!(edge.status(&other.serial), CertStatus::GOOD);
    assert_eq!(edge.step(), Step::Stopped);
}

#[test]
fn authority_that_was_set_back_stops_the_edge_which_answers_on() {
    let world = world();
    let before = tempfile::tempdir().unwrap();
    let revoked = issue(&world);
    let Stopped {
        clock,
        backend,
        path,
    } = world.stopped();
    common::copy(path.path(), before.path());
    let world = common::start(path, clock, backend);
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &revoked.serial);
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    let older = common::start(before, world.clock.clone(), world.backend.clone());
    edge.way.lead_to(&older.authority);
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(stopped_by(&edge), "follower.rollback");
    assert!(is_revoked(edge.status(&revoked.serial)));
}

#[test]
fn checkpoint_of_another_key_is_not_believed() {
    let world = world();
    let name = "edge-1";
    let token = world
        .authority
        .enrol_responder(&kasane_ca_core::Actor::system(), name, "")
        .unwrap();
    let mut enrolment = enrolment(&world.authority, name);
    let origin = world.authority.ledger().origin().to_owned();
    enrolment.ledger_key = kasane_ledger::checkpoint::ed25519_vkey(&origin, &[7; 32]);
    let edge = Edge::with(&world, &enrolment, &token);
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(stopped_by(&edge), "follower.checkpoint-unsigned");
    assert_eq!(edge.follower.report().unwrap().entries, 0);
}

#[test]
fn page_out_of_place_is_asked_for_again() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &issued.serial);
    *edge.way.twist.lock() = Some(Box::new(|mut page| {
        page.from += 1;
        page
    }));
    assert_eq!(edge.step(), Step::Failed);
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    *edge.way.twist.lock() = None;
    edge.catch_up();
    assert!(is_revoked(edge.status(&issued.serial)));
}

#[test]
fn entry_that_makes_no_sense_stops_the_edge_before_it_believes_more() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &issued.serial);
    *edge.way.twist.lock() = Some(Box::new(|mut page| {
        for entry in &mut page.entries {
            entry.truncate(3);
        }
        page
    }));
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(stopped_by(&edge), "follower.entry");
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
}

#[test]
fn lost_replica_answers_nothing() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    std::fs::remove_file(edge.replica().join("knowledge")).unwrap();
    edge.cut_off();
    let edge = edge.restart();
    let response = edge.ask(&issued.serial);
    assert_eq!(response.status, OcspResponseStatus::TryLater);
}

#[test]
fn revocation_that_no_checkpoint_covers_survives_a_killed_edge() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &issued.serial);
    edge.catch_up();
    assert!(edge.follower.report().unwrap().held_entries > 0);
    edge.cut_off();
    let edge = edge.restart();
    assert!(is_revoked(edge.status(&issued.serial)));
    *edge.way.authority.lock() = Some(world.authority.clone());
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    assert!(is_revoked(edge.status(&issued.serial)));
}
