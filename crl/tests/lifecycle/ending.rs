//! The final CRLs of a CA.

use kasane_ca_core::authority::{CaCertificateOrder, CaSubject, OcspSignerOrder, RevocationOrder};
use kasane_ca_core::{Actor, Requester};
use kasane_crl::CrlKind;
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_verify::KeyAlgorithm;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::{CrlIssuer, Freshness, Status, check_crl};

use crate::common::{p384, requester, terminal_order, world};
use crate::scene::{TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials};

#[test]
fn ca_with_a_certificate_in_use_is_not_ended() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (_, issued) = issue_in_one_shard(&world, 1);
    let size = world.authority.ledger().size();
    let refused = publisher
        .publish_final(&Actor::system(), TERMINALS)
        .unwrap_err();
    assert_eq!(refused.code(), "issuer.in-use");
    assert!(
        refused
            .to_string()
            .contains(&format!("facility/{}", crate::common::FACILITY))
    );
    // Cross-certificates and issuing CAs are certificates of their roots.
    for root in ["root-rsa", "root-ecc"] {
        let refused = publisher.publish_final(&Actor::system(), root).unwrap_err();
        assert_eq!(refused.code(), "issuer.in-use", "{root}");
    }
    assert_eq!(
        world.authority.ledger().size(),
        size,
        "nothing was recorded"
    );
    revoke(&world, &issued[0], None);
    let published = publisher
        .publish_final(&Actor::system(), TERMINALS)
        .unwrap();
    assert_eq!(published.len(), 16);
}

#[test]
fn final_lists_are_good_for_ever_and_nothing_follows() {
    let world = world();
    let first = publisher(&world.authority);
    due(&world, &first);
    let issued: Vec<_> = (0..3)
        .map(|_| {
            let order = terminal_order("terminal-ecc", 1, &p384());
            world.authority.issue(&requester(), order).unwrap()
        })
        .collect();
    for one in &issued {
        revoke(&world, one, None);
    }
    let published = first.publish_final(&Actor::system(), TERMINALS).unwrap();
    assert_eq!(published.len(), 16);
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    assert!(issuer.ended);
    let ca = Certificate::from_der(&issuer.certificate_der).unwrap();
    let key = world.authority.crypto().public_key(&issuer.spki).unwrap();
    let by = CrlIssuer::from_certificate(&ca, &*key);
    for crl in &published {
        assert_eq!(crl.next_update, UnixTime::MAX);
        let list = CertificateList::from_der(&crl.der).unwrap();
        assert_eq!(list.next_update(), Some(UnixTime::MAX));
        assert!(list.freshest_crl().is_none());
        assert!(list.issuing_distribution_point().is_some());
        assert!(
            first
                .current(TERMINALS, crl.shard, CrlKind::Delta)
                .is_none()
        );
        let window = crl.der.windows(17);
        assert!(
            window
                .into_iter()
                .any(|it| it == b"\x18\x0f99991231235959Z")
        );
    }
    let all: usize = published.iter().map(|crl| serials(crl).len()).sum();
    assert_eq!(all, 3);

    // The CA signs nothing after them: no list, no certificate, no signer, no revocation.
    let size = world.authority.ledger().size();
    let actor = Actor::system();
    assert!(first.publish_final(&actor, TERMINALS).unwrap().is_empty());
    assert_eq!(
        first.publish(TERMINALS, 0).unwrap_err().code(),
        "issuer.ended"
    );
    let order = terminal_order("terminal-ecc", 1, &p384());
    let refused = world.authority.issue(&requester(), order).unwrap_err();
    assert_eq!(refused.code(), "issuer.unknown", "{refused}");
    let order = RevocationOrder {
        issuer: TERMINALS,
        serial: &issued[0].serial,
        reason: Some(kasane_verify::revocation::RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let refused = world.authority.revoke(&actor, &order).unwrap_err();
    assert_eq!(refused.code(), "certificate.state");
    assert_eq!(
        world.authority.ledger().size(),
        size,
        "nothing was recorded"
    );
    let label = KeyLabel::new("ocsp-late").unwrap();
    let role = KeyRole::OcspResponder;
    world
        .authority
        .generate_key(&actor, &label, role, KeyAlgorithm::P384)
        .unwrap();
    let order = OcspSignerOrder {
        issuer: TERMINALS.to_owned(),
        key_label: label,
        window_seconds: 3_600,
    };
    let refused = world
        .authority
        .issue_ocsp_signer(&Requester::system(), &order);
    assert_eq!(refused.unwrap_err().code(), "issuer.ended");

    drop(first);
    // Also after a restart, and long after the end of the CA's certificate, they are there.
    let world = world.restart();
    let later = publisher(&world.authority);
    forward(&world, 5 * 365 * 86_400);
    assert!(
        due(&world, &later)
            .iter()
            .all(|crl| crl.issuer != TERMINALS)
    );
    let one = Certificate::from_der(&issued[0].der).unwrap();
    let shard = issuer.shard_of(&issued[0].serial);
    let last = later.current(TERMINALS, shard, CrlKind::Full).unwrap();
    assert!(published.contains(&last));
    let list = CertificateList::from_der(&last.der).unwrap();
    let now = world.authority.now();
    let status = check_crl(&one, &by, &list, now, Freshness::Required).unwrap();
    assert!(matches!(status, Status::Revoked { .. }), "{status:?}");
}

#[test]
fn root_is_ended_once_what_it_certified_is_revoked() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let actor = Actor::system();
    let mut certified = Vec::new();
    world
        .authority
        .each_certificate("root-rsa", &mut |key, row| {
            certified.push((key, row));
            true
        })
        .unwrap();
    let own = world.authority.issuer("root-rsa").unwrap().serial.clone();
    let mut crosses = 0;
    for (key, row) in certified.iter().filter(|(key, _)| key.serial != own) {
        crosses += usize::from(row.profile.contains("cross"));
        let order = RevocationOrder {
            issuer: &key.issuer,
            serial: &key.serial,
            reason: None,
            invalidity_date: None,
        };
        world.authority.revoke(&actor, &order).unwrap();
    }
    assert_eq!(crosses, 1, "{certified:?}");
    let published = publisher.publish_final(&actor, "root-rsa").unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(serials(&published[0]).len(), certified.len() - 1);
    let order = CaCertificateOrder {
        name: "late-by-rsa".to_owned(),
        profile: certified
            .iter()
            .find(|(_, row)| row.profile.contains("cross"))
            .map(|(_, row)| row.profile.clone())
            .unwrap(),
        issuer: "root-rsa".to_owned(),
        subject: CaSubject::Existing {
            ca: "root-ecc".to_owned(),
        },
    };
    let refused = world
        .authority
        .issue_ca_certificate(&Requester::ceremony(), &order)
        .unwrap_err();
    assert_eq!(refused.code(), "issuer.ended", "{refused}");
}

#[test]
fn what_an_interruption_left_is_made_up_for() {
    let world = world();
    let before = publisher(&world.authority);
    due(&world, &before);
    // As a crash between the entry and the first list leaves it.
    assert!(
        !world
            .authority
            .end_issuer(&Actor::system(), TERMINALS)
            .unwrap()
    );
    assert!(
        world
            .authority
            .end_issuer(&Actor::system(), TERMINALS)
            .unwrap()
    );
    drop(before);
    let world = world.restart();
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    assert_eq!(published.len(), 16);
    assert!(published.iter().all(|crl| crl.next_update == UnixTime::MAX));
    assert!(due(&world, &publisher).is_empty());
    let again = publisher
        .publish_final(&Actor::system(), TERMINALS)
        .unwrap();
    assert!(again.is_empty());
}
