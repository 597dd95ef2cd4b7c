//! What the tests do with an authority and its publisher.

use std::sync::Arc;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, RevocationOrder};
use kasane_ca_core::clock::Clock;
use kasane_ca_core::pipeline::Issued;
use kasane_crl::{CrlKind, PublishedCrl, Publisher, Schedule, Sweep};
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::RevocationReason;

use crate::common::{World, p384, requester, terminal_order};

pub(crate) const TERMINALS: &str = "issuing-ecc-terminal";

pub(crate) fn publisher(authority: &Arc<Authority>) -> Publisher {
    Publisher::new(Arc::clone(authority), Schedule::default()).unwrap()
}

pub(crate) fn due(world: &World, publisher: &Publisher) -> Vec<Arc<PublishedCrl>> {
    let Sweep {
        published, failed, ..
    } = publisher.publish_due(world.authority.now());
    assert!(failed.is_empty(), "{failed:?}");
    published
}

pub(crate) fn issue(world: &World) -> Issued {
    let order = terminal_order("terminal-ecc", 1, &p384());
    world.authority.issue(&requester(), order).unwrap()
}

/// Revokes it; the shard that it is in.
pub(crate) fn revoke(world: &World, issued: &Issued, reason: Option<RevocationReason>) -> u32 {
    let order = RevocationOrder {
        issuer: &issued.issuer,
        serial: &issued.serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
    world
        .authority
        .issuer(&issued.issuer)
        .unwrap()
        .shard_of(&issued.serial)
}

pub(crate) fn forward(world: &World, seconds: i64) {
    world.clock.set(world.clock.now().plus_seconds(seconds));
}

pub(crate) fn kinds(published: &[Arc<PublishedCrl>]) -> Vec<CrlKind> {
    published.iter().map(|crl| crl.kind).collect()
}

pub(crate) fn lists(crl: &PublishedCrl, issued: &Issued) -> bool {
    let list = CertificateList::from_der(&crl.der).unwrap();
    list.find(&issued.serial).unwrap().is_some()
}
