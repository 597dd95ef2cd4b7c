//! What every test does with an authority.

use std::collections::BTreeSet;
use std::sync::Arc;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, RevocationOrder};
use kasane_ca_core::clock::Clock;
use kasane_ca_core::pipeline::Issued;
use kasane_crl::{PublishedCrl, Publisher, Schedule, Sweep};
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::RevocationReason;

use crate::common::{World, p384, requester, terminal_order};

pub(crate) const TERMINALS: &str = "issuing-ecc-terminal";

pub(crate) fn publisher(authority: &Arc<Authority>) -> Publisher {
    Publisher::new(Arc::clone(authority), Schedule::default()).unwrap()
}

pub(crate) fn due(world: &World, publisher: &Publisher) -> Vec<Arc<PublishedCrl>> {
    whole(publisher.publish_due(world.authority.now()))
}

pub(crate) fn whole(sweep: Sweep) -> Vec<Arc<PublishedCrl>> {
    assert!(sweep.failed.is_empty(), "{:?}", sweep.failed);
    sweep.published
}

/// Certificates of one shard, as many as asked for.
pub(crate) fn issue_in_one_shard(world: &World, count: usize) -> (u32, Vec<Issued>) {
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let mut by_shard: Vec<Vec<Issued>> = vec![Vec::new(); 16];
    loop {
        let order = terminal_order("terminal-ecc", 1, &p384());
        let issued = world.authority.issue(&requester(), order).unwrap();
        let shard = issuer.shard_of(&issued.serial);
        let found = &mut by_shard[usize::try_from(shard).unwrap()];
        found.push(issued);
        if found.len() == count {
            return (shard, std::mem::take(found));
        }
    }
}

pub(crate) fn revoke(world: &World, issued: &Issued, reason: Option<RevocationReason>) {
    let order = RevocationOrder {
        issuer: &issued.issuer,
        serial: &issued.serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
}

pub(crate) fn forward(world: &World, seconds: i64) {
    world.clock.set(world.clock.now().plus_seconds(seconds));
}

pub(crate) fn serials(crl: &PublishedCrl) -> BTreeSet<Vec<u8>> {
    let list = CertificateList::from_der(&crl.der).unwrap();
    list.entries()
        .map(|entry| entry.unwrap().serial.to_vec())
        .collect()
}
