use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::KeyAlgorithm;
use crate::certificate::GeneralName;
use crate::crl::index::{SCANNED_SLOTS, bucket, hash};
use crate::crl::tests::raw::{certificate_issuer, entry, extension, named, reason, tlv};

/// A CRL of `CN=Own` that nobody signed; version 1 without extensions.
fn unsigned(extensions: Option<&[u8]>, entries: &[Vec<u8>]) -> Vec<u8> {
    let algorithm = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let mut tbs = Vec::new();
    if extensions.is_some() {
        tbs.extend([2, 1, 1]);
    }
    tbs.extend(algorithm);
    tbs.extend(named("Own"));
    tbs.extend(tlv(0x17, b"280501000000Z"));
    tbs.extend(tlv(0x17, b"280601000000Z"));
    tbs.extend(tlv(0x30, &entries.concat()));
    if let Some(extensions) = extensions.filter(|it| !it.is_empty()) {
        tbs.extend(tlv(0xa0, &tlv(0x30, extensions)));
    }
    tlv(
        0x30,
        &[&tlv(0x30, &tbs)[..], &algorithm, &[3, 2, 0, 1]].concat(),
    )
}

fn version2(entries: &[Vec<u8>]) -> Vec<u8> {
    unsigned(Some(&[]), entries)
}

fn indirect(entries: &[Vec<u8>]) -> Vec<u8> {
    unsigned(Some(&extension(28, &[0x30, 3, 0x84, 1, 0xff])), entries)
}

/// Serial numbers of one to twenty octets that differ.
fn serial(number: u32) -> Vec<u8> {
    let mut serial = vec![0x40 | u8::try_from(number % 19).unwrap()];
    let mut state = u64::from(number);
    for _ in 0..number % 19 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        serial.push(state.to_be_bytes()[0]);
    }
    serial.extend(number.to_be_bytes());
    serial
}

#[test]
fn index_answers_as_a_scan_does() {
    let entries: Vec<_> = (0..3000)
        .map(|number| {
            let reasons = [reason(4)];
            entry(
                &serial(number * 2),
                &reasons[..usize::from(number % 3 == 0)],
            )
        })
        .collect();
    let crl = IndexedCrl::from_der(version2(&entries)).unwrap();
    assert_eq!(crl.entry_count(), 3000);
    for number in (0..6000).step_by(7) {
        let serial = serial(number);
        assert_eq!(crl.find(&serial), crl.list().find(&serial));
        assert_eq!(crl.find(&serial).unwrap().is_some(), number % 2 == 0);
    }
    assert_eq!(crl.find(&[]), Ok(None));
}

#[test]
fn colliding_serial_numbers_are_found() {
    const ENTRIES: usize = 400;
    let usual = entry(&[0x40; 5], &[]).len();
    let buckets = usual * ENTRIES / 256 + 1;
    let serials: Vec<_> = (0_u32..)
        .map(|number| [&[0x40][..], &number.to_be_bytes()].concat())
        .filter(|serial| bucket(hash(serial), buckets) == 3)
        .take(ENTRIES)
        .collect();
    // Backwards, so that sorting has something to do.
    let entries: Vec<_> = serials.iter().rev().map(|it| entry(it, &[])).collect();
    let (kept, left_out) = entries.split_at(ENTRIES - SCANNED_SLOTS);
    let same = vec![entry(&serials[40], &[reason(6)]); left_out.len()];
    let crl = IndexedCrl::from_der(version2(&[kept, &same].concat())).unwrap();
    for (number, serial) in serials.iter().enumerate() {
        let expected = match number {
            0..SCANNED_SLOTS => 0,
            40 => 1 + SCANNED_SLOTS,
            _ => 1,
        };
        assert_eq!(crl.entries_of(serial).count(), expected, "{number}");
    }
    let first = crl.entries_of(&serials[40]).next().unwrap().unwrap();
    assert_eq!(first.reason, None, "in the list's order");
}

