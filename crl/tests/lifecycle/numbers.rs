//! CRL numbers only grow, whatever happens to the machine.

use kasane_crl::CrlKind;

use crate::common::imported::{self, IssuingKey};
use crate::common::{self, World, copy, world};
use crate::scene::{TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials};

#[test]
fn rebuilt_store_goes_on_where_the_ledger_is() {
    let world = world();
    let before = publisher(&world.authority);
    due(&world, &before);
    let (shard, issued) = issue_in_one_shard(&world, 2);
    revoke(&world, &issued[0], None);
    due(&world, &before);
    revoke(&world, &issued[1], None);
    let row = world.authority.crl_series(TERMINALS, shard).unwrap();
    drop(before);
    let world = world.stopped().without_store().start();
    assert_eq!(world.authority.crl_series(TERMINALS, shard).unwrap(), row);
    forward(&world, 900);
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    assert!(published.iter().all(|crl| crl.number > row.last_number));
    assert!(published.iter().all(|crl| serials(crl).len() == 2));
    assert_eq!(published.len(), 3, "a delta, and a pair");
}

/// A copy of the ledger that is older than what was published knows nothing of the last numbers.
fn restored_copy_goes_on_above(world: World) {
    due(&world, &publisher(&world.authority));
    let world = world.restart();
    let saved = tempfile::tempdir().unwrap();
    copy(world.path.path(), saved.path());
    // More lists than the copy makes in the time that a restoration takes.
    let mut lost = Vec::new();
    for _ in 0..5 {
        forward(&world, 60);
        lost = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    }
    let (clock, backend) = (world.clock.clone(), world.backend.clone());
    drop(world);

    let world = common::start(saved, clock, backend);
    let series = world.authority.crl_series(TERMINALS, 3).unwrap();
    assert!(series.last_number < lost[0].number, "it is an older copy");
    forward(&world, 60);
    let again = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    assert_eq!(again[0].kind, CrlKind::Full);
    let highest = lost.iter().map(|crl| crl.number).max().unwrap();
    assert!(
        again.iter().all(|crl| crl.number > highest),
        "{again:?} after {highest}"
    );
}

#[test]
fn restored_copy_uses_no_number_again() {
    restored_copy_goes_on_above(world());
}

/// Numbers that were dates elsewhere, as programs write them, are far above what our clock says.
#[test]
fn restored_copy_uses_no_number_again_after_higher_ones_were_taken_over() {
    let dates = 20_261_120_000_000;
    let world = imported::world(IssuingKey::Before, dates);
    let first = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    assert!(first[0].number > dates);
    assert!(first[0].number < dates + 1_000);
    restored_copy_goes_on_above(world);
}

#[test]
fn restored_copy_uses_no_number_again_although_a_clock_was_once_ahead() {
    let world = world();
    let start = world.authority.now();
    forward(&world, 400 * 86_400);
    let ahead = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    world.clock.set(start);
    let right = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    assert!(right[0].number > ahead[0].number);
    restored_copy_goes_on_above(world);
}

/// What numbers follow is in the ledger, so a store that is made anew says the same.
#[test]
fn rebuilt_store_follows_the_same_numbers() {
    let world = imported::world(IssuingKey::Before, 20_261_120_000_000);
    due(&world, &publisher(&world.authority));
    let before = world.authority.crl_series(TERMINALS, 3).unwrap();
    assert!(before.numbers_above_clock > 0);
    let world = world.stopped().without_store().start();
    assert_eq!(world.authority.crl_series(TERMINALS, 3).unwrap(), before);
}
