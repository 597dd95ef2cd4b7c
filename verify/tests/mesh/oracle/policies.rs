//! The policies of a path (RFC 5280 §6.1.3 (d), §6.1.4 (b), §6.1.5 (g)).

use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;

use super::PolicySet;
use super::tree::{ANY_POLICY, Tree};

/// §6.1.3 (d).
pub(super) fn assert_policies(
    tree: &mut Tree,
    i: usize,
    policies: &[ObjectIdentifier],
    any_counts: bool,
) {
    // (1)
    for policy in policies.iter().filter(|policy| **policy != ANY_POLICY) {
        let mut matched = false;
        for node in tree.at(i - 1) {
            if node.expected_policy_set.contains(policy) {
                tree.add_child(&node, *policy, vec![*policy]);
                matched = true;
            }
        }
        if !matched && let Some(any) = tree.any_at(i - 1) {
            tree.add_child(&any, *policy, vec![*policy]);
        }
    }
    // (2)
    if policies.contains(&ANY_POLICY) && any_counts {
        for node in tree.at(i - 1) {
            for expected in &node.expected_policy_set {
                if !tree.has_child(&node, *expected) {
                    tree.add_child(&node, *expected, vec![*expected]);
                }
            }
        }
    }
    // (3)
    tree.prune(i - 1);
}

/// §6.1.4 (b).
pub(super) fn map_policies(
    tree: &mut Tree,
    i: usize,
    mappings: &[(ObjectIdentifier, ObjectIdentifier)],
    policy_mapping: usize,
) {
    for (from, _) in mappings {
        let to: Vec<_> = mappings
            .iter()
            .filter(|(other, _)| other == from)
            .map(|(_, to)| *to)
            .collect();
        let nodes = tree.at(i);
        let mapped: Vec<_> = nodes.iter().filter(|it| it.valid_policy == *from).collect();
        if policy_mapping > 0 {
            // (1)
            for node in &mapped {
                tree.expect(node, &to);
            }
            if mapped.is_empty()
                && tree.any_at(i).is_some()
                && let Some(above) = tree.any_at(i - 1)
            {
                tree.add_child(&above, *from, to);
            }
        } else {
            // (2)
            for node in mapped {
                tree.delete(node);
            }
            tree.prune(i - 1);
        }
    }
}

/// §6.1.5 (g): what remains of the tree for the user, and the policies that it stands for.
pub(super) fn intersect(tree: &mut Tree, n: usize, acceptable: &[ObjectIdentifier]) -> PolicySet {
    // (i)
    if tree.is_null() {
        return PolicySet::Only(BTreeSet::new());
    }
    // (ii)
    if acceptable.contains(&ANY_POLICY) {
        return if tree.any_at(n).is_some() {
            PolicySet::Any
        } else {
            PolicySet::Only(below_any(tree, n).into_iter().collect())
        };
    }
    // (iii) 1, 2
    for depth in 1..=n {
        for node in tree.at(depth) {
            let top = tree
                .parent(&node)
                .is_some_and(|it| it.valid_policy == ANY_POLICY);
            let policy = node.valid_policy;
            if top && policy != ANY_POLICY && !acceptable.contains(&policy) {
                tree.delete(&node);
            }
        }
    }
    // 3
    if let Some(any) = tree.any_at(n) {
        let known = below_any(tree, n);
        let parent = tree.parent(&any).unwrap().clone();
        for policy in acceptable.iter().filter(|policy| !known.contains(policy)) {
            tree.add_child(&parent, *policy, vec![*policy]);
        }
        tree.delete(&any);
    }
    // 4
    tree.prune(n - 1);
    PolicySet::Only(below_any(tree, n).into_iter().collect())
}

/// The valid_policy_node_set without anyPolicy.
pub(super) fn below_any(tree: &Tree, n: usize) -> Vec<ObjectIdentifier> {
    (1..=n)
        .flat_map(|depth| tree.at(depth))
        .filter(|node| node.valid_policy != ANY_POLICY)
        .filter(|node| {
            tree.parent(node)
                .is_some_and(|it| it.valid_policy == ANY_POLICY)
        })
        .map(|node| node.valid_policy)
        .collect()
}
