//! The bytes of a `TBSCertList`.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

use der::{Decode, Encode};
use kasane_ca_core::pipeline::{CrlPlan, RevokedEntry, SignerIdentity};
use kasane_crl::TbsEncoder;
use kasane_hsm::{KeyLabel, KeyRole, Priority};
use kasane_verify::{KeyAlgorithm, UnixTime};
use x509_cert::crl::TbsCertList;
use x509_cert::name::Name;
use x509_cert::time::Time;

fn at(text: &str) -> UnixTime {
    text.parse().unwrap()
}

fn plan(algorithm: KeyAlgorithm) -> CrlPlan {
    let subject: Name = "CN=Issuing,O=Test,C=JP".parse().unwrap();
    let now = at("2026-11-20T03:00:00Z");
    CrlPlan {
        signer: SignerIdentity {
            name: "issuing".into(),
            subject_der: subject.to_der().unwrap(),
            subject,
            ski: vec![0x5a; 20],
            key_algorithm: algorithm,
            key_label: Some(KeyLabel::new("issuing").unwrap()),
            key_role: KeyRole::IssuingCa,
            not_before: None,
            not_after: None,
        },
        shard: 3,
        number: 200,
        previous_number: None,
        base_number: None,
        this_update: now,
        next_update: now.plus_days(4),
        idp_uri: Some("http://status.test/crl/issuing/3.crl".into()),
        freshest_crl_uris: Vec::new(),
        entries: 0,
        as_of: 0,
        now,
        priority: Priority::Status,
    }
}

const fn entry_at(serial: &[u8], date: UnixTime, reason: Option<u8>) -> RevokedEntry<'_> {
    RevokedEntry {
        serial,
        date,
        reason,
        invalidity_date: None,
    }
}

fn entry(serial: &[u8], reason: Option<u8>) -> RevokedEntry<'_> {
    entry_at(serial, at("2026-11-19T00:00:00Z"), reason)
}

fn encode(plan: &CrlPlan, entries: &[RevokedEntry<'_>]) -> Result<Vec<u8>, der::Error> {
    let mut encoder = TbsEncoder::begin(plan, 0)?;
    for entry in entries {
        encoder.push(entry)?;
    }
    Ok(encoder.finish()?.tbs().to_vec())
}

fn build(plan: &CrlPlan, entries: &[RevokedEntry<'_>]) -> TbsCertList {
    let der = encode(plan, entries).unwrap();
    let list = TbsCertList::from_der(&der).unwrap();
    // Another encoder makes the same of what it has read.
    assert_eq!(list.to_der().unwrap(), der);
    list
}

#[test]
fn empty_crl_has_no_list_of_entries() {
    let crl = build(&plan(KeyAlgorithm::P384), &[]);
    assert_eq!(crl.revoked_certificates, None);
    assert!(crl.signature.parameters.is_none());
    let rsa = build(&plan(KeyAlgorithm::Rsa { bits: 3072 }), &[]);
    assert!(rsa.signature.parameters.unwrap().is_null());
}

#[test]
fn entries_come_in_the_order_of_their_serials_value_or_not_at_all() {
    let plan = plan(KeyAlgorithm::P384);
    let entries = [
        entry(&[1], None),
        entry(&[2], None),
        entry(&[0x7f], None),
        entry(&[1, 0], None),
    ];
    for bad in [[1, 0], [3, 1], [2, 2]] {
        let wrong = bad.map(|index| entries[index]);
        assert!(encode(&plan, &wrong).is_err(), "{bad:?}");
    }
    let crl = build(&plan, &entries);
    let serials: Vec<_> = crl
        .revoked_certificates
        .unwrap()
        .iter()
        .map(|it| it.serial_number.as_bytes().to_vec())
        .collect();
    assert_eq!(serials, [vec![1], vec![2], vec![0x7f], vec![1, 0]]);
}

#[test]
fn unspecified_is_said_by_no_reason_and_unused_numbers_are_refused() {
    let plan = plan(KeyAlgorithm::P384);
    for silent in [None, Some(0)] {
        let crl = build(&plan, &[entry(&[1], silent)]);
        let revoked = crl.revoked_certificates.unwrap();
        assert_eq!(revoked[0].crl_entry_extensions, None, "{silent:?}");
    }
    let crl = build(&plan, &[entry(&[1], Some(4))]);
    let extensions = crl.revoked_certificates.unwrap()[0]
        .crl_entry_extensions
        .clone()
        .unwrap();
    assert_eq!(extensions[0].extn_value.as_bytes(), [0x0a, 1, 4]);
    assert!(!extensions[0].critical);
    assert!(encode(&plan, &[entry(&[1], Some(7))]).is_err());
    assert!(encode(&plan, &[entry(&[1], Some(255))]).is_err());
}

#[test]
fn times_are_utc_time_until_2049_and_generalized_time_from_2050() {
    let mut plan = plan(KeyAlgorithm::P384);
    plan.this_update = at("2049-12-31T23:59:59Z");
    plan.next_update = at("2050-01-01T00:00:00Z");
    let mut revoked = entry(&[1], None);
    revoked.invalidity_date = Some(at("2026-11-18T00:00:00Z"));
    let crl = build(&plan, &[revoked]);
    assert!(matches!(crl.this_update, Time::UtcTime(_)));
    assert!(matches!(crl.next_update, Some(Time::GeneralTime(_))));
    let entry = &crl.revoked_certificates.unwrap()[0];
    assert!(matches!(entry.revocation_date, Time::UtcTime(_)));
    // RFC 5280 §5.3.2: the invalidity date is GeneralizedTime in every year.
    let extension = &entry.crl_entry_extensions.as_ref().unwrap()[0];
    assert_eq!(extension.extn_value.as_bytes(), b"\x18\x0f20261118000000Z");
}

#[test]
fn clock_that_was_set_back_does_not_put_dates_into_the_future() {
    let plan = plan(KeyAlgorithm::P384);
    let mut late = entry(&[1], None);
    late.date = plan.this_update.plus_days(1);
    let crl = build(&plan, &[late]);
    let date = crl.revoked_certificates.unwrap()[0].revocation_date;
    assert_eq!(date, crl.this_update);
}

#[test]
fn lists_of_every_length_are_whole() {
    let plan = plan(KeyAlgorithm::P384);
    // Around the places where a length takes another octet.
    for count in [1_u32, 2, 3, 6, 7, 1_300, 1_400, 2_000] {
        let serials: Vec<[u8; 4]> = (1..=count).map(|n| (n << 8 | 1).to_be_bytes()).collect();
        let entries: Vec<_> = serials
            .iter()
            .map(|serial| {
                let start = serial.iter().position(|octet| *octet != 0).unwrap();
                entry(&serial[start..], Some((serial[2] % 7).min(5)))
            })
            .collect();
        let crl = build(&plan, &entries);
        assert_eq!(crl.revoked_certificates.unwrap().len(), entries.len());
    }
}

#[test]
fn delta_indicator_and_distribution_point_are_critical() {
    let mut plan = plan(KeyAlgorithm::P384);
    plan.base_number = Some(199);
    let crl = build(&plan, &[]);
    let critical: Vec<_> = crl
        .crl_extensions
        .unwrap()
        .iter()
        .filter(|extension| extension.critical)
        .map(|extension| extension.extn_id.to_string())
        .collect();
    assert_eq!(critical, ["2.5.29.27", "2.5.29.28"]);
}
