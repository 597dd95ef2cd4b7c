//! The clock jumps.

use kasane_ca_core::clock::Clock;
use kasane_crl::CrlKind;

use crate::common::world;
use crate::device::{OnDevice, hide_roots};
use crate::scene::{TERMINALS, due, forward, issue, lists, publisher, revoke};

const DAY: i64 = 86_400;

#[test]
fn lists_of_a_clock_that_was_ahead_are_replaced() {
    let world = world();
    let publisher = publisher(&world.authority);
    forward(&world, DAY);
    let start = world.authority.now();
    let first = due(&world, &publisher).len();
    forward(&world, 400 * DAY);
    assert_eq!(due(&world, &publisher).len(), first);
    let wrong = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    let delta = publisher.current("issuing-rsa", 0, CrlKind::Delta).unwrap();
    assert!(wrong.this_update > start.plus_days(399));

    world.clock.set(start);
    assert_eq!(due(&world, &publisher).len(), first);
    let full = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    assert_eq!(full.this_update, start);
    assert!(full.number > wrong.number && full.number > delta.number);
    let root = publisher.current("root-ecc", 0, CrlKind::Full).unwrap();
    assert_eq!(root.this_update, start);
    assert!(due(&world, &publisher).is_empty());
    // A list of the next second is of the future as well.
    world.clock.set(start.plus_seconds(-1));
    assert_eq!(due(&world, &publisher).len(), first);
    assert!(due(&world, &publisher).is_empty());
}

#[test]
fn list_that_was_made_since_the_time_was_read_is_not_of_the_future() {
    let world = world();
    let publisher = publisher(&world.authority);
    let before = world.authority.now();
    forward(&world, 5);
    due(&world, &publisher);
    assert!(publisher.publish_due(before).published.is_empty());
}

#[test]
fn list_of_the_future_is_made_anew_for_who_asks_and_loses_nothing() {
    let world = world();
    let publisher = publisher(&world.authority);
    forward(&world, DAY);
    due(&world, &publisher);
    let issued = issue(&world);
    let shard = revoke(&world, &issued, None);
    publisher.revoked(TERMINALS, shard, world.authority.now());
    let held = |shard, kind| publisher.current(TERMINALS, shard, kind).unwrap();
    let neighbour = held((shard + 1) % 16, CrlKind::Full);

    forward(&world, -20);
    let now = world.authority.now();
    for ahead in [CrlKind::Delta, CrlKind::Full].map(|kind| held(shard, kind)) {
        assert!(!ahead.has_begun(now) && publisher.may_renew(&ahead, now));
        let made = publisher.renewed(&ahead).unwrap();
        assert_eq!((made.this_update, made.kind), (now, ahead.kind));
        assert!(made.number > ahead.number, "{made:?}");
        // The delta is of the list that is new as well.
        assert!(ahead.kind == CrlKind::Delta || lists(&made, &issued));
    }
    // Nobody asked for the others.
    assert_eq!(held((shard + 1) % 16, CrlKind::Full), neighbour);
    assert!(!neighbour.has_begun(now) && publisher.may_renew(&neighbour, now));
}

#[test]
fn list_that_is_over_is_made_anew_for_who_asks() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let over = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    forward(&world, 5 * DAY);
    let now = world.authority.now();
    assert!(over.has_begun(now) && !over.is_current(now) && publisher.may_renew(&over, now));
    let made = publisher.renewed(&over).unwrap();
    assert_eq!(made.this_update, now);
    assert!(made.number > over.number);

    // After the end of its CA there is no other.
    let end = world.authority.issuer("issuing-rsa").unwrap().not_after;
    world.clock.set(end.plus_days(5));
    assert!(!publisher.may_renew(&made, world.authority.now()));
    assert_eq!(publisher.renewed(&made).unwrap(), made);
}

#[test]
fn nothing_is_made_before_a_ca_began() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    forward(&world, -1);
    let now = world.authority.now();
    let ahead = publisher.current(TERMINALS, 3, CrlKind::Full).unwrap();
    assert!(!ahead.has_begun(now) && !publisher.may_renew(&ahead, now));
    assert!(due(&world, &publisher).is_empty());
    forward(&world, 1);
    assert!(ahead.is_current(world.authority.now()));
    assert!(due(&world, &publisher).is_empty());
}

#[test]
fn many_who_ask_for_what_cannot_be_made_ask_once() {
    let OnDevice {
        authority,
        device,
        clock,
        ..
    } = &OnDevice::start(|_| ());
    let publisher = publisher(authority);
    clock.set(authority.now().plus_days(1));
    assert!(publisher.publish_due(authority.now()).failed.is_empty());
    device.fail(true);
    hide_roots(device, true);
    clock.set(authority.now().plus_seconds(-120));
    for issuer in ["issuing-rsa", "root-rsa"] {
        let now = clock.now();
        let ahead = publisher.current(issuer, 0, CrlKind::Full).unwrap();
        assert!(publisher.may_renew(&ahead, now), "{issuer}");
        assert_eq!(publisher.renewed(&ahead).unwrap(), ahead, "{issuer}");
        assert!(!publisher.may_renew(&ahead, now), "{issuer}");
        // Its key, or the people who have it, may be back.
        clock.set(now.plus_seconds(31));
        assert!(publisher.may_renew(&ahead, clock.now()), "{issuer}");
        clock.set(now);
    }
}
