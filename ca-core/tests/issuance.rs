//! Issuance from request to outcome, through the real ledger and store.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use common::{FACILITY, p384, requester, rsa2048, terminal_order, world};
use der::Decode;
use kasane_ca_core::authority::{RevocationOrder, Status};
use kasane_ca_core::projection::certificate::CertificateKey;
use kasane_ca_core::registration::{CheckDigit, Identity, SystemRegistration};
use kasane_ca_core::{Actor, Error, Requester};
use kasane_verify::UnixTime;
use kasane_verify::certificate::GeneralName;
use kasane_verify::revocation::RevocationReason;
use sha2::{Digest, Sha384};
use x509_cert::Certificate;

#[test]
fn certificate_is_issued_recorded_and_good() {
    let world = world();
    let order = terminal_order("terminal-ecc", 1, &p384());
    let issued = world.authority.issue(&requester(), order).unwrap();
    assert_eq!(issued.outcome, issued.record + 1);
    let status = world
        .authority
        .status(&issued.issuer, &issued.serial)
        .unwrap();
    assert_eq!(status, Status::Good);
    let again = world
        .authority
        .certificate_by_serial(&issued.serial)
        .unwrap();
    assert_eq!(again.der.as_deref(), Some(issued.der.as_slice()));
}

#[test]
fn recorded_bytes_are_the_signed_bytes() {
    let world = world();
    let issued = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let entry = world.authority.entry(issued.record).unwrap();
    let kasane_ledger_schema::Event::CertificateRecorded(recorded) = entry.event else {
        panic!("no record at {}", issued.record);
    };
    let tbs = recorded.tbs.as_bytes();
    // The outer SEQUENCE has a four-octet header at this size.
    assert_eq!(&issued.der[4..4 + tbs.len()], tbs);
}

#[test]
fn same_request_key_gives_the_same_certificate() {
    let world = world();
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.request_key = Some("order-1".into());
    let first = world.authority.issue(&requester(), order.clone()).unwrap();
    let second = world.authority.issue(&requester(), order.clone()).unwrap();
    assert_eq!(first, second);
    let world = world.restart();
    assert_eq!(world.authority.issue(&requester(), order).unwrap(), first);
}

#[test]
fn same_request_key_with_another_request_is_refused() {
    let world = world();
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.request_key = Some("order-1".into());
    world.authority.issue(&requester(), order.clone()).unwrap();
    let mut other = terminal_order("terminal-ecc", 1, &p384());
    other.request_key = Some("order-1".into());
    let refused = world.authority.issue(&requester(), other).unwrap_err();
    assert_eq!(refused.code(), "request-key.reused");
    order.identity.number = "2".parse().unwrap();
    assert_eq!(
        world
            .authority
            .issue(&requester(), order)
            .unwrap_err()
            .code(),
        "request-key.reused"
    );
}

#[test]
fn request_keys_of_different_requesters_never_meet() {
    let world = world();
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.request_key = Some("order-1".into());
    let first = world.authority.issue(&requester(), order.clone()).unwrap();
    let second = world
        .authority
        .issue(&Requester::local_user(1001), order)
        .unwrap();
    assert_ne!(first.serial, second.serial);
}

#[test]
fn concurrent_calls_with_one_request_key_give_one_certificate() {
    let world = world();
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.request_key = Some("order-1".into());
    let serials: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let (authority, order) = (&world.authority, order.clone());
                scope.spawn(move || authority.issue(&requester(), order).unwrap().serial)
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(serials.iter().all(|serial| *serial == serials[0]));
}

#[test]
fn ecc_certificate_names_its_live_rsa_twin() {
    let world = world();
    let rsa = world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 1, rsa2048()));
    let rsa = rsa.unwrap();
    let ecc = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let value = related(&ecc.der).expect("relatedCertificate");
    assert!(
        value.ends_with(&Sha384::digest(&rsa.der)),
        "digest of the twin"
    );
    // Not once the twin is revoked.
    revoke(&world, &rsa);
    let ecc = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    assert_eq!(related(&ecc.der), None);
}

#[test]
fn key_of_another_profile_is_refused() {
    let world = world();
    let order = terminal_order("terminal-rsa", 1, &p384());
    assert_eq!(
        world
            .authority
            .issue(&requester(), order)
            .unwrap_err()
            .code(),
        "key.not-of-profile"
    );
}

#[test]
fn unregistered_holders_and_foreign_profiles_are_refused() {
    let world = world();
    let code = |profile: &str, number| {
        let order = terminal_order(profile, number, &p384());
        world
            .authority
            .issue(&requester(), order)
            .unwrap_err()
            .code()
    };
    let size = world.authority.ledger().size();
    assert_eq!(code("terminal-ecc", 3), "terminal.unknown");
    assert_eq!(code("server-ecc", 1), "profile.not-for-subject");
    assert_eq!(code("root-ecc", 1), "profile.not-for-subject");
    assert_eq!(code("no-such", 1), "profile.unknown");
    assert_eq!(world.authority.ledger().size(), size, "nothing recorded");
}

