//! Budgets: exactly enough passes, one less is refused with the limit that it met.

use kasane_verify::UnixTime;
use kasane_verify::path::{
    AcceptAll, Budget, BudgetLimit, PathError, Purpose, Question, Reason, VerifiedPath,
};
use rcgen::{CertificateParams, CustomExtension, DnType, GeneralSubtree, NameConstraints, SanType};

use crate::chain::Chain;
use crate::chain::Key::P256;

/// Without any limit that could bind.
const PLENTY: Budget = Budget {
    bytes: u64::MAX,
    signatures: u32::MAX,
    build_steps: u32::MAX,
    name_comparisons: u32::MAX,
    policy_comparisons: u32::MAX,
    depth: u32::MAX,
};

type Field = fn(&mut Budget) -> &mut u32;

fn ask(chain: &Chain, budget: Budget) -> Result<VerifiedPath, PathError> {
    let at: UnixTime = "2028-06-01".parse().unwrap();
    chain.ask(&AcceptAll, budget, |end_entity, intermediates| {
        Question::new(end_entity, intermediates, at, Purpose::ClientAuth)
    })
}

/// The least of one resource with which the question is answered; everything below must be refused
/// with the right limit, and twice as much must do as well.
fn least(chain: &Chain, field: Field, limit: Option<BudgetLimit>) -> u32 {
    let with = |amount| {
        let mut budget = PLENTY;
        *field(&mut budget) = amount;
        ask(chain, budget)
    };
    for amount in 0..5_000 {
        match with(amount) {
            Ok(_) => {
                assert!(with(amount * 2 + 1).is_ok());
                return amount;
            }
            Err(error) => match (limit, &*error.reason) {
                (Some(limit), Reason::Budget(met)) => {
                    assert_eq!(*met, limit);
                    assert_eq!(error.code(), "path.budget");
                }
                (None, Reason::TooDeep { depth }) => {
                    assert_eq!(*depth, amount);
                    assert_eq!(error.code(), "path.too_deep");
                }
                (_, other) => panic!("{amount}: {other}"),
            },
        }
    }
    panic!("5000 is not enough");
}

fn signatures(chain: &Chain) -> u32 {
    least(
        chain,
        |it| &mut it.signatures,
        Some(BudgetLimit::Signatures),
    )
}

fn names(chain: &Chain) -> u32 {
    least(
        chain,
        |it| &mut it.name_comparisons,
        Some(BudgetLimit::NameComparisons),
    )
}

fn policies(chain: &Chain) -> u32 {
    least(
        chain,
        |it| &mut it.policy_comparisons,
        Some(BudgetLimit::PolicyComparisons),
    )
}

/// An anchor, `count` certificates.
fn chain(count: usize) -> Chain {
    Chain::new(&vec![P256; count + 1])
}

#[test]
fn a_chain_needs_as_many_signatures_as_certificates() {
    for (count, needed) in [(1, 1), (2, 2), (3, 3), (6, 6)] {
        assert_eq!(signatures(&chain(count)), needed, "{count}");
    }
}

#[test]
fn a_chain_needs_as_many_steps_as_certificates() {
    for (count, needed) in [(1, 1), (2, 2), (3, 3), (6, 6)] {
        let steps = least(
            &chain(count),
            |it| &mut it.build_steps,
            Some(BudgetLimit::BuildSteps),
        );
        assert_eq!(steps, needed, "{count}");
    }
}

#[test]
fn depth_counts_the_end_entity_and_not_the_anchor() {
    // The end entity alone is no path that could be too deep.
    for (count, needed) in [(2, 2), (3, 3), (6, 6), (16, 16)] {
        assert_eq!(
            least(&chain(count), |it| &mut it.depth, None),
            needed,
            "{count}"
        );
    }
    // The default.
    assert!(ask(&chain(16), Budget::default()).is_ok());
    let error = ask(&chain(17), Budget::default()).unwrap_err();
    assert_eq!(error.code(), "path.too_deep");
}

#[test]
fn names_are_compared_within_their_budget() {
    let short = names(&chain(3));
    let more = names(&chain(5));
    assert!(0 < short && short < more, "{short} {more}");
    // A name of 512 octets or more costs as much as several.
    let long = Chain::with(&[P256; 4], |_, params| {
        let own = "x".repeat(2_000);
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, own);
    });
    let long = names(&long);
    assert!(short * 3 < long, "{short} {long}");
}

#[test]
fn names_are_compared_with_constraints_within_the_same_budget() {
    let with = |bases: usize, alternatives: usize| {
        let chain = Chain::with(&[P256; 3], |place, params| {
            if place == 1 {
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: Vec::new(),
                    excluded_subtrees: (0..bases)
                        .map(|index| GeneralSubtree::DnsName(format!("no-{index}.example")))
                        .collect(),
                });
            }
            if place == 2 {
                params.subject_alt_names = (0..alternatives)
                    .map(|index| format!("yes-{index}.example"))
                    .map(|name| SanType::DnsName(name.try_into().unwrap()))
                    .collect();
            }
        });
        names(&chain)
    };
    let (none, few, many) = (with(0, 10), with(5, 10), with(10, 20));
    // Every name with every base.
    assert!(few >= none + 50, "{none} {few}");
    assert!(many >= none + 200, "{none} {many}");
}

#[test]
fn policies_are_compared_within_their_budget() {
    let with = |count: u8| {
        policies(&Chain::with(&[P256; 4], |place, params| {
            if place > 0 {
                assert_policies(params, count);
            }
        }))
    };
    let (one, some, many) = (with(1), with(5), with(10));
    assert!(0 < one && one < some && some < many, "{one} {some} {many}");
    // No more than some multiple of all pairs on three certificates.
    assert!(many <= 10 * 10 * 3 * 4, "{many}");
}

/// `certificatePolicies` with so many policies.
fn assert_policies(params: &mut CertificateParams, count: u8) {
    let mut value = vec![0x30, count * 6];
    for policy in 0..count {
        // PolicyInformation with 1.2.N.
        value.extend([0x30, 4, 6, 2, 0x2a, policy + 1]);
    }
    let extension = CustomExtension::from_oid_content(&[2, 5, 29, 32], value);
    params.custom_extensions.push(extension);
}
