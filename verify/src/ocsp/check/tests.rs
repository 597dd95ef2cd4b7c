use super::*;
use crate::SignatureAlgorithm;
use crate::crypto::{AwsLc, DigestAlgorithm};
use crate::ocsp::{CertId, ResponseData, Version};
use crate::path::AcceptAll;
use crate::revocation::RevocationReason;
use crate::test_support::{Entity, client, now};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, PublicKeyData, SigningKey};

struct Case {
    issuer: Entity,
    issuer_der: Vec<u8>,
    leaf: Vec<u8>,
}

impl Case {
    fn new() -> Self {
        let issuer = Entity::new("Issuing");
        let issuer_der = issuer.self_signed();
        let leaf = issuer.issue_client(&Entity::new("leaf"));
        Self {
            issuer,
            issuer_der,
            leaf,
        }
    }

    fn single(&self, digest: DigestAlgorithm, status: CertStatus) -> SingleResponse {
        let issuer = Certificate::from_der(&self.issuer_der).unwrap();
        let leaf = Certificate::from_der(&self.leaf).unwrap();
        let (name, spki) = (issuer.subject(), issuer.spki());
        SingleResponse {
            cert_id: CertId::new(&AwsLc, digest, name.der(), spki, leaf.serial()).unwrap(),
            cert_status: status,
            this_update: now().plus_seconds(-3600),
            next_update: Some(now().plus_seconds(3600)),
            single_extensions: None,
        }
    }

    fn data(&self, responder: &Entity, singles: Vec<SingleResponse>) -> ResponseData {
        let spki = responder.key.subject_public_key_info();
        ResponseData {
            version: Version::V1,
            responder_id: ResponderId::by_key(&AwsLc, &spki).unwrap(),
            produced_at: now(),
            responses: singles,
            response_extensions: None,
        }
    }

    fn good(&self, responder: &Entity) -> ResponseData {
        self.data(
            responder,
            vec![self.single(DigestAlgorithm::Sha1, CertStatus::GOOD)],
        )
    }

    fn check<'n>(
        &self,
        data: &ResponseData,
        signer: &Entity,
        certificates: &[&[u8]],
        change: impl FnOnce(&mut OcspRules<'n>),
    ) -> Result<OcspAnswer, OcspError> {
        let tbs = data.encode_der().unwrap();
        let signature = signer.key.sign(&tbs).unwrap();
        let algorithm = SignatureAlgorithm::EcdsaSha256;
        let der = BasicOcspResponse::assemble(&tbs, algorithm, &signature, certificates).unwrap();
        let issuer = Certificate::from_der(&self.issuer_der).unwrap();
        let key = AwsLc.public_key(issuer.spki()).unwrap();
        let mut rules = OcspRules {
            at: now(),
            freshness: Freshness::Required,
            max_age_seconds: 86_400,
            nonce: None,
            policy: &AcceptAll,
        };
        change(&mut rules);
        check(
            &AwsLc,
            &OcspResponse::parse(&der).unwrap(),
            &Certificate::from_der(&self.leaf).unwrap(),
            &OcspIssuer::from_certificate(&issuer, &*key),
            &rules,
        )
    }
}

fn signer(params: &mut CertificateParams) {
    client(params);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
}

#[test]
fn issuer_and_its_delegate_are_believed() {
    let case = Case::new();
    let answer = case
        .check(&case.good(&case.issuer), &case.issuer, &[], |_| {})
        .unwrap();
    assert_eq!(answer.status, Status::Good);
    let delegate = Entity::new("OCSP");
    let certificate = case.issuer.issue(&delegate, signer);
    let date = "2028-05-01T00:00:00Z".parse().unwrap();
    let revoked = CertStatus::revoked(date, Some(RevocationReason::Superseded));
    let mut data = case.data(
        &delegate,
        vec![case.single(DigestAlgorithm::Sha256, revoked)],
    );
    data.responder_id =
        ResponderId::by_name(Certificate::from_der(&certificate).unwrap().subject().der()).unwrap();
    let answer = case
        .check(&data, &delegate, &[&certificate], |_| {})
        .unwrap();
    assert_eq!(
        answer.status,
        Status::Revoked {
            date,
            reason: Some(RevocationReason::Superseded)
        }
    );
}