#[test]
fn renewal_follows_a_live_certificate_of_the_same_subject() {
    let world = world();
    let first = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let renewed = CertificateKey {
        issuer: first.issuer.clone(),
        serial: first.serial.clone(),
    };
    let mut order = terminal_order("terminal-ecc", 1, &p384());
    order.renews = Some(renewed.clone());
    world.authority.issue(&requester(), order.clone()).unwrap();
    let mut other = terminal_order("terminal-ecc", 2, &p384());
    other.renews = Some(renewed);
    assert_eq!(
        world
            .authority
            .issue(&requester(), other)
            .unwrap_err()
            .code(),
        "certificate.state"
    );
    revoke(&world, &first);
    assert_eq!(
        world
            .authority
            .issue(&requester(), order)
            .unwrap_err()
            .code(),
        "certificate.state"
    );
}

#[test]
fn revoked_certificate_is_revoked_once() {
    let world = world();
    let issued = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    revoke(&world, &issued);
    let status = world
        .authority
        .status(&issued.issuer, &issued.serial)
        .unwrap();
    assert!(
        matches!(
            status,
            Status::Revoked {
                reason: Some(4),
                ..
            }
        ),
        "{status:?}"
    );
    let again = world.authority.revoke(
        &Actor::system(),
        &RevocationOrder {
            issuer: &issued.issuer,
            serial: &issued.serial,
            reason: None,
            invalidity_date: None,
        },
    );
    assert!(matches!(again, Err(Error::AlreadyRevoked { .. })));
}

#[test]
fn terminal_recorded_as_incapable_may_renew_rsa_when_new_ones_are_refused() {
    let world = world();
    let first = world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 1, rsa2048()))
        .unwrap();
    let ended = world
        .authority
        .timeline()
        .date("rsa-enrolment-ends")
        .unwrap();
    world.clock.set(ended.plus_days(1));
    let fresh = world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 1, rsa2048()));
    assert_eq!(fresh.unwrap_err().code(), "policy.refused");
    let mut renewal = terminal_order("terminal-rsa", 1, rsa2048());
    renewal.renews = Some(CertificateKey {
        issuer: first.issuer,
        serial: first.serial,
    });
    let refused = world
        .authority
        .issue(&requester(), renewal.clone())
        .unwrap_err();
    assert_eq!(refused.code(), "policy.refused");
    let code =
        kasane_ca_core::registration::FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    world
        .authority
        .record_terminal_capability(&Actor::system(), &code, "1".parse().unwrap(), false, "LTSC")
        .unwrap();
    let renewed = world.authority.issue(&requester(), renewal).unwrap();
    let cap: UnixTime = world
        .authority
        .timeline()
        .date("rsa-end-entity-cap")
        .unwrap();
    assert!(renewed.not_after <= cap);
}

/// Its CA permits DNS names of the operator only, and Java takes a common name for one where there is
/// no other.
#[test]
fn system_client_below_constrained_dns_names_has_a_host_name_of_its_own() {
    let world = world();
    let batch = SystemRegistration::new("batch".parse().unwrap(), Vec::new(), false, true).unwrap();
    let registered = world.authority.register_system(&Actor::system(), &batch);
    registered.unwrap();
    for (profile, key, host) in [
        (
            "system-client-ecc",
            &p384(),
            Some("batch-1.id.kasane.example"),
        ),
        ("system-client-rsa", rsa2048(), None),
    ] {
        let mut order = terminal_order(profile, 1, key);
        order.identity = Identity::parse("system/batch/1", CheckDigit::Enforce).unwrap();
        let issued = world.authority.issue(&requester(), order).unwrap();
        let certificate = kasane_verify::certificate::Certificate::from_der(&issued.der).unwrap();
        let names = certificate.extensions().subject_alt_name.unwrap();
        let mut wanted = vec![GeneralName::Uri("https://id.kasane.example/system/batch/1")];
        wanted.extend(host.map(GeneralName::Dns));
        assert_eq!(names.iter().collect::<Vec<_>>(), wanted, "{profile}");
    }
}

#[test]
fn issuing_ca_close_to_its_end_shortens_what_it_signs() {
    let world = world();
    let issuer = world.authority.issuer("issuing-ecc-terminal").unwrap();
    world.clock.set(issuer.not_after.plus_days(-100));
    let issued = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()));
    // ECDSA issuance may have ended by then; if not, nothing outlives its issuer.
    match issued {
        Ok(issued) => assert!(issued.not_after <= issuer.not_after),
        Err(error) => assert_eq!(error.code(), "policy.refused"),
    }
}

fn revoke(world: &common::World, issued: &kasane_ca_core::pipeline::Issued) {
    let order = RevocationOrder {
        issuer: &issued.issuer,
        serial: &issued.serial,
        reason: Some(RevocationReason::Superseded),
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
}

fn related(der: &[u8]) -> Option<Vec<u8>> {
    let oid = "1.3.6.1.5.5.7.1.36".parse().unwrap();
    let certificate = Certificate::from_der(der).unwrap();
    let extensions = certificate.tbs_certificate().extensions()?;
    let found = extensions
        .iter()
        .find(|extension| extension.extn_id == oid)?;
    Some(found.extn_value.as_bytes().to_vec())
}
