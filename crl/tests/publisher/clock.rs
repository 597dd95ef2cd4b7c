//! The clock jumps.

use kasane_crl::CrlKind;

use crate::common::world;
use crate::scene::{due, forward, publisher};

#[test]
fn lists_of_a_clock_that_was_ahead_are_replaced() {
    let world = world();
    let publisher = publisher(&world.authority);
    let start = world.authority.now();
    let first = due(&world, &publisher).len();
    forward(&world, 400 * 86_400);
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
    // A clock that is set right by a little makes no lists.
    world.clock.set(start.plus_seconds(-300));
    assert!(due(&world, &publisher).is_empty());
    world.clock.set(start.plus_seconds(-301));
    assert_eq!(due(&world, &publisher).len(), first);
}
