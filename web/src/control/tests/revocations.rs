//! Many revocations in one act, and what whoever looks for them is given.

use super::world::{World, revoke};
use crate::control::*;

fn all_terminals() -> RevokeMany {
    RevokeMany {
        profile: Some("terminal-ecc".into()),
        reason: "superseded".into(),
        ..RevokeMany::default()
    }
}

fn revoked_many(world: &World, order: RevokeMany) -> RevokedMany {
    match world.ask(Request::RevokeMany(Box::new(order))).unwrap() {
        Response::RevokedMany(done) => *done,
        other => panic!("{other:?}"),
    }
}

#[test]
fn checkpoint_covers_a_mass_revocation_when_it_returns() {
    let world = World::new();
    let [one, two] = [1, 2].map(|terminal| world.issue(terminal));
    let counted = revoked_many(
        &world,
        RevokeMany {
            dry_run: true,
            ..all_terminals()
        },
    );
    let ledger = world.context.authority().ledger();
    assert_eq!(counted.counted_at, ledger.size());
    let done = revoked_many(
        &world,
        RevokeMany {
            confirmed: Some(2),
            counted_at: Some(counted.counted_at),
            ..all_terminals()
        },
    );
    // The act, and the entry that names both.
    let end = done.ledger_index.unwrap() + 2;
    assert!(ledger.checkpoint_size().is_some_and(|size| size >= end));
    assert!(done.ledger_size >= end);
    let mut expected = [one.serial, two.serial];
    expected.sort_unstable();
    let sample: Vec<_> = done.sample.iter().map(|it| it.serial.as_str()).collect();
    assert_eq!(sample, expected);
}

#[test]
fn plan_has_certificates_as_they_are_and_every_enrolled_edge() {
    let world = World::new();
    let serial = world.issue(1).serial;
    for (name, url) in [("edge-1", ""), ("edge-2", "http://b.example/ocsp/")] {
        let order = ResponderEnrol {
            name: name.into(),
            url: url.into(),
        };
        world.ask(Request::ResponderEnrol(order)).unwrap();
    }
    let name = |serial: &str| WatchedName {
        serial: serial.into(),
        issuer: None,
    };
    let plan = |certificates: Vec<WatchedName>| {
        world.ask(Request::VisibilityPlan(VisibilityPlan { certificates }))
    };
    let planned = || match plan(vec![name(&serial)]).unwrap() {
        Response::VisibilityPlanned(planned) => *planned,
        other => panic!("{other:?}"),
    };
    assert_eq!(planned().certificates[0].revocation, None);
    world.ask(revoke(&serial)).unwrap();
    let VisibilityPlanned {
        certificates,
        responders,
    } = planned();
    let [watched] = &certificates[..] else {
        panic!("{certificates:?}");
    };
    assert_eq!(watched.serial, serial);
    assert!(watched.revocation.is_some());
    for pem in [&watched.pem, &watched.issuer_pem] {
        assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    }
    let edges = responders.roster.edges.iter();
    let edges: Vec<_> = edges.map(|it| (&*it.name, &*it.url, it.entries)).collect();
    let expected = [("edge-1", "", None), ("edge-2", "http://b.example", None)];
    assert_eq!(edges, expected);
    assert_eq!(responders.roster.endpoints.len(), 1);
    assert!(!responders.is_served);
    let refused = plan(vec![name(&serial); 101]).unwrap_err();
    assert_eq!(refused.code, "argument.bad");
    assert_eq!(
        plan(vec![name("01")]).unwrap_err().class,
        ExitClass::NotFound
    );
}