#[test]
fn worst_entry_of_a_serial_number_wins() {
    let crl = IndexedCrl::from_der(version2(&[
        entry(&[7], &[reason(8)]),
        entry(&[7], &[reason(6)]),
        entry(&[7], &[reason(1)]),
        entry(&[7], &[reason(8)]),
        entry(&[8], &[reason(8)]),
        entry(&[8], &[reason(6)]),
    ]))
    .unwrap();
    let reason_of = |serial: u8| crl.find(&[serial]).unwrap().unwrap().reason;
    assert_eq!(reason_of(7), Some(RevocationReason::KeyCompromise));
    assert_eq!(reason_of(8), Some(RevocationReason::CertificateHold));
    let all: Vec<_> = crl
        .entries_of(&[7])
        .map(|it| it.unwrap().reason.unwrap().number())
        .collect();
    assert_eq!(all, [8, 6, 1, 8]);
}

#[test]
fn certificate_issuer_holds_until_the_next_one() {
    let (one, two) = (named("One"), named("Two"));
    let crl = IndexedCrl::from_der(indirect(&[
        entry(&[1], &[]),
        entry(&[2], &[certificate_issuer(&one)]),
        entry(&[1], &[reason(1)]),
        entry(&[1], &[certificate_issuer(&two), reason(4)]),
        entry(&[3], &[]),
    ]))
    .unwrap();
    let [one, two] = [&one, &two].map(|der| Name::from_der(der).unwrap());
    let reason_of = |issuer, serial: u8| {
        let found = crl.find_of(issuer, &[serial]).unwrap();
        found.map(|entry| entry.reason)
    };
    assert_eq!(reason_of(None, 1), Some(None));
    assert_eq!(
        reason_of(Some(one), 1),
        Some(Some(RevocationReason::KeyCompromise))
    );
    assert_eq!(
        reason_of(Some(two), 1),
        Some(Some(RevocationReason::Superseded))
    );
    assert_eq!(reason_of(None, 2), None);
    assert_eq!(reason_of(Some(one), 2), Some(None));
    assert_eq!(reason_of(Some(one), 3), None);
    assert_eq!(reason_of(Some(two), 3), Some(None));
    let inherited = crl.entries_of(&[3]).next().unwrap().unwrap();
    let names = inherited.certificate_issuer.unwrap();
    assert_eq!(names.iter().next(), Some(GeneralName::Directory(two)));
}

#[test]
fn other_issuers_need_an_indirect_crl_and_a_distinguished_name() {
    let own = [entry(&[1], &[certificate_issuer(&named("own"))])];
    assert!(IndexedCrl::from_der(version2(&own)).is_ok());
    let other = [entry(&[1], &[certificate_issuer(&named("Other"))])];
    assert_eq!(
        IndexedCrl::from_der(version2(&other)).unwrap_err(),
        CrlError::NotIndirect
    );
    let address = extension(29, &tlv(0x30, &tlv(0x82, b"example.com")));
    let error = IndexedCrl::from_der(indirect(&[entry(&[1], &[address])])).unwrap_err();
    assert_eq!(error.code(), "crl.extension");
}

#[test]
fn one_bad_entry_spoils_the_list() {
    let good = entry(&[1], &[]);
    let unknown = |critical: &[u8]| {
        let content = [&[6, 3, 0x55, 0x1d, 99], critical, &[4, 0]].concat();
        entry(&[2], &[tlv(0x30, &content)])
    };
    for (bad, code) in [
        (tlv(0x30, &[2, 1, 5]), "crl.malformed"),
        (tlv(0x31, &[]), "crl.malformed"),
        (entry(&[0, 1], &[]), "crl.malformed"),
        (entry(&[1], &[reason(7)]), "crl.extension"),
        (
            entry(&[1], &[reason(1), reason(1)]),
            "crl.duplicate_extension",
        ),
        (unknown(&[1, 1, 0xff]), "crl.critical_entry_extension"),
        (
            entry(&[1], &[extension(24, b"\x18\x1120280501000000.5Z")]),
            "crl.malformed",
        ),
    ] {
        let error = IndexedCrl::from_der(version2(&[good.clone(), bad])).unwrap_err();
        assert_eq!(error.code(), code);
    }
    assert!(IndexedCrl::from_der(version2(&[good.clone(), unknown(&[])])).is_ok());
    let early = entry(&[1], &[extension(24, b"\x17\x0d270501000000Z")]);
    assert!(IndexedCrl::from_der(version2(&[early])).is_ok());
}

