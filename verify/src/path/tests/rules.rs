//! RFC 5280 §6, rule by rule.

use super::*;
use crate::KeyAlgorithm;
use crate::test_support::extension;
use rcgen::{ExtendedKeyUsagePurpose, GeneralSubtree, KeyUsagePurpose, SanType};

#[test]
fn validity_is_inclusive_to_the_second() {
    let chain = Chain::new();
    for (at, expected) in [
        ("2026-12-31T23:59:59Z", Some("path.not_yet_valid")),
        ("2027-01-01T00:00:00Z", None),
        ("2031-01-01T00:00:00Z", None),
        ("2031-01-01T00:00:01Z", Some("path.expired")),
    ] {
        let result = chain.verify_with(same, same, |question| question.at = at.parse().unwrap());
        assert_eq!(result.err().map(|error| error.code()), expected, "{at}");
    }
}

#[test]
fn issuer_must_be_a_ca_that_signs_certificates() {
    let chain = Chain::new();
    let no_ca = |params: &mut CertificateParams| params.is_ca = rcgen::IsCa::ExplicitNoCa;
    assert_eq!(
        code(chain.verify_with(no_ca, same, |_| {})),
        "path.not_a_ca"
    );
    let crl_only =
        |params: &mut CertificateParams| params.key_usages = vec![KeyUsagePurpose::CrlSign];
    assert_eq!(
        code(chain.verify_with(crl_only, same, |_| {})),
        "path.key_usage"
    );
}

#[test]
fn path_length_does_not_count_self_issued_certificates() {
    let (root, middle) = (Entity::new("Root"), Entity::new("Middle"));
    let rolled = middle.rekeyed();
    let below = Entity::new("Below");
    let leaf = Entity::new("leaf");
    let anchors = [anchor(&root.self_signed())];
    let middle_der = root.issue(&middle, ca(Some(0)));
    let rollover = middle.issue_ca(&rolled);
    let from_rolled = rolled.issue_client(&leaf);
    assert!(verify(&anchors, &from_rolled, &[&middle_der, &rollover]).is_ok());
    let below_der = middle.issue_ca(&below);
    let from_below = below.issue_client(&leaf);
    let error = verify(&anchors, &from_below, &[&middle_der, &below_der]).unwrap_err();
    assert_eq!(
        *error.reason,
        Reason::PathLength {
            allowed: 0,
            found: 1
        }
    );
}

#[test]
fn extended_key_usage_is_nested_except_for_ocsp_signers() {
    let chain = Chain::new();
    let server = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    let ocsp = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    };
    assert_eq!(
        code(chain.verify_with(same, server, |_| {})),
        "path.extended_key_usage"
    );
    let error = chain.verify_with(server, same, |_| {}).unwrap_err();
    assert_eq!(error.code(), "path.extended_key_usage");
    assert_eq!(error.position, Position::Intermediate(0));
    assert!(
        chain
            .verify_with(server, same, |it| it.purpose = Purpose::Any)
            .is_ok()
    );
    assert!(
        chain
            .verify_with(server, ocsp, |it| it.purpose = Purpose::OcspSigning)
            .is_ok()
    );
    let any = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    };
    assert!(chain.verify_with(any, any, |_| {}).is_ok());
    // RFC 6960 §4.2.2.2: the right to sign OCSP must be stated.
    let result = chain.verify_with(same, any, |it| it.purpose = Purpose::OcspSigning);
    assert_eq!(code(result), "path.extended_key_usage");
}

#[test]
fn unknown_critical_extension_is_refused_anywhere() {
    let chain = Chain::new();
    let add = |params: &mut CertificateParams| {
        params.custom_extensions.push(extension(99, true, &[5, 0]));
    };
    let harmless = |params: &mut CertificateParams| {
        params.custom_extensions.push(extension(99, false, &[5, 0]));
    };
    assert_eq!(
        code(chain.verify_with(add, same, |_| {})),
        "path.unknown_critical"
    );
    assert_eq!(
        code(chain.verify_with(same, add, |_| {})),
        "path.unknown_critical"
    );
    assert!(chain.verify_with(harmless, harmless, |_| {}).is_ok());
}

#[test]
fn name_constraints_bind_everything_below() {
    let chain = Chain::new();
    let permit = |tree: GeneralSubtree| {
        move |params: &mut CertificateParams| {
            params.name_constraints = Some(rcgen::NameConstraints {
                permitted_subtrees: vec![tree],
                excluded_subtrees: vec![],
            });
        }
    };
    let dns = |name: &str| {
        let name = name.to_owned();
        move |params: &mut CertificateParams| {
            params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        }
    };
    let tree = || GeneralSubtree::DnsName("kasane.example".to_owned());
    assert!(
        chain
            .verify_with(permit(tree()), dns("a.kasane.example"), |_| {})
            .is_ok()
    );
    let error = chain
        .verify_with(permit(tree()), dns("kasane.test"), |_| {})
        .unwrap_err();
    assert_eq!(error.code(), "path.name_not_permitted");
    assert!(error.to_string().contains("CN=Issuing"), "{error}");
    let tree = GeneralSubtree::DirectoryName(crate::test_support::name("other"));
    assert_eq!(
        code(chain.verify_with(permit(tree), same, |_| {})),
        "path.name_not_permitted"
    );
    let exclude = |params: &mut CertificateParams| {
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![],
            excluded_subtrees: vec![GeneralSubtree::DnsName("kasane.example".to_owned())],
        });
    };
    assert_eq!(
        code(chain.verify_with(exclude, dns("a.kasane.example"), |_| {})),
        "path.name_excluded"
    );
}

