//! CRL numbers only grow, whatever happens to the machine.

use kasane_crl::CrlKind;

use crate::common::{self, copy, world};
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
#[test]
fn restored_copy_uses_no_number_again() {
    let world = world();
    due(&world, &publisher(&world.authority));
    let world = world.restart();
    let saved = tempfile::tempdir().unwrap();
    copy(world.path.path(), saved.path());
    forward(&world, 60);
    let lost = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    let (clock, backend) = (world.clock.clone(), world.backend.clone());
    drop(world);

    let world = common::start(saved, clock, backend);
    let series = world.authority.crl_series(TERMINALS, 3).unwrap();
    assert!(series.last_number < lost[0].number, "it is an older copy");
    forward(&world, 60);
    let again = publisher(&world.authority).publish(TERMINALS, 3).unwrap();
    assert_eq!(again[0].kind, CrlKind::Full);
    assert!(again.iter().all(|crl| crl.number > lost[1].number));
}
