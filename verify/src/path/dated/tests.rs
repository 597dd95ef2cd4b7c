use super::*;
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crypto::AwsLc;
use crate::path::{PathError, Purpose, Question, TrustAnchor, VerifiedPath, Verifier};
use crate::revocation::RevocationRules;
use crate::test_support::{Entity, ca, client};
use rcgen::{CertificateParams, KeyPair, RsaKeySize};

fn rsa(common_name: &str) -> Entity {
    let key = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    Entity {
        name: crate::test_support::name(common_name),
        key,
    }
}

fn long(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
}

struct Chain {
    root: Vec<u8>,
    issuing: Vec<u8>,
    leaf: Vec<u8>,
}

impl Chain {
    fn new(root: &Entity, issuing: &Entity, leaf: &Entity) -> Self {
        let authority = |params: &mut CertificateParams| {
            ca(None)(params);
            long(params);
        };
        Self {
            root: root.issue(root, authority),
            issuing: root.issue(issuing, authority),
            leaf: issuing.issue(leaf, |params| {
                client(params);
                long(params);
            }),
        }
    }

    fn verify(&self, at: &str) -> Result<VerifiedPath, PathError> {
        let timeline = Timeline::overlap().unwrap();
        let policy = DatedPolicy::online(&timeline, Class::Terminal);
        let anchors = [TrustAnchor::from_certificate(&self.root, &AwsLc).unwrap()];
        let leaf = Certificate::from_der(&self.leaf).unwrap();
        let issuing = [Certificate::from_der(&self.issuing).unwrap()];
        let at: UnixTime = at.parse().unwrap();
        let question = Question::new(&leaf, &issuing, at, Purpose::ClientAuth);
        Verifier::new(&AwsLc, &anchors, &policy)
            .with_revocation(RevocationRules::dangerously_unchecked())
            .verify(&question)
    }
}

#[test]
fn rsa_login_ends_with_2030_in_japan() {
    let chain = Chain::new(&rsa("Root"), &rsa("Issuing"), &rsa("terminal"));
    let before = chain.verify("2030-06-30T14:59:59Z").unwrap();
    assert!(before.warnings().is_empty(), "{:?}", before.warnings());
    let warned = chain.verify("2030-06-30T15:00:00Z").unwrap();
    assert!(
        warned
            .warnings()
            .iter()
            .any(|it| it.position == Position::EndEntity)
    );
    assert!(chain.verify("2030-12-31T14:59:59Z").is_ok());
    let error = chain.verify("2030-12-31T15:00:00Z").unwrap_err();
    assert_eq!(error.code(), "path.policy");
    assert_eq!(error.position, Position::EndEntity);
}

#[test]
fn ecc_login_is_accepted_from_2027_and_stays() {
    let chain = Chain::new(
        &Entity::p384("Root"),
        &Entity::p384("Issuing"),
        &Entity::p384("leaf"),
    );
    assert_eq!(
        chain.verify("2026-12-31T14:59:59Z").unwrap_err().code(),
        "path.policy"
    );
    for at in ["2026-12-31T15:00:00Z", "2030-12-31T15:00:00Z", "2035-01-01"] {
        assert!(chain.verify(at).unwrap().warnings().is_empty(), "{at}");
    }
}

#[test]
fn ecc_login_under_a_small_rsa_ca_ends_with_the_rsa_ca() {
    let chain = Chain::new(
        &rsa("Root"),
        &Entity::p384("Issuing"),
        &Entity::p384("leaf"),
    );
    assert!(chain.verify("2030-12-31T14:59:59Z").is_ok());
    let error = chain.verify("2030-12-31T15:00:00Z").unwrap_err();
    assert_eq!(error.code(), "path.policy");
}
