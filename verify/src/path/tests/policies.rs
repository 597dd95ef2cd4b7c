//! Certificate policies and mappings.

use super::*;
use crate::oid;
use crate::test_support::extension;
use const_oid::ObjectIdentifier;
use der::Encode;

#[test]
fn critical_policies_with_an_unknown_qualifier_are_refused() {
    let chain = Chain::new();
    // Policy 1.2.3 with qualifier 1.2.4 NULL.
    let value = hex::decode("3010300e06022a033008300606022a040500").unwrap();
    let add = |critical| {
        let value = value.clone();
        move |params: &mut CertificateParams| {
            params
                .custom_extensions
                .push(extension(32, critical, &value));
        }
    };
    assert!(chain.verify_with(same, add(false), |_| {}).is_ok());
    assert_eq!(
        code(chain.verify_with(same, add(true), |_| {})),
        "path.unknown_critical"
    );
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
fn mapped_policy_is_valid_in_the_terms_of_the_anchor_side() {
    let chain = Chain::new();
    let value = vec![vec![POLICY, OTHER]].to_der().unwrap();
    let mapped = |policy: ObjectIdentifier| {
        let (value, assert) = (value.clone(), policies(&[policy]));
        move |params: &mut CertificateParams| {
            assert(params);
            params.custom_extensions.push(extension(33, true, &value));
        }
    };
    let leaf = policies(&[OTHER]);
    let ask = |issuing: ObjectIdentifier, wanted, inhibit_mapping| {
        let result = chain.verify_with(mapped(issuing), leaf.clone(), |question| {
            question.policies = InitialPolicies::require(vec![wanted]);
            question.policies.inhibit_mapping = inhibit_mapping;
        });
        result
            .map(|path| path.policies().contains(wanted))
            .map_err(|error| error.code())
    };
    for issuing in [POLICY, oid::ANY_POLICY] {
        assert_eq!(ask(issuing, POLICY, false), Ok(true));
        assert_eq!(ask(issuing, OTHER, false), Err("path.no_valid_policy"));
        assert_eq!(ask(issuing, POLICY, true), Err("path.no_valid_policy"));
    }
    assert_eq!(ask(oid::ANY_POLICY, OTHER, true), Ok(true));
    let to_any = vec![vec![POLICY, oid::ANY_POLICY]].to_der().unwrap();
    let any = |params: &mut CertificateParams| {
        params.custom_extensions.push(extension(33, true, &to_any));
    };
    assert_eq!(
        code(chain.verify_with(any, same, |_| {})),
        "path.any_policy_mapped"
    );
}

#[test]
fn policy_comparisons_are_bounded() {
    let mut issuer = Entity::new("Root");
    let anchors = [anchor(&issuer.self_signed())];
    let all: Vec<_> = (0..16)
        .map(|arc| {
            ObjectIdentifier::new_unwrap("1.2.392.2")
                .push_arc(arc)
                .unwrap()
        })
        .collect();
    // Every policy is mapped to every other, at every level.
    let pairs: Vec<_> = all
        .iter()
        .flat_map(|from| all.iter().map(|to| vec![*from, *to]))
        .collect();
    let (assert, pairs) = (policies(&all), pairs.to_der().unwrap());
    let mut pool = Vec::new();
    for level in 0..12 {
        let next = Entity::new(&format!("CA {level}"));
        pool.push(issuer.issue(&next, |params| {
            ca(None)(params);
            assert(params);
            params.custom_extensions.push(extension(33, true, &pairs));
        }));
        issuer = next;
    }
    let leaf = issuer.issue(&Entity::new("leaf"), |params| {
        client(params);
        assert(params);
    });
    let leaf = Certificate::from_der(&leaf).unwrap();
    let pool: Vec<_> = pool
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let verifier = unchecked(&anchors, &AcceptAll);
    let question = Question::new(&leaf, &pool, now(), Purpose::ClientAuth);
    // The tree of RFC 5280 would have 16^12 leaves.
    assert!(verifier.verify(&question).is_ok());
    let budget = Budget {
        policy_comparisons: 1_000,
        ..Budget::default()
    };
    let error = verifier
        .clone()
        .with_budget(budget)
        .verify(&question)
        .unwrap_err();
    assert_eq!(
        *error.reason,
        Reason::Budget(BudgetLimit::PolicyComparisons)
    );
}
