//! Acts that revoke many, and canaries: what complete lists and deltas say of them.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, CanaryKey, MassRevocationOrder, MassSelection};
use kasane_ca_core::fail_point::FailPoint;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::pipeline::Issued;
use kasane_crl::CrlKind;
use kasane_verify::KeyFamily;

use crate::common::{CrashAt, World, parts, requester, world};
use crate::scene::{
    TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials, whole,
};

fn serials_of(issued: &[Issued]) -> BTreeSet<Vec<u8>> {
    issued.iter().map(|it| it.serial.clone()).collect()
}

#[test]
fn delta_after_an_act_lists_every_certificate_of_its_one_entry() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (shard, issued) = issue_in_one_shard(&world, 6);
    // Revoked before: the act leaves it alone.
    revoke(&world, &issued[0], None);
    let order = MassRevocationOrder {
        selection: MassSelection {
            serials: Some(serials_of(&issued)),
            ..MassSelection::default()
        },
        reason: None,
        invalidity_date: None,
        confirmed: Some(5),
        approvals: Vec::new(),
    };
    let (done, sweep) = publisher
        .publish_after(
            || {
                let actor = Actor::system();
                world.authority.revoke_many(&actor, &order, &mut |_| {})
            },
            |done| &done.shards,
        )
        .unwrap();
    assert_eq!(done.choice.certificates, 5);
    let lists = whole(sweep);
    let kinds: Vec<CrlKind> = lists.iter().map(|list| list.kind).collect();
    assert_eq!(kinds, [CrlKind::Delta, CrlKind::Full, CrlKind::Delta]);
    for list in &lists {
        assert_eq!(list.shard, shard);
        assert_eq!(serials(list), serials_of(&issued), "{:?}", list.kind);
    }
}

#[test]
fn canary_is_in_a_delta_at_once_and_in_complete_lists_until_one_listed_it_after_its_end() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let key = CanaryKey::generate(KeyFamily::Ecc).unwrap();
    let canary = world
        .authority
        .issue_canary(&requester(), TERMINALS, &key)
        .unwrap();
    revoke(&world, &canary, None);
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let shard = issuer.shard_of(&canary.serial);
    let lists = whole(publisher.revoked(TERMINALS, shard, world.authority.now()));
    assert_eq!(lists.len(), 1, "no complete list for its sake");
    assert_eq!(lists[0].kind, CrlKind::Delta);
    let only_it = BTreeSet::from([canary.serial.clone()]);
    assert_eq!(serials(&lists[0]), only_it);
    forward(&world, publisher.schedule().full_pause_seconds);
    assert!(due(&world, &publisher).is_empty(), "nor later");
    // After its end the next complete list has it for the last time.
    forward(&world, 2 * 86_400);
    for expected in [only_it, BTreeSet::new()] {
        let made = publisher.publish(TERMINALS, shard).unwrap();
        let kinds: Vec<CrlKind> = made.iter().map(|list| list.kind).collect();
        assert_eq!(kinds, [CrlKind::Full, CrlKind::Delta]);
        assert_eq!(serials(&made[0]), expected);
        forward(&world, 86_400);
    }
}

#[test]
fn no_canary_is_made_for_a_ca_that_was_ended() {
    let world = world();
    let publisher = publisher(&world.authority);
    assert!(
        world
            .authority
            .canary_issuers()
            .contains(&TERMINALS.to_owned())
    );
    publisher
        .publish_final(&Actor::system(), TERMINALS)
        .unwrap();
    assert!(
        !world
            .authority
            .canary_issuers()
            .contains(&TERMINALS.to_owned())
    );
}

/// An authority that died when an act of those was durable, with lists of before it.
fn died_in_an_act(world: World, issued: &[Issued]) -> World {
    let left = world.stopped();
    let order = MassRevocationOrder {
        selection: MassSelection {
            serials: Some(serials_of(issued)),
            ..MassSelection::default()
        },
        reason: None,
        invalidity_date: None,
        confirmed: Some(issued.len() as u64),
        approvals: Vec::new(),
    };
    let folder = DataFolder::open(left.path.path()).unwrap();
    let mut crashing = parts(&left.clock, &left.backend);
    crashing.fail_points = Arc::new(CrashAt(FailPoint::MassRevocationDone));
    let (authority, _) = Authority::start(&folder, crashing, &mut |_, _| {}).unwrap();
    let crashed = catch_unwind(AssertUnwindSafe(|| {
        authority.revoke_many(&Actor::system(), &order, &mut |_| {})
    }));
    assert!(crashed.is_err());
    drop((authority, folder));
    left.start()
}

#[test]
fn lists_after_a_crash_in_an_act_have_every_certificate_of_it() {
    for asked_for in [true, false] {
        let world = world();
        due(&world, &publisher(&world.authority));
        let (shard, issued) = issue_in_one_shard(&world, 6);
        let world = died_in_an_act(world, &issued);
        let publisher = publisher(&world.authority);
        // Whoever makes the first list brings the act to its end before.
        let made = if asked_for {
            publisher.publish(TERMINALS, shard).unwrap()
        } else {
            due(&world, &publisher)
        };
        assert!(made.len() >= 2, "{asked_for}");
        for list in &made {
            assert_eq!((list.shard, serials(list)), (shard, serials_of(&issued)));
        }
        assert!(due(&world, &publisher).is_empty(), "nothing is missing");
    }
}

#[test]
fn revocation_beside_an_act_waits_for_no_list_and_gets_it_afterwards() {
    let world = world();
    due(&world, &publisher(&world.authority));
    let (shard, issued) = issue_in_one_shard(&world, 6);
    let (alone, act) = issued.split_first().unwrap();
    let world = died_in_an_act(world, act);
    let publisher = publisher(&world.authority);
    revoke(&world, alone, None);
    let sweep = publisher.revoked(TERMINALS, shard, world.authority.now());
    assert!(sweep.later && sweep.published.is_empty() && sweep.failed.is_empty());
    let lists = whole(publisher.publish_waiting(world.authority.now()));
    let kinds: Vec<CrlKind> = lists.iter().map(|list| list.kind).collect();
    assert_eq!(kinds, [CrlKind::Delta, CrlKind::Full, CrlKind::Delta]);
    for list in &lists {
        assert_eq!(serials(list), serials_of(&issued), "{:?}", list.kind);
    }
}
