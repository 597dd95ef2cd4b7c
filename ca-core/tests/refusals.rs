//! What an authority does not certify, however well-formed the request.

mod common;

use common::{World, p384, requester, terminal_order, world};
use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::registration::{DnsName, SystemRegistration, Wildcard};
use kasane_ca_core::{Actor, Error};
use kasane_verify::revocation::RevocationReason;

fn revoke(world: &World, issuer: &str, serial: &[u8]) -> Result<(), Error> {
    let reason = Some(RevocationReason::KeyCompromise);
    let order = RevocationOrder {
        issuer,
        serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).map(|_| ())
}

fn issue(world: &World, number: u16, key: &rcgen::KeyPair) -> Result<Issued, Error> {
    world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", number, key))
}

#[test]
fn clock_behind_the_ledger_issues_nothing_until_it_is_accepted() {
    let world = world();
    world.clock.set(common::now().plus_seconds(-3_600));
    assert_eq!(
        issue(&world, 1, &p384()).unwrap_err().code(),
        "clock.behind"
    );
    world
        .authority
        .accept_clock(&Actor::system(), "the clock was an hour ahead")
        .unwrap();
    // The authority itself is younger than that: nothing may begin before its issuer.
    let refused = issue(&world, 1, &p384()).unwrap_err();
    assert_eq!(refused.code(), "lint.findings", "{refused}");
}

#[test]
fn clock_set_back_a_little_does_no_harm() {
    let world = world();
    world.clock.set(common::now().plus_days(1));
    issue(&world, 1, &p384()).unwrap();
    world
        .clock
        .set(common::now().plus_days(1).plus_seconds(-120));
    issue(&world, 1, &p384()).unwrap();
}

#[test]
fn revoked_ca_certifies_nobody_but_still_signs_status() {
    let world = world();
    let ca = world.authority.issuer("issuing-ecc-terminal").unwrap();
    revoke(&world, "root-ecc", &ca.serial).unwrap();
    assert_eq!(
        issue(&world, 1, &p384()).unwrap_err().code(),
        "issuer.unknown"
    );
    assert!(
        world.authority.issuer("issuing-ecc-terminal").is_ok(),
        "for CRLs and OCSP"
    );
}

#[test]
fn root_cannot_revoke_itself() {
    let world = world();
    let root = world.authority.issuer("root-ecc").unwrap();
    let refused = revoke(&world, "root-ecc", &root.serial).unwrap_err();
    assert_eq!(refused.code(), "certificate.state");
}

#[test]
fn key_revoked_as_compromised_is_never_certified_again() {
    let world = world();
    let key = p384();
    let issued = issue(&world, 1, &key).unwrap();
    revoke(&world, &issued.issuer, &issued.serial).unwrap();
    assert_eq!(
        issue(&world, 1, &key).unwrap_err().code(),
        "key.compromised"
    );
    issue(&world, 1, &p384()).unwrap();
}

#[test]
fn key_of_another_subject_is_refused() {
    let world = world();
    let key = p384();
    issue(&world, 1, &key).unwrap();
    issue(&world, 1, &key).unwrap();
    assert_eq!(issue(&world, 2, &key).unwrap_err().code(), "key.of-another");
}

#[test]
fn servers_outside_the_operators_domain_are_not_registered() {
    let world = world();
    for (name, fits) in [
        ("portal.kasane.example", true),
        ("kasane.example", true),
        ("evil.example.com", false),
        ("notkasane.example", false),
    ] {
        let dns_name = DnsName::parse(name, Wildcard::Refuse).unwrap();
        let identifier = name.replace('.', "-").parse().unwrap();
        let system = SystemRegistration::new(identifier, vec![dns_name], true, false).unwrap();
        let registered = world.authority.register_system(&Actor::system(), &system);
        match registered {
            Ok(_) => assert!(fits, "{name}"),
            Err(error) => {
                assert!(!fits, "{name}: {error}");
                assert_eq!(error.code(), "system.name-outside-domain");
            }
        }
    }
}

#[test]
fn request_key_of_an_issue_is_not_that_of_a_renewal() {
    let world = world();
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.request_key = Some("order-1".into());
    let first = world.authority.issue(&requester(), order.clone()).unwrap();
    order.renews = Some(kasane_ca_core::projection::certificate::CertificateKey {
        issuer: first.issuer,
        serial: first.serial,
    });
    let refused = world.authority.issue(&requester(), order).unwrap_err();
    assert_eq!(refused.code(), "request-key.reused");
}

#[test]
fn clock_that_is_not_behind_has_nothing_to_accept() {
    let world = world();
    let accepted = world.authority.accept_clock(&Actor::system(), "anything");
    assert_eq!(accepted.unwrap_err().code(), "argument.bad");
}

#[test]
fn lesser_revocation_can_become_a_compromise_and_keeps_its_date() {
    let world = world();
    let key = p384();
    let issued = issue(&world, 1, &key).unwrap();
    let order = RevocationOrder {
        issuer: &issued.issuer,
        serial: &issued.serial,
        reason: Some(RevocationReason::Superseded),
        invalidity_date: None,
    };
    let first = world.authority.revoke(&Actor::system(), &order).unwrap();
    world.clock.set(common::now().plus_days(1));
    revoke(&world, &issued.issuer, &issued.serial).unwrap();
    let row = world
        .authority
        .certificate(&issued.issuer, &issued.serial)
        .unwrap()
        .row;
    let now = row.revocation.unwrap();
    assert_eq!((now.date, now.reason), (first.date, Some(1)));
    assert_eq!(
        issue(&world, 1, &key).unwrap_err().code(),
        "key.compromised"
    );
    let again = revoke(&world, &issued.issuer, &issued.serial).unwrap_err();
    assert_eq!(again.code(), "certificate.already-revoked");
}
