//! A revocation that comes soon after another one's list.

use kasane_crl::{CrlKind, Publisher};

use crate::common::{World, world};
use crate::scene::{
    TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials, whole,
};

/// What OPERATIONS.md promises for a delta after the delta before.
const PROMISED_SECONDS: i64 = 10;

/// Two revocations in one shard, the second one second after the first, whose lists are out.
fn two_in_a_row(world: &World, publisher: &Publisher) -> u32 {
    due(world, publisher);
    let (shard, issued) = issue_in_one_shard(world, 2);
    let revoked = || whole(publisher.revoked(TERMINALS, shard, world.authority.now()));
    revoke(world, &issued[0], None);
    assert_eq!(revoked().len(), 3);
    forward(world, 1);
    revoke(world, &issued[1], None);
    assert!(revoked().is_empty(), "it waits for the pause to end");
    shard
}

fn waiting(world: &World, publisher: &Publisher) -> Vec<CrlKind> {
    let made = whole(publisher.publish_waiting(world.authority.now()));
    made.iter().map(|crl| crl.kind).collect()
}

#[test]
fn second_revocation_is_in_the_delta_within_ten_seconds_of_the_delta_before() {
    let world = world();
    let publisher = publisher(&world.authority);
    let shard = two_in_a_row(&world, &publisher);
    let mut seconds = 1;
    while waiting(&world, &publisher).is_empty() {
        forward(&world, 1);
        seconds += 1;
        // Looked at twice a second by a clock of whole seconds: one of them is for that.
        assert!(seconds < PROMISED_SECONDS, "nothing after {seconds} s");
    }
    let delta = publisher.current(TERMINALS, shard, CrlKind::Delta).unwrap();
    assert_eq!(serials(&delta).len(), 2);
    assert_eq!(delta.this_update, world.authority.now());
}

#[test]
fn complete_list_follows_when_its_own_pause_ends_and_nothing_waits_then() {
    let world = world();
    let publisher = publisher(&world.authority);
    two_in_a_row(&world, &publisher);
    let schedule = publisher.schedule().clone();
    forward(&world, schedule.delta_pause_seconds - 1);
    assert_eq!(waiting(&world, &publisher), [CrlKind::Delta]);
    forward(
        &world,
        schedule.full_pause_seconds - schedule.delta_pause_seconds - 1,
    );
    assert!(waiting(&world, &publisher).is_empty());
    forward(&world, 1);
    assert_eq!(waiting(&world, &publisher), [CrlKind::Full, CrlKind::Delta]);
    for _ in 0..3 {
        forward(&world, 600);
        assert!(waiting(&world, &publisher).is_empty());
    }
}

#[test]
fn clock_that_was_set_back_makes_no_longer_wait() {
    let world = world();
    let publisher = publisher(&world.authority);
    // Before the CA's own beginning no list is made.
    forward(&world, 600);
    let shard = two_in_a_row(&world, &publisher);
    forward(&world, -60);
    let made = waiting(&world, &publisher);
    assert!(made.contains(&CrlKind::Delta), "{made:?}");
    // Lists of the future are nobody's base, so a complete one may come along.
    let said = [CrlKind::Full, CrlKind::Delta]
        .map(|kind| serials(&publisher.current(TERMINALS, shard, kind).unwrap()));
    assert_eq!((&said[0] | &said[1]).len(), 2);
}
