use super::*;
use crate::test_support::{Entity, ca, client, extension};
use crate::{KeyAlgorithm, SignatureAlgorithm};
use proptest::prelude::*;
use rcgen::CertificateParams;

fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let root = Entity::new("Root");
    root.issue(&Entity::p384("leaf"), change)
}

#[test]
fn fields_are_borrowed_from_the_der() {
    let der = certificate(client);
    let parsed = Certificate::from_der(&der).unwrap();
    assert_eq!(parsed.der(), der);
    assert_eq!(parsed.serial_hex(), "04d2");
    assert_eq!(parsed.subject().to_string(), "CN=leaf,O=Example,C=JP");
    assert_eq!(parsed.issuer().to_string(), "CN=Root,O=Example,C=JP");
    assert_eq!(parsed.not_before(), "2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(parsed.not_after(), "2031-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(
        parsed.signature_algorithm(),
        Ok(SignatureAlgorithm::EcdsaSha256)
    );
    assert_eq!(
        parsed.public_key_info().unwrap().algorithm(),
        KeyAlgorithm::P384
    );
    let extensions = parsed.extensions();
    assert!(extensions.key_usage.unwrap().digital_signature());
    assert!(!extensions.key_usage.unwrap().key_cert_sign());
    assert!(
        extensions
            .extended_key_usage
            .unwrap()
            .contains(crate::oid::CLIENT_AUTH)
    );
    assert!(extensions.authority_key_id.unwrap().key_id.is_some());
    assert!(extensions.unknown_critical.is_none());
    assert_eq!(parsed.subject_uris().count(), 1);
    assert!(!parsed.is_ca() && !parsed.is_self_issued());
}

#[test]
fn authority_extensions_are_read() {
    let der = certificate(|params| {
        ca(Some(3))(params);
        // Both distribution points of one certificate: {fullName http://a/} each.
        let points = [0x30, 17, 0x30, 15, 0xa0, 13, 0xa0, 11, 0x86, 9];
        let points = [&points[..], b"http://a/"].concat();
        params.custom_extensions.push(extension(31, false, &points));
        params.custom_extensions.push(extension(46, false, &points));
        let mut access = rcgen::CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 1],
            [
                &[
                    0x30, 23, 0x30, 21, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 0x86, 9,
                ][..],
                b"http://o/",
            ]
            .concat(),
        );
        access.set_criticality(false);
        params.custom_extensions.push(access);
        params
            .custom_extensions
            .push(rcgen::CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 48, 1, 5],
                vec![5, 0],
            ));
        params
            .custom_extensions
            .push(rcgen::CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 36],
                hex::decode("300f300b0609608648016503040201 0400".replace(' ', "")).unwrap(),
            ));
    });
    let parsed = Certificate::from_der(&der).unwrap();
    let extensions = parsed.extensions();
    assert_eq!(extensions.basic_constraints.unwrap().path_len, Some(3));
    assert_eq!(
        extensions
            .crl_distribution_points
            .unwrap()
            .uris()
            .collect::<Vec<_>>(),
        ["http://a/"]
    );
    assert_eq!(extensions.freshest_crl.unwrap().uris().count(), 1);
    assert_eq!(
        extensions
            .authority_info_access
            .unwrap()
            .ocsp_uris()
            .collect::<Vec<_>>(),
        ["http://o/"]
    );
    assert!(extensions.ocsp_no_check);
    assert_eq!(
        extensions
            .related_certificate
            .unwrap()
            .hash_algorithm
            .to_string(),
        "2.16.840.1.101.3.4.2.1"
    );
}

#[test]
fn repeated_extension_is_refused() {
    let der = certificate(|params| {
        client(params);
        params.custom_extensions.push(extension(99, false, &[5, 0]));
        params.custom_extensions.push(extension(99, false, &[5, 0]));
    });
    assert_eq!(
        Certificate::from_der(&der).unwrap_err().code(),
        "certificate.duplicate_extension"
    );
}

