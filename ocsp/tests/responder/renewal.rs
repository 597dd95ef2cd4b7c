//! Responses that are renewed before they are due.

use kasane_ocsp::{Renewed, Responder};
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::CertStatus;
use kasane_verify::revocation::Status;

use crate::common::{World, world};
use crate::scene::{
    TERMINALS, ask, forward_to, id, issue, judge, now, request, responder, revoke, statuses,
};

const HOUR: i64 = 3_600;

/// Asks twice: the second one is from what is kept.
fn ask_twice(world: &World, responder: &Responder, serial: &[u8]) {
    for _ in 0..2 {
        ask(world, responder, TERMINALS, serial);
    }
}

#[test]
fn what_is_asked_for_is_renewed_in_the_hour_before_it_is_due() {
    let world = world();
    let responder = responder(&world);
    let (asked, forgotten) = (issue(&world), issue(&world));
    ask_twice(&world, &responder, &asked.serial);
    let first = ask(&world, &responder, TERMINALS, &asked.serial);
    // Signed for one who asked, and never asked for again.
    ask(&world, &responder, TERMINALS, &forgotten.serial);
    let start = now(&world);
    forward_to(&world, start.plus_seconds(11 * HOUR - 1));
    assert_eq!(responder.renew(now(&world), 100), Renewed::default());
    forward_to(&world, start.plus_seconds(11 * HOUR));
    let renewed = Renewed {
        renewed: 1,
        left: 1,
        failed: 0,
    };
    assert_eq!(responder.renew(now(&world), 100), renewed);
    assert_eq!(responder.renew(now(&world), 100), Renewed::default());
    let id = id(&world, TERMINALS, &asked.serial, DigestAlgorithm::Sha1);
    let request = request(vec![id], None);
    let second = responder
        .prepared(Some(TERMINALS), &request, now(&world))
        .unwrap();
    assert_ne!(first.der, second.der);
    assert_eq!(second.cacheable.unwrap().produced_at, now(&world));
    assert_eq!(judge(&world, &asked, &second, None).status, Status::Good);
}

#[test]
fn renewal_does_no_more_than_it_may_at_once() {
    let world = world();
    let responder = responder(&world);
    let all = [issue(&world), issue(&world), issue(&world)];
    for issued in &all {
        ask_twice(&world, &responder, &issued.serial);
    }
    forward_to(&world, now(&world).plus_seconds(11 * HOUR));
    let turns = [2, 2, 2].map(|most| responder.renew(now(&world), most).renewed);
    assert_eq!(turns, [2, 1, 0]);
}

#[test]
fn renewed_response_says_what_is_true_then() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    ask_twice(&world, &responder, &issued.serial);
    revoke(&world, TERMINALS, &issued.serial, None);
    let revoked = CertStatus::revoked(now(&world), None);
    forward_to(&world, now(&world).plus_seconds(11 * HOUR));
    assert_eq!(responder.renew(now(&world), 100).renewed, 1);
    let id = id(&world, TERMINALS, &issued.serial, DigestAlgorithm::Sha1);
    let asked = request(vec![id], None);
    let prepared = responder.prepared(Some(TERMINALS), &asked, now(&world));
    assert_eq!(statuses(&prepared.unwrap()), [revoked]);
}

#[test]
fn nothing_is_handed_out_from_the_future() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let id = id(&world, TERMINALS, &issued.serial, DigestAlgorithm::Sha1);
    let asked = request(vec![id], None);
    let start = now(&world);
    let produced = |at| {
        forward_to(&world, at);
        let before = responder.prepared(Some(TERMINALS), &asked, at);
        let response = before.unwrap_or_else(|| responder.respond(Some(TERMINALS), &asked, at));
        response.cacheable.unwrap().produced_at
    };
    // Back by a second, by hours, and forward again.
    for offset in [0, 60, 59, 0, 10 * HOUR, 9 * HOUR, 10 * HOUR, 1] {
        let at = start.plus_seconds(offset);
        assert!(produced(at) <= at, "{offset}");
        responder.renew(at, 100);
    }
}