#[test]
fn delegate_needs_the_purpose_the_same_issuer_and_validity() {
    let case = Case::new();
    let delegate = Entity::new("OCSP");
    let data = case.good(&delegate);
    let without_purpose = case.issuer.issue(&delegate, client);
    let by_another = Entity::new("Issuing").issue(&delegate, signer);
    let expired = case.issuer.issue(&delegate, |params| {
        signer(params);
        params.not_after = rcgen::date_time_ymd(2028, 1, 1);
    });
    for (certificate, expected) in [
        (&without_purpose, "path.extended_key_usage"),
        (&by_another, "path.signature"),
        (&expired, "path.expired"),
    ] {
        match case
            .check(&data, &delegate, &[certificate], |_| {})
            .unwrap_err()
        {
            OcspError::Signer(error) => assert_eq!(error.code(), expected),
            other => panic!("{other}"),
        }
    }
    let error = case.check(&data, &delegate, &[], |_| {}).unwrap_err();
    assert_eq!(error, OcspError::UnknownResponder);
    let right = case.issuer.issue(&delegate, signer);
    let error = case
        .check(&data, &case.issuer, &[&right], |_| {})
        .unwrap_err();
    assert_eq!(error.code(), "ocsp.signature");
}

#[test]
fn answer_must_be_about_the_certificate_and_not_contradict_itself() {
    let case = Case::new();
    let mut data = case.good(&case.issuer);
    data.responses[0].cert_id.serial_number = der::asn1::Int::new(&[9]).unwrap();
    let error = case.check(&data, &case.issuer, &[], |_| {}).unwrap_err();
    assert_eq!(error, OcspError::NotAboutCertificate);
    let both = vec![
        case.single(DigestAlgorithm::Sha1, CertStatus::GOOD),
        case.single(DigestAlgorithm::Sha256, CertStatus::UNKNOWN),
    ];
    let error = case
        .check(&case.data(&case.issuer, both), &case.issuer, &[], |_| {})
        .unwrap_err();
    assert_eq!(error, OcspError::Contradiction);
}

#[test]
fn answer_must_be_current() {
    let case = Case::new();
    let data = case.good(&case.issuer);
    let at = |seconds: i64| {
        let result = case.check(&data, &case.issuer, &[], |it| {
            it.at = now().plus_seconds(seconds)
        });
        result.err().map(|error| error.code())
    };
    assert_eq!(at(3600 + CLOCK_SKEW_SECONDS), None);
    assert_eq!(at(3601 + CLOCK_SKEW_SECONDS), Some("ocsp.stale"));
    assert_eq!(at(-CLOCK_SKEW_SECONDS), None);
    assert_eq!(at(-CLOCK_SKEW_SECONDS - 1), Some("ocsp.not_yet_current"));
    let mut data = case.good(&case.issuer);
    data.responses[0].next_update = None;
    assert!(case.check(&data, &case.issuer, &[], |_| {}).is_ok());
    let error = case
        .check(&data, &case.issuer, &[], |it| it.max_age_seconds = 60)
        .unwrap_err();
    assert_eq!(error.code(), "ocsp.stale");
    data.responses[0].next_update = Some(data.responses[0].this_update.plus_seconds(-1));
    assert_eq!(
        case.check(&data, &case.issuer, &[], |_| {}).unwrap_err(),
        OcspError::Period
    );
}

#[test]
fn nonce_that_was_sent_must_come_back() {
    let case = Case::new();
    let nonce = Nonce::new(&[1; 32]).unwrap();
    let mut data = case.good(&case.issuer);
    let error = case
        .check(&data, &case.issuer, &[], |it| it.nonce = Some(&nonce))
        .unwrap_err();
    assert_eq!(error, OcspError::NonceMismatch);
    data.response_extensions = Some(vec![nonce.to_extension().unwrap()]);
    assert!(case.check(&data, &case.issuer, &[], |_| {}).is_ok());
}
