//! A chain with evidence of revocation.

use std::sync::Arc;

use rcgen::{CertificateParams, PublicKeyData, SerialNumber, SigningKey};

use super::anchor;
use crate::SignatureAlgorithm;
use crate::certificate::Certificate;
use crate::crl::IndexedCrl;
use crate::crl::tests::raw::Raw;
use crate::crypto::{AwsLc, DigestAlgorithm};
use crate::ocsp::{
    BasicOcspResponse, CertId, CertStatus, ResponderId, ResponseData, SingleResponse, Version,
};
use crate::path::{AcceptAll, PathError, Purpose, Question, VerifiedPath, Verifier};
use crate::revocation::{Evidence, RevocationRules};
use crate::test_support::{Entity, ca, client, now};

/// Serial numbers of the certificates.
pub(super) const ISSUING: u16 = 11;
pub(super) const LEAF: u16 = 21;

/// Root, issuing CA and client.
pub(super) struct Scene {
    pub(super) root: Entity,
    pub(super) issuing: Entity,
    pub(super) issuing_der: Vec<u8>,
    pub(super) leaf_der: Vec<u8>,
}

pub(super) fn serial(number: u16) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.serial_number = Some(SerialNumber::from(u64::from(number)))
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::with_leaf(|_| {})
    }

    pub(super) fn with_leaf(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (root, issuing) = (Entity::new("Root"), Entity::new("Issuing"));
        let issuing_der = root.issue(&issuing, |params| {
            ca(None)(params);
            serial(ISSUING)(params);
        });
        let leaf_der = issuing.issue(&Entity::new("leaf"), |params| {
            client(params);
            serial(LEAF)(params);
            change(params);
        });
        Self {
            root,
            issuing,
            issuing_der,
            leaf_der,
        }
    }

    /// CRLs of both CAs that revoke neither certificate.
    pub(super) fn good(&self) -> Vec<Evidence> {
        vec![crl(&Raw::of(&self.root)), crl(&Raw::of(&self.issuing))]
    }

    /// With the issuing CA's certificate and others at hand.
    pub(super) fn with<R>(
        &self,
        rules: RevocationRules,
        evidence: &[Evidence],
        others: &[&[u8]],
        act: impl FnOnce(&Verifier<'_>, &Question<'_>) -> R,
    ) -> R {
        let anchors = [anchor(&self.root.self_signed())];
        let leaf = Certificate::from_der(&self.leaf_der).unwrap();
        let ders = std::iter::once(self.issuing_der.as_slice()).chain(others.iter().copied());
        let intermediates: Vec<_> = ders.map(|it| Certificate::from_der(it).unwrap()).collect();
        let verifier = Verifier::new(&AwsLc, &anchors, &AcceptAll).with_revocation(rules);
        let question = Question::new(&leaf, &intermediates, now(), Purpose::ClientAuth)
            .with_evidence(evidence);
        act(&verifier, &question)
    }

    pub(super) fn verify(
        &self,
        rules: RevocationRules,
        evidence: &[Evidence],
    ) -> Result<VerifiedPath, PathError> {
        self.with(rules, evidence, &[], |verifier, question| {
            verifier.verify(question)
        })
    }

    /// A response of the issuing CA about the client.
    pub(super) fn ocsp(&self, status: CertStatus) -> Evidence {
        ocsp(&self.issuing, &self.leaf_der, status, -3600)
    }
}

pub(super) fn crl(raw: &Raw<'_>) -> Evidence {
    Evidence::Crl(Arc::new(IndexedCrl::from_der(raw.der()).unwrap()))
}

/// A response of a CA itself, made so many seconds after now.
pub(super) fn ocsp(
    issuer: &Entity,
    about: &[u8],
    status: CertStatus,
    made_seconds: i64,
) -> Evidence {
    let certificate = Certificate::from_der(about).unwrap();
    let spki = issuer.key.subject_public_key_info();
    let (name, serial) = (certificate.issuer().der(), certificate.serial());
    let made = now().plus_seconds(made_seconds);
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::by_key(&AwsLc, &spki).unwrap(),
        produced_at: made,
        responses: vec![SingleResponse {
            cert_id: CertId::new(&AwsLc, DigestAlgorithm::Sha1, name, &spki, serial).unwrap(),
            cert_status: status,
            this_update: made,
            next_update: Some(now().plus_seconds(3600)),
            single_extensions: None,
        }],
        response_extensions: None,
    };
    let tbs = data.encode_der().unwrap();
    let signature = issuer.key.sign(&tbs).unwrap();
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    let der = BasicOcspResponse::assemble(&tbs, algorithm, &signature, &[]).unwrap();
    Evidence::ocsp(&der).unwrap()
}
