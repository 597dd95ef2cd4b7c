//! Our verdict on a case, and its comparison with the oracle's.

use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::RustCrypto;
use kasane_verify::path::{
    self, AcceptAll, Budget, InitialPolicies, IntermediateCache, PathError, Position, Purpose,
    Question, Step, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::revocation::RevocationRules;

use crate::build::{AT, Built, policy_oid};
use crate::oracle::{self, PolicySet};
use crate::spec::{Case, Use};
use crate::verifier::paths_only;

/// Orders of the intermediates in which each case is asked.
const ORDERS: u64 = 16;

pub(crate) type Opinions = Vec<(oracle::Path, Result<PolicySet, &'static str>)>;

/// Our verdict, with the intermediates in that order.
pub(crate) fn ours(case: &Case, built: &Built, order: &[usize]) -> Result<VerifiedPath, PathError> {
    let anchors = built.trust(&case.anchors);
    asking(case, built, order, |question| {
        verifier(&anchors).verify(question)
    })
}

/// Calls `answer` with the question.
fn asking<T>(
    case: &Case,
    built: &Built,
    order: &[usize],
    answer: impl FnOnce(&Question<'_>) -> T,
) -> T {
    let end_entity = Certificate::from_der(&built.end_entity).unwrap();
    let intermediates: Vec<_> = order
        .iter()
        .map(|index| Certificate::from_der(&built.intermediates[*index]).unwrap())
        .collect();
    let at: UnixTime = AT.parse().unwrap();
    let purpose = match case.ask.purpose {
        Use::Client => Purpose::ClientAuth,
        Use::Server => Purpose::ServerAuth,
        Use::Any => Purpose::Any,
    };
    let policies = InitialPolicies {
        acceptable: case
            .ask
            .acceptable
            .as_ref()
            .map(|some| some.iter().map(|policy| oid(*policy)).collect()),
        require_explicit: case.ask.require_explicit,
        inhibit_mapping: case.ask.inhibit_mapping,
        inhibit_any: case.ask.inhibit_any,
    };
    answer(&Question::new(&end_entity, &intermediates, at, purpose).with_policies(policies))
}

/// Meshes of a dozen certificates: whatever the search costs, it is meant to end.
fn verifier(anchors: &[TrustAnchor]) -> Verifier<'_> {
    paths_only(anchors, &AcceptAll).with_budget(Budget {
        signatures: 10_000,
        build_steps: 10_000_000,
        name_comparisons: 100_000_000,
        ..Budget::default()
    })
}

/// Every other way of asking gives the same answer: with a cache of intermediates, fresh and filled;
/// step by step; told as a tree; and with the other provider of cryptography.
pub(crate) fn in_other_ways(case: &Case, built: &Built) -> Result<(), String> {
    let anchors = built.trust(&case.anchors);
    let order = order(0, built.intermediates.len());
    asking(case, built, &order, |question| {
        let verifier = verifier(&anchors);
        let expected = verifier.verify(question);
        let same = |what: &str, other: Result<VerifiedPath, PathError>| {
            let (one, other) = (told(&expected), told(&other));
            if one == other {
                Ok(())
            } else {
                Err(format!("{what}: {other:?}, not {one:?}"))
            }
        };
        let cache = IntermediateCache::new(64);
        let cached = verifier.clone().with_cache(&cache);
        same("fresh cache", cached.verify(question))?;
        same("filled cache", cached.verify(question))?;
        same("explained", verifier.explain(question, None).result)?;
        let stepwise = match verifier.begin(question).advance() {
            Step::Verified(path) => Ok(*path),
            Step::Refused(error) => Err(error),
            Step::NeedsRevocation(_) => return Err("it asked for status".to_owned()),
        };
        same("step by step", stepwise)?;
        let anchors = built.trust_by(&case.anchors, &RustCrypto);
        let other = Verifier::new(&RustCrypto, &anchors, &AcceptAll)
            .with_revocation(RevocationRules::dangerously_unchecked());
        let budget = Budget {
            signatures: 10_000,
            ..Budget::default()
        };
        same("RustCrypto", other.with_budget(budget).verify(question))
    })
}

type Told = Result<(Vec<Position>, usize, path::PolicySet), (Position, &'static str)>;

fn told(verdict: &Result<VerifiedPath, PathError>) -> Told {
    match verdict {
        Ok(path) => Ok((
            path.positions().to_vec(),
            path.anchor(),
            path.policies().clone(),
        )),
        Err(error) => Err((error.position, error.code())),
    }
}

/// What the oracle says of each prospective path.
pub(crate) fn opinions(case: &Case, built: &Built) -> Opinions {
    let at: UnixTime = AT.parse().unwrap();
    let anchors = built.anchors.iter().zip(&case.anchors);
    oracle::Inputs {
        anchors: anchors
            .map(|(der, anchor)| oracle::Anchor {
                certificate: oracle::read(der),
                bare: anchor.bare,
            })
            .collect(),
        intermediates: built
            .intermediates
            .iter()
            .map(|it| oracle::read(it))
            .collect(),
        end_entity: oracle::read(&built.end_entity),
        at_seconds: at.seconds().try_into().unwrap(),
        purpose: match case.ask.purpose {
            Use::Client => Some(oracle::Purpose::Client),
            Use::Server => Some(oracle::Purpose::Server),
            Use::Any => None,
        },
        acceptable: match &case.ask.acceptable {
            None => vec![oid(0)],
            Some(some) => some.iter().map(|policy| oid(*policy)).collect(),
        },
        initial_explicit_policy: case.ask.require_explicit,
        initial_policy_mapping_inhibit: case.ask.inhibit_mapping,
        initial_any_policy_inhibit: case.ask.inhibit_any,
    }
    .judge()
}

/// One verdict in every order, the oracle's; and each path that we find is valid for it too, with
/// the same policies.
pub(crate) fn against_oracle(
    case: &Case,
    built: &Built,
    opinions: &Opinions,
) -> Result<(), String> {
    let expected = opinions.iter().any(|(_, verdict)| verdict.is_ok());
    for turn in 0..ORDERS {
        let order = order(turn, built.intermediates.len());
        match ours(case, built, &order) {
            Ok(found) if expected => same_path(&found, &order, opinions)?,
            Err(_) if !expected => {}
            Ok(found) => {
                let path = place(&found, &order);
                return Err(format!("accepted by {path:?}; oracle: {opinions:?}"));
            }
            Err(error) => return Err(format!("refused: {error}; oracle: {opinions:?}")),
        }
    }
    Ok(())
}

fn same_path(found: &VerifiedPath, order: &[usize], opinions: &Opinions) -> Result<(), String> {
    let path = place(found, order);
    let Some((_, verdict)) = opinions.iter().find(|(other, _)| *other == path) else {
        return Err(format!("{path:?} is no path; oracle: {opinions:?}"));
    };
    let ours = match found.policies() {
        path::PolicySet::Any => PolicySet::Any,
        path::PolicySet::Only(some) => {
            let set: BTreeSet<_> = some.iter().copied().collect();
            if set.len() != some.len() {
                return Err(format!("{path:?} repeats a policy: {some:?}"));
            }
            PolicySet::Only(set)
        }
    };
    if verdict.as_ref() == Ok(&ours) {
        Ok(())
    } else {
        Err(format!("{path:?} with {ours:?}; oracle: {verdict:?}"))
    }
}

/// The path in the oracle's terms.
fn place(found: &VerifiedPath, order: &[usize]) -> oracle::Path {
    let intermediates = found.positions().iter().rev().filter_map(|it| match it {
        Position::Intermediate(index) => Some(order[*index]),
        Position::EndEntity | Position::Anchor(_) => None,
    });
    oracle::Path {
        anchor: found.anchor(),
        intermediates: intermediates.collect(),
    }
}

/// An order of `count` things; the first is as they are.
fn order(turn: u64, count: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    let mut state = turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for last in (1..count).rev() {
        if turn == 0 {
            break;
        }
        // Fisher and Yates, with the generator of Steele and others (SplitMix64).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let chosen = (mixed ^ (mixed >> 31)) % (u64::try_from(last).unwrap() + 1);
        order.swap(last, chosen.try_into().unwrap());
    }
    order
}

fn oid(policy: u8) -> ObjectIdentifier {
    policy_oid(policy).parse().unwrap()
}
