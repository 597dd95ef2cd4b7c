mod indexed;
pub(crate) mod raw;

use super::*;
use crate::crypto::{AwsLc, CryptoProvider};
use crate::revocation::RevocationReason;
use crate::test_support::Entity;
use rcgen::PublicKeyData;

/// A CRL of `issuer` over serial numbers 5 and 77, with changes.
pub(crate) fn signed(
    issuer: &Entity,
    change: impl FnOnce(&mut rcgen::CertificateRevocationListParams),
) -> Vec<u8> {
    let mut own = rcgen::CertificateParams::default();
    own.distinguished_name = issuer.name.clone();
    own.key_identifier_method = rcgen::KeyIdMethod::Sha256;
    let entry = |serial: u64, reason_code| rcgen::RevokedCertParams {
        serial_number: rcgen::SerialNumber::from(serial),
        revocation_time: rcgen::date_time_ymd(2028, 5, 1),
        reason_code,
        invalidity_date: None,
    };
    let mut params = rcgen::CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2028, 5, 30),
        next_update: rcgen::date_time_ymd(2028, 6, 3),
        crl_number: rcgen::SerialNumber::from(300_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![
            entry(5, Some(rcgen::RevocationReason::KeyCompromise)),
            entry(77, None),
        ],
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    change(&mut params);
    params
        .signed_by(&rcgen::Issuer::from_params(&own, &issuer.key))
        .unwrap()
        .der()
        .to_vec()
}

#[test]
fn fields_and_entries_are_read() {
    let issuer = Entity::new("Issuing");
    let der = signed(&issuer, |_| {});
    let crl = CertificateList::from_der(&der).unwrap();
    assert_eq!(crl.issuer().to_string(), "CN=Issuing,O=Example,C=JP");
    assert_eq!(crl.number(), Some(&[1, 44][..]));
    assert_eq!(
        crl.next_update(),
        Some("2028-06-03T00:00:00Z".parse().unwrap())
    );
    assert!(crl.base_number().is_none() && crl.unknown_critical().is_none());
    assert_eq!(crl.entries().count(), 2);
    let found = crl.find(&[5]).unwrap().unwrap();
    assert_eq!(found.reason, Some(RevocationReason::KeyCompromise));
    assert_eq!(
        found.revocation_date,
        "2028-05-01T00:00:00Z".parse().unwrap()
    );
    assert_eq!(crl.find(&[77]).unwrap().unwrap().reason, None);
    assert_eq!(crl.find(&[6]).unwrap(), None);
}

#[test]
fn signature_is_of_the_issuer_over_these_octets() {
    let issuer = Entity::new("Issuing");
    let mut der = signed(&issuer, |_| {});
    let key = AwsLc
        .public_key(&issuer.key.subject_public_key_info())
        .unwrap();
    assert_eq!(
        CertificateList::from_der(&der)
            .unwrap()
            .verify_signature(&*key),
        Ok(())
    );
    let other = Entity::new("Issuing");
    let other = AwsLc
        .public_key(&other.key.subject_public_key_info())
        .unwrap();
    let crl = CertificateList::from_der(&der).unwrap();
    assert_eq!(crl.verify_signature(&*other), Err(CrlError::BadSignature));
    let name = der.windows(7).position(|it| it == b"Issuing").unwrap();
    der[name] = b'i';
    let crl = CertificateList::from_der(&der).unwrap();
    assert_eq!(crl.verify_signature(&*key), Err(CrlError::BadSignature));
}

#[test]
fn changed_octets_never_panic_and_malformed_entries_end_the_search() {
    let der = signed(&Entity::new("Issuing"), |params| {
        params.issuing_distribution_point = Some(rcgen::CrlIssuingDistributionPoint {
            distribution_point: rcgen::CrlDistributionPoint {
                uris: vec!["http://crl.kasane.example/0.crl".to_owned()],
            },
            scope: Some(rcgen::CrlScope::UserCertsOnly),
        });
    });
    let point = CertificateList::from_der(&der)
        .unwrap()
        .issuing_distribution_point()
        .unwrap();
    assert_eq!(
        point.uris().collect::<Vec<_>>(),
        ["http://crl.kasane.example/0.crl"]
    );
    assert_eq!(point.scope, CertificateScope::EndEntities);
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0x20, 0xff] {
            let mut changed = der.clone();
            changed[position] ^= change;
            if let Ok(crl) = CertificateList::from_der(&changed) {
                let count = crl.entries().count();
                assert!(count <= 3, "entries end");
                let _ = crl.find(&[6]);
            }
        }
    }
}
