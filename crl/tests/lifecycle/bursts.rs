//! Many revocations, few lists, each in time.

use kasane_crl::CrlKind;

use crate::common::world;
use crate::scene::{
    TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials, whole,
};

#[test]
fn burst_is_in_two_pairs_of_lists_within_the_bound() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (shard, issued) = issue_in_one_shard(&world, 40);
    let mut made = Vec::new();
    for one in &issued {
        revoke(&world, one, None);
        made.extend(whole(publisher.revoked(
            TERMINALS,
            shard,
            world.authority.now(),
        )));
    }
    // The first one is out at once.
    assert_eq!(made.len(), 3);
    assert_eq!(serials(&made[0]).len(), 1);
    // The rest after the pauses: in a delta within seconds, in the complete list within the hour.
    let schedule = publisher.schedule().clone();
    forward(&world, schedule.delta_pause_seconds);
    let deltas = due(&world, &publisher);
    assert_eq!(deltas.len(), 1);
    assert_eq!(deltas[0].kind, CrlKind::Delta);
    assert_eq!(serials(&deltas[0]).len(), 40);
    assert!(schedule.full_pause_seconds < 3_600);
    forward(
        &world,
        schedule.full_pause_seconds - schedule.delta_pause_seconds,
    );
    let pair = due(&world, &publisher);
    assert_eq!(pair.len(), 2);
    assert!(pair.iter().all(|crl| serials(crl).len() == 40));
    forward(&world, 3_600);
    assert!(due(&world, &publisher).is_empty());
}
