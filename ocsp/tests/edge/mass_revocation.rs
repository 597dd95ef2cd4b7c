//! Many certificates revoked in one act, at an edge.

use std::ops::ControlFlow;

use kasane_ca_core::authority::{MassRevocationOrder, MassSelection, Population};
use kasane_ca_core::follower::{Page, Step};
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Holder};
use kasane_ca_core::{Actor, Authority};
use kasane_verify::ocsp::CertStatus;
use kasane_verify::revocation::RevocationReason;

use crate::common::{FACILITY, World, p384, request, world};
use crate::scene::{Edge, TERMINALS, is_revoked};

/// More than one entry of the act holds, and more than one page of those below.
const COUNT: u64 = 9_000;

pub(crate) fn populate(authority: &Authority, count: u64) {
    let key = request(&p384()).key().clone();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    let population = Population {
        profile: "terminal-ecc",
        count,
        revoke_every: 0,
        key: &key,
        holder: &Holder::Facility(code),
    };
    authority
        .populate(&population, &mut |_| ControlFlow::Continue(()))
        .unwrap();
}

fn revoke_all(authority: &Authority) {
    let order = MassRevocationOrder {
        selection: MassSelection {
            profile: Some("terminal-ecc".to_owned()),
            ..MassSelection::default()
        },
        reason: Some(RevocationReason::Superseded),
        invalidity_date: None,
        confirmed: Some(COUNT),
        approvals: Vec::new(),
    };
    let _ = authority
        .revoke_many(&Actor::system(), &order, &mut |_| {})
        .unwrap();
}

/// Every so many of the serial numbers.
fn some(world: &World) -> Vec<Vec<u8>> {
    let mut serials = Vec::new();
    world
        .authority
        .each_certificate(TERMINALS, &mut |key, row| {
            if row.profile == "terminal-ecc" {
                serials.push(key.serial);
            }
            true
        })
        .unwrap();
    assert_eq!(serials.len() as u64, COUNT);
    serials.into_iter().step_by(90).collect()
}

/// An authority that revoked all, some of the certificates, and an edge that said `good` of each.
fn before_its_edge_hears_of_the_act() -> (World, Vec<Vec<u8>>, Edge) {
    let world = world();
    populate(&world.authority, COUNT);
    let serials = some(&world);
    let edge = Edge::ready(&world, "edge-1");
    for serial in &serials {
        assert_eq!(edge.status(serial), CertStatus::GOOD);
    }
    revoke_all(&world.authority);
    (world, serials, edge)
}

#[test]
fn covered_act_is_known_while_its_rows_are_written_and_over_a_restart() {
    let (_world, serials, edge) = before_its_edge_hears_of_the_act();
    edge.catch_up();
    assert_eq!(edge.follower.report().unwrap().held_entries, 0);
    let all_are_revoked = |edge: &Edge| serials.iter().all(|it| is_revoked(edge.status(it)));
    assert!(all_are_revoked(&edge), "what was kept stands no more");
    // A part of the rows, then a restart.
    assert!(edge.follower.spread_some().unwrap());
    assert!(all_are_revoked(&edge));
    edge.cut_off();
    let edge = edge.restart();
    assert!(all_are_revoked(&edge));
    while edge.follower.spread_some().unwrap() {
        assert!(all_are_revoked(&edge));
    }
    assert!(all_are_revoked(&edge));
}

#[test]
fn act_is_known_before_a_checkpoint_covers_it_and_after_a_kill() {
    let (world, serials, edge) = before_its_edge_hears_of_the_act();
    // Entry after entry, and the checkpoint over them is late.
    *edge.way.page_bytes.lock() = 1;
    *edge.way.twist.lock() = Some(Box::new(|page| Page {
        checkpoint: None,
        proof: Vec::new(),
        ..page
    }));
    let has_all = || {
        let report = edge.follower.report().unwrap();
        report.entries + report.held_entries == world.authority.ledger().size()
    };
    while !has_all() {
        assert_eq!(edge.step(), Step::Followed);
    }
    assert!(edge.follower.report().unwrap().held_entries > 2);
    for serial in &serials {
        assert!(
            is_revoked(edge.status(serial)),
            "what was kept is asked for no more"
        );
    }
    edge.cut_off();
    let edge = edge.restart();
    for serial in &serials {
        assert!(is_revoked(edge.status(serial)));
    }
    *edge.way.authority.lock() = Some(world.authority.clone());
    *edge.way.twist.lock() = None;
    edge.catch_up();
    assert_eq!(edge.follower.report().unwrap().held_entries, 0);
    for serial in &serials {
        assert!(is_revoked(edge.status(serial)));
    }
}
