use super::*;
use crate::certificate::Certificate;
use crate::crypto::AwsLc;
use crate::test_support::{Entity, ca, client, extension, now};
use crate::{KeyAlgorithm, KeyFamily};
use der::Encode;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, KeyUsagePurpose, SanType};

fn anchor(der: &[u8]) -> TrustAnchor {
    TrustAnchor::from_certificate(der, &AwsLc).unwrap()
}

fn ask(
    anchors: &[TrustAnchor],
    leaf: &[u8],
    intermediates: &[&[u8]],
    change: impl FnOnce(&mut Question<'_>),
) -> Result<VerifiedPath, PathError> {
    let leaf = Certificate::from_der(leaf).unwrap();
    let intermediates: Vec<_> = intermediates
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let mut question = Question::new(&leaf, &intermediates, now(), Purpose::ClientAuth);
    change(&mut question);
    Verifier::new(&AwsLc, anchors, &AcceptAll).verify(&question)
}

fn verify(
    anchors: &[TrustAnchor],
    leaf: &[u8],
    intermediates: &[&[u8]],
) -> Result<VerifiedPath, PathError> {
    ask(anchors, leaf, intermediates, |_| {})
}

fn code(result: Result<VerifiedPath, PathError>) -> &'static str {
    result.unwrap_err().code()
}

/// Root, issuing CA, client.
struct Chain {
    root: Entity,
    issuing: Entity,
    client: Entity,
}

impl Chain {
    fn new() -> Self {
        Self {
            root: Entity::new("Root"),
            issuing: Entity::new("Issuing"),
            client: Entity::p384("1312345678-1"),
        }
    }

