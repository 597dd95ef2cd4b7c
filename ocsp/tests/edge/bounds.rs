//! How much an edge holds, and what it does when it may hold no more.

use kasane_ca_core::Actor;
use kasane_ca_core::follower::{Contact, HeldLimits, Step};
use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;

use crate::common::{World, world};
use crate::scene::{Edge, is_revoked, issue, revoke, times};

const LIMITS: HeldLimits = HeldLimits {
    entries: 20,
    bytes: 1 << 20,
    changes: 10_000,
};

/// An edge that holds little.
fn narrow(world: &World) -> Edge {
    Edge::ready(world, "edge-1")
        .kill()
        .with_limits(LIMITS)
        .start()
}

fn code(edge: &Edge) -> &'static str {
    match edge.contact() {
        Contact::Failing { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

fn held(edge: &Edge) -> u64 {
    edge.follower.report().unwrap().held_entries
}

/// Goes on asking, as the service does, while the authority goes on issuing.
fn follow_in_vain(world: &World, edge: &Edge, times: usize) {
    for _ in 0..times {
        issue(world);
        world.authority.checkpoint().unwrap();
        assert_eq!(edge.step(), Step::Failed);
    }
}

#[test]
fn what_is_held_is_bounded_while_the_disk_is_full() {
    let world = world();
    let (told, untold) = (issue(&world), issue(&world));
    let edge = narrow(&world);
    assert_eq!(edge.status(&told.serial), CertStatus::GOOD);
    edge.disk.fill();
    revoke(&world, &told.serial);
    world.authority.checkpoint().unwrap();
    assert_eq!(edge.step(), Step::Failed);
    assert_eq!(code(&edge), "ledger.disk-full");
    assert!(is_revoked(edge.status(&told.serial)));
    follow_in_vain(&world, &edge, 20);
    let (most, as_of) = (held(&edge), edge.follower.report().unwrap().as_of);
    // A page more at most; here a page is what one certificate takes.
    assert!((20..30).contains(&most), "{most}");
    let later = world.authority.now().plus_seconds(60);
    world.clock.set(later);
    edge.pass(60);
    revoke(&world, &untold.serial);
    follow_in_vain(&world, &edge, 20);
    assert_eq!(held(&edge), most);
    assert_eq!(code(&edge), "follower.full");
    let Contact::Failing { reason, .. } = edge.contact() else {
        panic!("{:?}", edge.contact());
    };
    assert!(reason.contains("Make space"), "{reason}");
    // It says what it was told, and claims to know no more.
    assert!(is_revoked(edge.status(&told.serial)));
    assert_eq!(edge.follower.report().unwrap().as_of, as_of);
    assert!(as_of.unwrap() < later);
    let (_, this_update, _) = times(&edge.ask(&untold.serial));
    assert_eq!(Some(this_update), as_of);
    // It goes on by itself.
    edge.disk.make_space();
    edge.catch_up();
    assert_eq!(held(&edge), 0);
    assert!(is_revoked(edge.status(&untold.serial)));
    let edge = edge.restart();
    for serial in [&told.serial, &untold.serial] {
        assert!(is_revoked(edge.status(serial)));
    }
}

#[test]
fn new_edge_on_a_full_disk_does_not_take_the_ledger_into_memory() {
    let world = world();
    world.authority.checkpoint().unwrap();
    let edge = Edge::enrolled(&world, "edge-1");
    *edge.way.page_bytes.lock() = 3_000;
    let edge = edge.kill().with_limits(LIMITS).start();
    edge.disk.fill();
    for _ in 0..100 {
        assert_eq!(edge.step(), Step::Failed);
    }
    assert!(world.authority.ledger().size() > 60);
    assert!(held(&edge) < 40, "{}", held(&edge));
    assert_eq!(code(&edge), "follower.full");
}

#[test]
fn edge_at_its_bound_still_hears_that_it_was_removed() {
    let world = world();
    let issued = issue(&world);
    let edge = narrow(&world);
    edge.disk.fill();
    follow_in_vain(&world, &edge, 20);
    assert_eq!(code(&edge), "follower.full");
    world
        .authority
        .remove_responder(&Actor::system(), "edge-1", "stolen")
        .unwrap();
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(edge.contact(), Contact::Removed);
    assert_eq!(
        edge.ask(&issued.serial).status,
        OcspResponseStatus::TryLater
    );
}

#[test]
fn what_no_checkpoint_covers_is_bounded_and_goes_on_with_the_next_checkpoint() {
    let world = world();
    let issued: Vec<_> = (0..30).map(|_| issue(&world)).collect();
    let edge = narrow(&world);
    for one in &issued {
        revoke(&world, &one.serial);
        let _ = edge.step();
    }
    assert_eq!(held(&edge), 20);
    assert_eq!(code(&edge), "follower.no-checkpoint");
    assert!(is_revoked(edge.status(&issued[19].serial)));
    // Not told; and so it claims.
    assert_eq!(edge.status(&issued[29].serial), CertStatus::GOOD);
    world.authority.checkpoint().unwrap();
    edge.catch_up();
    assert_eq!(held(&edge), 0);
    for one in &issued {
        assert!(is_revoked(edge.status(&one.serial)));
    }
}

#[test]
fn revocation_that_could_not_be_noted_makes_a_killed_edge_silent_until_it_hears_of_it_again() {
    let world = world();
    let (good, told) = (issue(&world), issue(&world));
    let edge = Edge::ready(&world, "edge-1");
    edge.disk.fill();
    revoke(&world, &told.serial);
    edge.catch_up();
    assert!(is_revoked(edge.status(&told.serial)));
    assert!(!edge.follower.report().unwrap().is_held_noted);
    edge.cut_off();
    let killed = edge.kill();
    assert!(!killed.file("knowledge").exists());
    let edge = killed.start_with_space();
    for serial in [&good.serial, &told.serial] {
        assert_eq!(edge.ask(serial).status, OcspResponseStatus::TryLater);
    }
    *edge.way.authority.lock() = Some(world.authority.clone());
    edge.catch_up();
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    assert!(is_revoked(edge.status(&told.serial)));
}

#[test]
fn what_could_not_be_noted_is_noted_when_there_is_space_without_the_authority() {
    let world = world();
    let (good, told) = (issue(&world), issue(&world));
    let edge = Edge::ready(&world, "edge-1");
    edge.disk.fill();
    revoke(&world, &told.serial);
    edge.catch_up();
    edge.cut_off();
    edge.disk.make_space();
    assert_eq!(edge.step(), Step::Failed);
    assert!(edge.follower.report().unwrap().is_held_noted);
    let edge = edge.restart();
    assert_eq!(edge.status(&good.serial), CertStatus::GOOD);
    assert!(is_revoked(edge.status(&told.serial)));
}

#[test]
fn every_held_revocation_survives_a_kill_however_many_there_are() {
    let world = world();
    let (first, last) = (issue(&world), issue(&world));
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &first.serial);
    // More entries than fit a page.
    crate::mass_revocation::populate(&world.authority, 2_200);
    revoke(&world, &last.serial);
    edge.catch_up();
    assert!(held(&edge) > 4_400, "{}", held(&edge));
    edge.cut_off();
    let edge = edge.restart();
    for serial in [&first.serial, &last.serial] {
        assert!(is_revoked(edge.status(serial)));
    }
    assert!(edge.follower.known_as_of(edge.follower.now()).is_some());
}
