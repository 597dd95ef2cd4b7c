//! Attestation certificates and the chain above them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use der::{
    Decode, DecodePem, Encode,
    asn1::{BitString, ObjectIdentifier, OctetString, Uint, Utf8StringRef},
};
use kasane_hsm_simulator::attestation::ROOT_COMMON_NAME;
use x509_cert::Certificate;
use yubihsm::{Capability, Domain, asymmetric::Algorithm};

use crate::support::{client, label, simulator};

/// The content of Yubico's extension of this last arc.
fn extension(certificate: &Certificate, last: u32) -> Option<Vec<u8>> {
    let oid: ObjectIdentifier = format!("1.3.6.1.4.1.41482.4.{last}").parse().unwrap();
    certificate
        .tbs_certificate()
        .extensions()
        .unwrap()
        .iter()
        .find(|extension| extension.extn_id == oid)
        .map(|extension| extension.extn_value.as_bytes().to_vec())
}

fn assert_signed_by(
    certificate: &Certificate,
    issuer: &Certificate,
    algorithm: &'static dyn VerificationAlgorithm,
) {
    assert_eq!(
        certificate.tbs_certificate().issuer(),
        issuer.tbs_certificate().subject()
    );
    let key = issuer.tbs_certificate().subject_public_key_info();
    UnparsedPublicKey::new(algorithm, key.subject_public_key.raw_bytes())
        .verify(
            &certificate.tbs_certificate().to_der().unwrap(),
            certificate.signature().raw_bytes(),
        )
        .unwrap();
}

#[test]
fn chain_leads_to_a_root_that_says_simulator() {
    let simulator = simulator();
    let client = client(&simulator);
    let root = Certificate::from_pem(&simulator.listening().attestation_root_pem).unwrap();
    let subject = root.tbs_certificate().subject().to_string();
    assert_eq!(subject, format!("CN={ROOT_COMMON_NAME}"));
    assert_eq!(
        subject,
        "CN=KASANE YUBIHSM 2 SIMULATOR ATTESTATION ROOT - NOT A DEVICE"
    );
    let device = Certificate::from_der(&client.get_opaque(0).unwrap()).unwrap();
    assert_signed_by(&root, &root, &ECDSA_P256_SHA256_ASN1);
    assert_signed_by(&device, &root, &ECDSA_P256_SHA256_ASN1);
    let may = Capability::SIGN_ECDSA | Capability::EXPORTABLE_UNDER_WRAP;
    let domains = Domain::DOM1 | Domain::DOM9;
    let named = yubihsm::object::Label::from_bytes("発行局 2027".as_bytes()).unwrap();
    for (id, algorithm) in [
        (0x1234, Algorithm::EcP384),
        (0xfedc, Algorithm::Rsa3072),
        (3, Algorithm::Ed25519),
    ] {
        client
            .generate_asymmetric_key(id, named.clone(), domains, may, algorithm)
            .unwrap();
        let attested = client.sign_attestation_certificate(id, None).unwrap();
        let attested = Certificate::from_der(attested.as_slice()).unwrap();
        assert_signed_by(&attested, &device, &RSA_PKCS1_2048_8192_SHA256);
        let tbs = attested.tbs_certificate();
        assert_eq!(tbs.validity(), device.tbs_certificate().validity());
        assert_eq!(
            tbs.subject().to_string(),
            format!("CN=YubiHSM Attestation id:0x{id:04x}")
        );
        assert_eq!(tbs.serial_number().as_bytes().len(), 16);
        let value = |last| extension(&attested, last).unwrap();
        let firmware = OctetString::from_der(&value(1)).unwrap();
        assert_eq!(firmware.as_bytes(), [2, 4, 0]);
        let serial = Uint::from_der(&value(2)).unwrap();
        assert_eq!(
            serial.as_bytes(),
            simulator.listening().serial.to_be_bytes()
        );
        let origin = BitString::from_der(&value(3)).unwrap();
        assert_eq!(origin.raw_bytes(), [1]);
        let in_domains = BitString::from_der(&value(4)).unwrap();
        assert_eq!(in_domains.raw_bytes(), domains.bits().to_be_bytes());
        let capabilities = BitString::from_der(&value(5)).unwrap();
        assert_eq!(capabilities.raw_bytes(), may.bits().to_be_bytes());
        let object = u16::from_der(&value(6)).unwrap();
        assert_eq!(object, id);
        let text = value(9);
        assert_eq!(
            Utf8StringRef::from_der(&text).unwrap().as_str(),
            "発行局 2027"
        );
        // The certificate is about the very key.
        let key = tbs.subject_public_key_info().subject_public_key.raw_bytes();
        let public = client.get_public_key(id).unwrap().bytes;
        assert!(
            key.windows(public.len()).any(|part| part == public),
            "{algorithm:?}"
        );
    }
    assert_eq!(
        extension(&device, 2),
        Some(
            Uint::new(&simulator.listening().serial.to_be_bytes())
                .unwrap()
                .to_der()
                .unwrap()
        )
    );
    assert_eq!(extension(&device, 6), None);
}

#[test]
fn imported_key_is_attested_as_imported() {
    let simulator = simulator();
    let client = client(&simulator);
    client
        .put_asymmetric_key(
            9,
            label(),
            Domain::DOM1,
            Capability::SIGN_ECDSA,
            Algorithm::EcP384,
            [7; 48],
        )
        .unwrap();
    let attested = client.sign_attestation_certificate(9, None).unwrap();
    let attested = Certificate::from_der(attested.as_slice()).unwrap();
    let origin = BitString::from_der(&extension(&attested, 3).unwrap()).unwrap();
    assert_eq!(origin.raw_bytes(), [2]);
}

#[test]
fn own_attestation_key_needs_its_certificate_and_capability() {
    let simulator = simulator();
    let client = client(&simulator);
    let make = |id, may| {
        client
            .generate_asymmetric_key(id, label(), Domain::DOM1, may, Algorithm::EcP256)
            .unwrap()
    };
    make(1, Capability::SIGN_ECDSA);
    make(2, Capability::SIGN_ATTESTATION_CERTIFICATE);
    client.sign_attestation_certificate(1, Some(2)).unwrap_err();
    let certificate = client.sign_attestation_certificate(2, None).unwrap();
    client
        .put_opaque(
            2,
            label(),
            Domain::DOM1,
            Capability::empty(),
            yubihsm::opaque::Algorithm::X509Certificate,
            certificate.into_vec(),
        )
        .unwrap();
    let attesting = Certificate::from_der(&client.get_opaque(2).unwrap()).unwrap();
    let attested = client.sign_attestation_certificate(1, Some(2)).unwrap();
    let attested = Certificate::from_der(attested.as_slice()).unwrap();
    assert_signed_by(&attested, &attesting, &ECDSA_P256_SHA256_ASN1);
    client.sign_attestation_certificate(2, Some(1)).unwrap_err();
}