    fn verify_with(
        &self,
        issuing: impl FnOnce(&mut CertificateParams),
        leaf: impl FnOnce(&mut CertificateParams),
        change: impl FnOnce(&mut Question<'_>),
    ) -> Result<VerifiedPath, PathError> {
        let issuing_der = self.root.issue(&self.issuing, |params| {
            ca(Some(0))(params);
            issuing(params);
        });
        let leaf = self.issuing.issue(&self.client, |params| {
            client(params);
            leaf(params);
        });
        ask(
            &[anchor(&self.root.self_signed())],
            &leaf,
            &[&issuing_der],
            change,
        )
    }
}

fn same(_: &mut CertificateParams) {}

#[test]
fn path_names_its_certificates_identity_and_key() {
    let path = Chain::new().verify_with(same, same, |_| {}).unwrap();
    assert_eq!(
        path.positions(),
        [Position::EndEntity, Position::Intermediate(0)]
    );
    assert_eq!(
        path.identity(),
        Some("https://id.kasane.example/facility/1312345678/1")
    );
    assert_eq!(path.key(), KeyAlgorithm::P384);
    assert_eq!(path.key_family(), KeyFamily::Ecc);
    assert_eq!(path.certificates().len(), 2);
    assert_eq!(path.policies(), &PolicySet::Only(Vec::new()));
}

#[test]
fn cross_certificates_lead_to_either_root() {
    let (old, new) = (Entity::new("Old Root"), Entity::new("New Root"));
    let (issuing_old, issuing_new) = (Entity::new("Issuing Old"), Entity::new("Issuing New"));
    let terminal = Entity::new("terminal");
    let (old_root, new_root) = (old.self_signed(), new.self_signed());
    let new_by_old = old.issue(&new, ca(Some(1)));
    let old_by_new = new.issue(&old, ca(Some(1)));
    let from_old = old.issue(&issuing_old, ca(Some(0)));
    let from_new = new.issue(&issuing_new, ca(Some(0)));
    let leaf_old = issuing_old.issue_client(&terminal);
    let leaf_new = issuing_new.issue_client(&terminal);
    let pool: [&[u8]; 6] = [
        &old_by_new,
        &new_by_old,
        &from_new,
        &from_old,
        &old_root,
        &new_root,
    ];
    for leaf in [&leaf_old, &leaf_new] {
        for root in [&old_root, &new_root] {
            let path = verify(&[anchor(root)], leaf, &pool).unwrap();
            assert!((2..=3).contains(&path.positions().len()));
        }
        // With both anchors the short path is taken.
        let path = verify(&[anchor(&old_root), anchor(&new_root)], leaf, &pool).unwrap();
        assert_eq!(path.positions().len(), 2);
    }
    let path = verify(&[anchor(&old_root)], &leaf_new, &pool).unwrap();
    assert_eq!(
        path.positions(),
        [
            Position::EndEntity,
            Position::Intermediate(2),
            Position::Intermediate(1)
        ]
    );
}

#[test]
fn search_backtracks_from_every_dead_end() {
    let chain = Chain::new();
    // Three CAs with the name of the issuing CA: another key, an expired one, and the right one.
    let other = chain.issuing.rekeyed();
    let wrong_key = chain.root.issue_ca(&other);
    let expired = chain.root.issue(&chain.issuing, |params| {
        ca(None)(params);
        params.not_after = rcgen::date_time_ymd(2028, 1, 1);
    });
    // The right name and key, below an unknown root.
    let stranger = Entity::new("Stranger");
    let stray = stranger.issue_ca(&chain.issuing);
    let right = chain.root.issue_ca(&chain.issuing);
    let leaf = chain.issuing.issue_client(&chain.client);
    let anchors = [anchor(&chain.root.self_signed())];
    let mut pool: Vec<&[u8]> = vec![&wrong_key, &expired, &stray, &right];
    for _ in 0..4 {
        pool.rotate_left(1);
        assert!(verify(&anchors, &leaf, &pool).is_ok());
    }
    // Without the right one the expiry tells more than the unknown root.
    pool.retain(|der| *der != right);
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(error.code(), "path.expired");
    assert_eq!(error.rule(), "RFC 5280 §6.1.3 (a)(2)");
    assert!(error.subject.starts_with("CN=Issuing"), "{error}");
}

#[test]
fn loops_end_without_an_anchor() {
    let (a, b) = (Entity::new("A"), Entity::new("B"));
    let (a_by_b, b_by_a) = (b.issue_ca(&a), a.issue_ca(&b));
    let (a_again, b_again) = (b.issue(&a, ca(Some(9))), a.issue(&b, ca(Some(9))));
    let leaf = a.issue_client(&Entity::new("leaf"));
    let anchors = [anchor(&Entity::new("Elsewhere").self_signed())];
    let pool: [&[u8]; 4] = [&a_by_b, &b_by_a, &a_again, &b_again];
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(error.code(), "path.unknown_issuer");
}

#[test]
fn mesh_without_way_out_ends_at_the_budget() {
    let cas: Vec<_> = (0..12)
        .map(|index| Entity::new(&format!("CA {index}")))
        .collect();
    let mut pool = Vec::new();
    for issuer in &cas {
        for subject in &cas {
            pool.push(issuer.issue_ca(subject));
        }
    }
    let pool: Vec<&[u8]> = pool.iter().map(Vec::as_slice).collect();
    let leaf = cas[0].issue_client(&Entity::new("leaf"));
    let anchors = [anchor(&Entity::new("Elsewhere").self_signed())];
    let error = verify(&anchors, &leaf, &pool).unwrap_err();
    assert_eq!(*error.reason, Reason::Budget(BudgetLimit::BuildSteps));
}

#[test]
fn signatures_are_bounded() {
    let chain = Chain::new();
    // Many keys of the issuing CA's name, all vouched for by the root, none of which signed.
    let pool: Vec<_> = (0..20)
        .map(|_| chain.root.issue_ca(&chain.issuing.rekeyed()))
        .collect();
    let leaf = chain.issuing.issue_client(&chain.client);
    let leaf = Certificate::from_der(&leaf).unwrap();
    let pool: Vec<_> = pool
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let anchors = [anchor(&chain.root.self_signed())];
    let budget = Budget {
        signatures: 10,
        ..Budget::default()
    };
    let verifier = Verifier::new(&AwsLc, &anchors, &AcceptAll);
    let question = Question::new(&leaf, &pool, now(), Purpose::ClientAuth);
    let error = verifier.with_budget(budget).verify(&question).unwrap_err();
    assert_eq!(*error.reason, Reason::Budget(BudgetLimit::Signatures));
    assert_eq!(code(verifier.verify(&question)), "path.signature");
}

#[test]
fn depth_is_bounded() {
    let mut pool = Vec::new();
    let root = Entity::new("Root");
    let mut issuer = Entity::new("CA 0");
    pool.push(root.issue_ca(&issuer));
    for level in 1..20 {
        let next = Entity::new(&format!("CA {level}"));
        pool.push(issuer.issue_ca(&next));
        issuer = next;
    }
    let leaf = issuer.issue_client(&Entity::new("leaf"));
    let pool: Vec<&[u8]> = pool.iter().map(Vec::as_slice).collect();
    assert_eq!(
        code(verify(&[anchor(&root.self_signed())], &leaf, &pool)),
        "path.too_deep"
    );
}

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

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.1.1");
const OTHER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.1.2");

fn policies(list: &[ObjectIdentifier]) -> impl Fn(&mut CertificateParams) + Clone + use<> {
    let list: Vec<_> = list.iter().map(|policy| vec![*policy]).collect();
    let value = list.to_der().unwrap();
    move |params| params.custom_extensions.push(extension(32, false, &value))
}

#[test]
fn valid_policies_are_what_every_certificate_asserts() {
    let chain = Chain::new();
    let any = policies(&[oid::ANY_POLICY]);
    let both = policies(&[POLICY, OTHER]);
    let one = policies(&[POLICY]);
    let require = |policy| {
        move |question: &mut Question<'_>| {
            question.policies = InitialPolicies::require(vec![policy]);
        }
    };
    let path = chain
        .verify_with(both.clone(), one.clone(), require(POLICY))
        .unwrap();
    assert!(path.policies().contains(POLICY) && !path.policies().contains(OTHER));
    assert!(
        chain
            .verify_with(any.clone(), one.clone(), require(POLICY))
            .is_ok()
    );
    for (issuing, wanted) in [(both, OTHER), (policies(&[OTHER]), POLICY)] {
        let result = chain.verify_with(issuing, one.clone(), require(wanted));
        assert_eq!(code(result), "path.no_valid_policy");
    }
    let inhibited = chain.verify_with(any, one.clone(), |question| {
        question.policies = InitialPolicies::require(vec![POLICY]);
        question.policies.inhibit_any = true;
    });
    assert_eq!(code(inhibited), "path.no_valid_policy");
    // A CA that demands policies, and an end entity without one.
    let demanding = |params: &mut CertificateParams| {
        one(params);
        params
            .custom_extensions
            .push(extension(36, true, &[0x30, 3, 0x80, 1, 0]));
    };
    assert_eq!(
        code(chain.verify_with(demanding, same, |_| {})),
        "path.no_valid_policy"
    );
    assert!(
        chain
            .verify_with(demanding, policies(&[POLICY]), |_| {})
            .is_ok()
    );
}