#[test]
fn entry_extensions_need_version_2() {
    let plain = IndexedCrl::from_der(unsigned(None, &[entry(&[1], &[])])).unwrap();
    assert!(plain.find(&[1]).unwrap().is_some());
    assert_eq!(
        IndexedCrl::from_der(unsigned(None, &[entry(&[1], &[reason(1)])])).unwrap_err(),
        CrlError::Version
    );
}

#[test]
fn crl_number_is_neither_negative_nor_long() {
    for (value, good) in [
        (&[2, 1, 0x80][..], false),
        (&[2, 1, 0x7f], true),
        (&[2, 2, 0, 0x7f], false),
        (&tlv(2, &[0x20; 20]), true),
        (&tlv(2, &[0x20; 21]), false),
    ] {
        let crl = IndexedCrl::from_der(unsigned(Some(&extension(20, value)), &[]));
        assert_eq!(crl.is_ok(), good, "{value:?}");
    }
}

#[test]
fn distribution_point_is_der() {
    for (value, good) in [
        (&[0x30, 3, 0x81, 1, 0][..], true),
        (&[0x30, 3, 0x81, 1, 0xff], true),
        (&[0x30, 3, 0x81, 1, 1], false),
        (&[0x30, 2, 0x81, 0], false),
        (&[0x30, 3, 0x86, 1, 0xff], false),
        (&[0x30, 6, 0x82, 1, 0xff, 0x81, 1, 0xff], false),
        (&[0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff], false),
    ] {
        let crl = IndexedCrl::from_der(unsigned(Some(&extension(28, value)), &[]));
        assert_eq!(crl.is_ok(), good, "{value:?}");
    }
}

#[derive(Debug)]
struct Counting(Arc<dyn PublicKey>, AtomicU32);

impl PublicKey for Counting {
    fn algorithm(&self) -> KeyAlgorithm {
        self.0.algorithm()
    }

    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.verify(algorithm, message, signature)
    }
}

#[test]
fn signature_is_checked_once_for_each_key() {
    let (issuer, other) = (Entity::new("Issuing"), Entity::new("Issuing"));
    let crl = IndexedCrl::from_der(signed(&issuer, |_| {})).unwrap();
    let [right, wrong] = [&issuer, &other].map(|entity| {
        let spki = entity.key.subject_public_key_info();
        let key = AwsLc.public_key(&spki).unwrap();
        (Counting(key, AtomicU32::new(0)), spki)
    });
    let check = |(key, spki): &(Counting, Vec<u8>)| {
        let verdict = crl.verify_signature(key, spki);
        (verdict, key.1.load(Ordering::Relaxed))
    };
    assert_eq!(check(&wrong), (Err(CrlError::BadSignature), 1));
    assert_eq!(check(&right), (Ok(()), 1));
    assert_eq!(check(&right), (Ok(()), 1));
    assert_eq!(check(&wrong), (Err(CrlError::BadSignature), 2));
    assert_eq!(check(&right), (Ok(()), 1));
}

#[test]
fn shared_and_small() {
    fn shared<T: Send + Sync>(_: &T) {}
    let entries: Vec<_> = (0..10_000_u32)
        .map(|number| {
            let serial = [&[0x40; 16][..], &number.to_be_bytes()].concat();
            entry(&serial, &[])
        })
        .collect();
    let der = version2(&entries);
    let length = der.len();
    let crl = IndexedCrl::from_der(der).unwrap();
    shared(&crl);
    assert!(crl.memory_bytes() * 10 <= length * 12);
    assert_eq!(
        IndexedCrl::from_der(vec![0; MAX_CRL_BYTES + 1])
            .unwrap_err()
            .code(),
        "crl.too_long"
    );
}
