use super::*;
use crate::crypto::{AwsLc, DigestAlgorithm};
use crate::revocation::RevocationReason;
use crate::{SignatureAlgorithm, UnixTime};
use der::{Decode, Encode};
use rcgen::{KeyPair, PublicKeyData};

fn spki() -> Vec<u8> {
    KeyPair::generate().unwrap().subject_public_key_info()
}

fn cert_id(serial: &[u8]) -> CertId {
    CertId::new(&AwsLc, DigestAlgorithm::Sha1, b"\x30\x00", &spki(), serial).unwrap()
}

#[test]
fn request_is_read_back_with_its_nonce() {
    let nonce = Nonce::new(&[7; 32]).unwrap();
    let request = OcspRequest::new(vec![cert_id(&[1, 2])], Some(&nonce)).unwrap();
    let read = OcspRequest::parse(&request.encode_der().unwrap()).unwrap();
    assert_eq!(read, request);
    assert_eq!(read.nonce().unwrap(), Some(nonce));
    assert_eq!(read.tbs_request.request_list[0].req_cert.serial(), [1, 2]);
}

#[test]
fn nonce_is_one_to_128_octets() {
    assert!(Nonce::new(&[]).is_err());
    assert!(Nonce::new(&[0; 129]).is_err());
    assert!(Nonce::new(&[0; 128]).is_ok());
}

#[test]
fn request_for_none_or_too_many_is_refused() {
    for count in [0, MAX_REQUESTS + 1] {
        let ids = (0..count).map(|_| cert_id(&[1])).collect();
        let der = OcspRequest::new(ids, None).unwrap().encode_der().unwrap();
        assert_eq!(
            OcspRequest::parse(&der),
            Err(OcspError::RequestCount { count })
        );
    }
    assert_eq!(
        OcspRequest::parse(&vec![0; MAX_REQUEST_BYTES + 1])
            .unwrap_err()
            .code(),
        "ocsp.too_long"
    );
}

#[test]
fn repeated_and_critical_extensions_are_refused() {
    let nonce = Nonce::new(&[7; 32]).unwrap();
    let mut request = OcspRequest::new(vec![cert_id(&[1])], Some(&nonce)).unwrap();
    let extensions = request.tbs_request.request_extensions.as_mut().unwrap();
    extensions.push(extensions[0].clone());
    let error = OcspRequest::parse(&request.encode_der().unwrap()).unwrap_err();
    assert_eq!(error, OcspError::DuplicateExtension(Nonce::OID));
    let extensions = request.tbs_request.request_extensions.as_mut().unwrap();
    extensions.pop();
    extensions[0].extn_id = const_oid::db::rfc6960::ID_PKIX_OCSP_CRL;
    extensions[0].critical = true;
    let error = OcspRequest::parse(&request.encode_der().unwrap()).unwrap_err();
    assert_eq!(error.code(), "ocsp.critical_extension");
}

#[test]
fn status_choices_have_the_tags_of_rfc_6960() {
    assert_eq!(CertStatus::GOOD.to_der().unwrap(), [0x80, 0]);
    assert_eq!(CertStatus::UNKNOWN.to_der().unwrap(), [0x82, 0]);
    let at: UnixTime = "2027-04-01T00:00:00Z".parse().unwrap();
    let revoked = CertStatus::revoked(at, Some(RevocationReason::KeyCompromise));
    let der = revoked.to_der().unwrap();
    assert_eq!(
        hex::encode(&der),
        "a116180f32303237303430313030303030305aa0030a0101"
    );
    assert_eq!(CertStatus::from_der(&der).unwrap(), revoked);
    let without = CertStatus::revoked(at, Some(RevocationReason::Unspecified))
        .to_der()
        .unwrap();
    assert_eq!(
        hex::encode(without),
        "a111180f32303237303430313030303030305a"
    );
    let by_name = ResponderId::by_name(b"\x30\x00").unwrap().to_der().unwrap();
    assert_eq!(by_name, [0xa1, 2, 0x30, 0]);
    let by_key = ResponderId::by_key(&AwsLc, &spki())
        .unwrap()
        .to_der()
        .unwrap();
    assert_eq!(by_key[..4], [0xa2, 22, 4, 20]);
}

#[test]
fn assembled_response_keeps_the_signed_octets() {
    let at: UnixTime = "2027-04-01T00:00:00Z".parse().unwrap();
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::by_key(&AwsLc, &spki()).unwrap(),
        produced_at: at,
        responses: vec![SingleResponse {
            cert_id: cert_id(&[5]),
            cert_status: CertStatus::GOOD,
            this_update: at,
            next_update: Some(at.plus_days(2)),
            single_extensions: None,
        }],
        response_extensions: None,
    };
    let tbs = data.encode_der().unwrap();
    let der = BasicOcspResponse::assemble(
        &tbs,
        SignatureAlgorithm::EcdsaSha256,
        b"signature",
        &[b"\x30\x00"],
    )
    .unwrap();
    let response = OcspResponse::parse(&der).unwrap();
    let basic = response.basic().unwrap();
    assert_eq!(basic.tbs, tbs);
    assert_eq!(basic.data, data);
    assert_eq!(basic.signature, b"signature");
    assert_eq!(basic.certificates, [b"\x30\x00"]);
    assert_eq!(basic.signature_algorithm, SignatureAlgorithm::EcdsaSha256);
}

#[test]
fn unsuccessful_response_is_five_octets() {
    let der = OcspResponse::without_answer(OcspResponseStatus::TryLater).unwrap();
    assert_eq!(der, [0x30, 3, 10, 1, 3]);
    let error = OcspResponse::parse(&der).unwrap().basic().unwrap_err();
    assert_eq!(error, OcspError::Unsuccessful(OcspResponseStatus::TryLater));
    assert!(OcspResponse::without_answer(OcspResponseStatus::Successful).is_err());
}