#[test]
fn mapping_never_makes_a_policy_valid() {
    let chain = Chain::new();
    let value = vec![vec![POLICY, OTHER]].to_der().unwrap();
    let mapped = |critical: bool, policy: ObjectIdentifier| {
        let (value, assert) = (value.clone(), policies(&[policy]));
        move |params: &mut CertificateParams| {
            assert(params);
            params
                .custom_extensions
                .push(extension(33, critical, &value));
        }
    };
    let leaf = policies(&[OTHER]);
    let result = chain.verify_with(mapped(true, POLICY), leaf.clone(), |_| {});
    assert_eq!(code(result), "path.policy_mapping");
    for wanted in [POLICY, OTHER] {
        let result = chain.verify_with(mapped(false, oid::ANY_POLICY), leaf.clone(), |question| {
            question.policies = InitialPolicies::require(vec![wanted]);
        });
        assert_eq!(code(result), "path.no_valid_policy");
    }
}

#[test]
fn expected_name_is_looked_for_in_the_alternative_name() {
    let chain = Chain::new();
    let uri = "https://id.kasane.example/facility/1312345678/1";
    let right = chain.verify_with(same, same, |it| it.name = Some(ExpectedName::Uri(uri)));
    assert!(right.is_ok());
    let wrong = chain.verify_with(same, same, |it| {
        it.name = Some(ExpectedName::Uri(
            "https://id.kasane.example/facility/1312345678/2",
        ));
    });
    assert_eq!(code(wrong), "path.name_mismatch");
    let common_name = chain.verify_with(same, same, |it| {
        it.name = Some(ExpectedName::Dns("1312345678-1"))
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
    let verifier = Verifier::new(&AwsLc, &anchors, &NoP384);
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