#[test]
fn malformed_known_extension_is_refused_by_name() {
    for (number, value) in [
        (15, &[3, 1, 0][..]),
        (17, &[0x30, 0]),
        (30, &[0x30, 0]),
        (32, &[0x30, 0]),
        (36, &[0x30, 0]),
        (37, &[0x30, 0]),
        (54, &[2, 1, 0xff]),
    ] {
        let der = certificate(|params| {
            params
                .custom_extensions
                .push(extension(number, false, value))
        });
        let error = Certificate::from_der(&der).unwrap_err();
        assert_eq!(error.code(), "certificate.extension", "{number}");
        assert!(
            error.to_string().contains(&format!("2.5.29.{number}")),
            "{error}"
        );
    }
}

#[test]
fn inner_and_outer_algorithm_must_be_equal() {
    let mut der = certificate(client);
    // ecdsa-with-SHA256 ends in 04 03 02; the second occurrence is the outer one.
    let oid = hex::decode("2a8648ce3d040302").unwrap();
    let outer = der.windows(oid.len()).rposition(|it| it == oid).unwrap();
    der[outer + oid.len() - 1] = 3;
    assert_eq!(
        Certificate::from_der(&der).unwrap_err(),
        CertificateError::AlgorithmMismatch
    );
}

#[test]
fn trailing_octets_and_too_long_ones_are_refused() {
    let mut der = certificate(client);
    der.push(0);
    assert_eq!(
        Certificate::from_der(&der).unwrap_err().code(),
        "certificate.malformed"
    );
    let long = vec![0x30; MAX_CERTIFICATE_BYTES + 1];
    assert_eq!(
        Certificate::from_der(&long).unwrap_err().code(),
        "certificate.too_long"
    );
}

fn exercise(der: &[u8]) {
    if let Ok(parsed) = Certificate::from_der(der) {
        let extensions = parsed.extensions();
        let _ = (
            parsed.to_string(),
            extensions.iter().count(),
            parsed.public_key_info().is_ok(),
        );
        let _ = (
            parsed.signature_algorithm().is_ok(),
            parsed.is_self_issued(),
        );
        let _ = extensions.certificate_policies.map(|it| it.iter().count());
        let _ = extensions
            .crl_distribution_points
            .map(|it| it.uris().count());
    }
}

proptest! {
    #[test]
    fn arbitrary_octets_never_panic(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        exercise(&octets);
        let _ = crate::pem::certificates(&octets);
        let _ = Name::from_der(&octets).map(|name| name.to_string());
        let _ = PublicKeyInfo::from_der(&octets);
        let _ = read_algorithm(&octets);
        let _ = crate::crl::CertificateList::from_der(&octets);
        let _ = crate::ocsp::OcspRequest::parse(&octets);
        let _ = crate::ocsp::OcspResponse::parse(&octets).map(|it| it.basic().is_ok());
        let _ = crate::ocsp::BasicOcspResponse::from_der(&octets);
    }
}

#[test]
fn every_changed_octet_is_read_or_refused_without_panic() {
    let der = certificate(|params| {
        ca(Some(0))(params);
        params
            .custom_extensions
            .push(extension(32, false, &[0x30, 6, 0x30, 4, 6, 2, 0x2a, 3]));
        params
            .custom_extensions
            .push(extension(36, true, &[0x30, 3, 0x80, 1, 0]));
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("a.example".to_owned())],
            excluded_subtrees: vec![],
        });
    });
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0x20, 0xff] {
            let mut changed = der.clone();
            changed[position] ^= change;
            exercise(&changed);
        }
        exercise(&der[..position]);
    }
}

#[test]
fn related_certificate_is_recognised_by_its_digest() {
    use crate::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};
    let twin = certificate(client);
    let digest = AwsLc.digest(DigestAlgorithm::Sha256, &twin);
    let value = [
        &hex::decode("302f300b06096086480165030402010420").unwrap()[..],
        digest.as_bytes(),
    ]
    .concat();
    let der = certificate(|params| {
        params
            .custom_extensions
            .push(rcgen::CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 36],
                value,
            ));
    });
    let parsed = Certificate::from_der(&der).unwrap();
    let related = parsed.extensions().related_certificate.unwrap();
    assert!(related.is(&AwsLc, &twin));
    assert!(!related.is(&AwsLc, &der));
}
