//! What a restart keeps, and what it makes up for.

use kasane_crl::CrlKind;

use crate::common::world;
use crate::scene::{TERMINALS, due, issue, kinds, publisher, revoke};

#[test]
fn numbers_grow_across_restarts_and_the_lists_stay() {
    let world = world();
    let before = publisher(&world.authority);
    let published = before.publish(TERMINALS, 3).unwrap();
    drop(before);
    let world = world.restart();
    let after = publisher(&world.authority);
    for crl in &published {
        assert_eq!(after.current(TERMINALS, 3, crl.kind).as_ref(), Some(crl));
    }
    let next = after.publish(TERMINALS, 3).unwrap();
    assert!(next[0].number > published[1].number);
    assert_eq!(next[1].number, next[0].number);
    assert_eq!(next[1].base_number, Some(published[0].number));
}

#[test]
fn revocation_before_a_restart_is_published_after_it() {
    let world = world();
    due(&world, &publisher(&world.authority));
    let issued = issue(&world);
    let shard = revoke(&world, &issued, None);
    let world = world.restart();
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    assert_eq!(
        kinds(&published),
        [CrlKind::Delta, CrlKind::Full, CrlKind::Delta]
    );
    assert!(published.iter().all(|crl| crl.shard == shard));
}