#[test]
fn anchor_keeps_to_the_limits_of_its_certificate() {
    let chain = Chain::new();
    let issuing = chain.root.issue_ca(&chain.issuing);
    let leaf = chain.issuing.issue_client(&chain.client);
    let short = chain.root.issue(&chain.root, ca(Some(0)));
    let error = verify(&[anchor(&short)], &leaf, &[&issuing]).unwrap_err();
    assert_eq!(
        *error.reason,
        Reason::PathLength {
            allowed: 0,
            found: 1
        }
    );
    assert_eq!(error.position, Position::Anchor(0));
    // Name and key alone have no limits.
    let short = Certificate::from_der(&short).unwrap();
    let bare = TrustAnchor::from_name_and_key(short.subject().der(), short.spki(), &AwsLc).unwrap();
    assert!(verify(&[bare], &leaf, &[&issuing]).is_ok());
}

#[test]
fn name_constraints_are_bounded() {
    let chain = Chain::new();
    let many = |params: &mut CertificateParams| {
        let trees = (0..400).map(|index| GeneralSubtree::DnsName(format!("a{index}.example")));
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![],
            excluded_subtrees: trees.collect(),
        });
    };
    let names = |params: &mut CertificateParams| {
        params.subject_alt_names = (0..400)
            .map(|index| SanType::DnsName(format!("b{index}.example").try_into().unwrap()))
            .collect();
    };
    let error = chain.verify_with(many, names, |_| {}).unwrap_err();
    assert_eq!(*error.reason, Reason::Budget(BudgetLimit::NameComparisons));
}

#[test]
fn expected_name_is_looked_for_in_the_alternative_name() {
    let chain = Chain::new();
    let uri = "https://id.kasane.example/facility/1312345678/1";
    let right = chain.verify_with(same, same, |it| it.names.push(ExpectedName::Uri(uri)));
    assert!(right.is_ok());
    let wrong = chain.verify_with(same, same, |it| {
        it.names.push(ExpectedName::Uri(
            "https://id.kasane.example/facility/1312345678/2",
        ));
    });
    assert_eq!(code(wrong), "path.name_mismatch");
    let common_name = chain.verify_with(same, same, |it| {
        it.names.push(ExpectedName::Dns("1312345678-1"))
    });
    assert_eq!(code(common_name), "path.name_mismatch");
}

#[derive(Debug)]
struct NoP384;

impl PathPolicy for NoP384 {
    fn judge(&self, link: &Link<'_>) -> Verdict {
        let notice = |code: &str| Notice {
            code: code.to_owned(),
            text: "of a test".to_owned(),
            text_ja: "試験用".to_owned(),
        };
        match (link.position, link.key) {
            (Position::EndEntity, KeyAlgorithm::P384) => Verdict::Refuse(notice("no-p384")),
            (Position::Anchor(_), _) => Verdict::Warn(notice("old-anchor")),
            (Position::Intermediate(_), _) => Verdict::Warn(notice("old-ca")),
            (Position::EndEntity, _) => Verdict::Accept,
        }
    }
}

#[test]
fn policy_hook_refuses_and_warns_by_place_and_key() {
    let chain = Chain::new();
    let issuing = chain.root.issue_ca(&chain.issuing);
    let anchors = [anchor(&chain.root.self_signed())];
    let verifier = unchecked(&anchors, &NoP384);
    let issuing = [Certificate::from_der(&issuing).unwrap()];
    let refused = chain.issuing.issue_client(&chain.client);
    let refused = Certificate::from_der(&refused).unwrap();
    let question = Question::new(&refused, &issuing, now(), Purpose::ClientAuth);
    assert_eq!(code(verifier.verify(&question)), "path.policy");
    let accepted = chain.issuing.issue_client(&Entity::new("p-256"));
    let accepted = Certificate::from_der(&accepted).unwrap();
    let question = Question::new(&accepted, &issuing, now(), Purpose::ClientAuth);
    let path = verifier.verify(&question).unwrap();
    let codes: Vec<_> = path
        .warnings()
        .iter()
        .map(|it| it.notice.code.as_str())
        .collect();
    assert_eq!(codes, ["old-anchor", "old-ca"]);
}

#[test]
fn tampered_certificate_is_refused() {
    let chain = Chain::new();
    let issuing = chain.root.issue_ca(&chain.issuing);
    let leaf = chain.issuing.issue_client(&chain.client);
    let anchors = [anchor(&chain.root.self_signed())];
    let position = leaf.windows(4).position(|it| it == b"1312").unwrap();
    let mut tampered = leaf.clone();
    tampered[position] = b'9';
    let error = verify(&anchors, &tampered, &[&issuing]).unwrap_err();
    assert_eq!(error.code(), "path.signature");
    assert_eq!(error.position, Position::EndEntity);
    assert!(verify(&anchors, &leaf, &[&issuing]).is_ok());
}
