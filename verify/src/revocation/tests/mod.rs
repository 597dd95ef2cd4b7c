mod decide;
mod scope;

use super::*;
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crl::CertificateList;
use crate::crl::tests::signed;
use crate::crypto::{AwsLc, CryptoProvider};
use crate::test_support::{Entity, client, now};
use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, SerialNumber,
};

struct Case {
    issuer: Entity,
    issuer_der: Vec<u8>,
}

impl Case {
    fn new() -> Self {
        let issuer = Entity::new("Issuing");
        let issuer_der = issuer.self_signed();
        Self { issuer, issuer_der }
    }

    fn check(
        &self,
        leaf: impl FnOnce(&mut CertificateParams),
        crl: impl FnOnce(&mut CertificateRevocationListParams),
        at: UnixTime,
        freshness: Freshness,
    ) -> Result<Status, RevocationError> {
        let leaf = self.issuer.issue(&Entity::new("leaf"), |params| {
            client(params);
            leaf(params);
        });
        let issuer = Certificate::from_der(&self.issuer_der).unwrap();
        let key = AwsLc.public_key(issuer.spki()).unwrap();
        let crl = signed(&self.issuer, crl);
        check_crl(
            &Certificate::from_der(&leaf).unwrap(),
            &CrlIssuer::from_certificate(&issuer, &*key),
            &CertificateList::from_der(&crl).unwrap(),
            at,
            freshness,
        )
    }
}

fn serial(number: u64) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.serial_number = Some(SerialNumber::from(number))
}

fn point(uri: &str, scope: Option<CrlScope>) -> Option<CrlIssuingDistributionPoint> {
    let distribution_point = CrlDistributionPoint {
        uris: vec![uri.to_owned()],
    };
    Some(CrlIssuingDistributionPoint {
        distribution_point,
        scope,
    })
}

#[test]
fn listed_serial_is_revoked_with_date_and_reason() {
    let case = Case::new();
    let date = "2028-05-01T00:00:00Z".parse().unwrap();
    for (number, expected) in [
        (
            5,
            Status::Revoked {
                date,
                reason: Some(RevocationReason::KeyCompromise),
            },
        ),
        (77, Status::Revoked { date, reason: None }),
        (6, Status::Good),
    ] {
        assert_eq!(
            case.check(serial(number), |_| {}, now(), Freshness::Required),
            Ok(expected)
        );
    }
}

#[test]
fn freshness_is_enforced_by_default_to_the_second() {
    let case = Case::new();
    for (at, expected) in [
        ("2028-05-29T23:59:59Z", Some("revocation.not_yet_current")),
        ("2028-05-30T00:00:00Z", None),
        ("2028-06-03T00:00:00Z", None),
        ("2028-06-03T00:00:01Z", Some("revocation.stale")),
    ] {
        let result = case.check(serial(6), |_| {}, at.parse().unwrap(), Freshness::default());
        assert_eq!(result.err().map(|error| error.code()), expected, "{at}");
    }
    let late = "2029-01-01".parse().unwrap();
    assert!(
        case.check(serial(6), |_| {}, late, Freshness::DangerouslyIgnored)
            .is_ok()
    );
}

#[test]
fn distribution_point_must_be_one_of_the_certificate() {
    let case = Case::new();
    let leaf = |uri: &str| {
        let uri = uri.to_owned();
        move |params: &mut CertificateParams| {
            params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![uri] }];
        }
    };
    let check = |of_leaf: &str, of_crl: &str, scope| {
        let crl = |params: &mut CertificateRevocationListParams| {
            params.issuing_distribution_point = point(of_crl, scope);
        };
        case.check(leaf(of_leaf), crl, now(), Freshness::Required)
            .map_err(|error| error.code())
    };
    let (mine, other) = (
        "http://crl.kasane.example/3.crl",
        "http://crl.kasane.example/4.crl",
    );
    assert_eq!(check(mine, mine, None), Ok(Status::Good));
    assert_eq!(
        check(mine, mine, Some(CrlScope::UserCertsOnly)),
        Ok(Status::Good)
    );
    assert_eq!(check(mine, other, None), Err("revocation.other_scope"));
    assert_eq!(
        check(mine, mine, Some(CrlScope::CaCertsOnly)),
        Err("revocation.other_scope")
    );
}

#[test]
fn crl_of_another_issuer_or_key_says_nothing() {
    let case = Case::new();
    let leaf = case.issuer.issue_client(&Entity::new("leaf"));
    let leaf = Certificate::from_der(&leaf).unwrap();
    let issuer = Certificate::from_der(&case.issuer_der).unwrap();
    let key = AwsLc.public_key(issuer.spki()).unwrap();
    let issuer = CrlIssuer::from_certificate(&issuer, &*key);
    for (signer, expected) in [
        (Entity::new("Other"), "revocation.other_issuer"),
        (case.issuer.rekeyed(), "revocation.other_key"),
    ] {
        let crl = signed(&signer, |_| {});
        let crl = CertificateList::from_der(&crl).unwrap();
        let error = check_crl(&leaf, &issuer, &crl, now(), Freshness::Required).unwrap_err();
        assert_eq!(error.code(), expected);
        let anonymous = CrlIssuer {
            key_id: None,
            ..issuer
        };
        let error = check_crl(&leaf, &anonymous, &crl, now(), Freshness::Required).unwrap_err();
        assert!(["revocation.other_issuer", "crl.bad_signature"].contains(&error.code()));
    }
}

#[test]
fn issuer_without_crl_sign_is_refused() {
    let issuer = Entity::new("Issuing");
    let der = issuer.issue(&issuer, |params| {
        crate::test_support::ca(None)(params);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    });
    let leaf = issuer.issue_client(&Entity::new("leaf"));
    let own = Certificate::from_der(&der).unwrap();
    let key = AwsLc.public_key(own.spki()).unwrap();
    let crl = signed(&issuer, |_| {});
    let result = check_crl(
        &Certificate::from_der(&leaf).unwrap(),
        &CrlIssuer::from_certificate(&own, &*key),
        &CertificateList::from_der(&crl).unwrap(),
        now(),
        Freshness::Required,
    );
    assert_eq!(result, Err(RevocationError::KeyUsage));
}

#[test]
fn anchor_signs_its_own_crls() {
    let root = Entity::new("Root");
    let anchor = crate::path::TrustAnchor::from_certificate(&root.self_signed(), &AwsLc).unwrap();
    let issuing = root.issue(&Entity::new("Issuing"), |params| {
        crate::test_support::ca(None)(params);
        params.serial_number = Some(SerialNumber::from(5_u64));
    });
    let crl = signed(&root, |_| {});
    let status = check_crl(
        &Certificate::from_der(&issuing).unwrap(),
        &CrlIssuer::from_anchor(&anchor).unwrap(),
        &CertificateList::from_der(&crl).unwrap(),
        now(),
        Freshness::Required,
    );
    assert!(matches!(status, Ok(Status::Revoked { .. })));
}
