//! The valid policy graph (RFC 9618): one node for each policy and certificate, so that its size is
//! bounded by what the certificates list, where the tree of RFC 5280 could grow exponentially.

use std::cell::Cell;

use const_oid::ObjectIdentifierRef;

use crate::oid;
use crate::path::budget::{BudgetLimit, Meter};

const ANY: &ObjectIdentifierRef = oid::ANY_POLICY.as_oid_ref();

struct Node<'a> {
    policy: &'a ObjectIdentifierRef,
    /// What the next certificate may assert to satisfy this node, if not the policy itself.
    mapped: Option<Vec<&'a ObjectIdentifierRef>>,
    /// Indices in the level above.
    parents: Parents,
    /// Whether the last level is reached from here.
    alive: Cell<bool>,
}

/// Nearly always one, and then nothing is allocated.
struct Parents {
    first: Option<usize>,
    others: Vec<usize>,
}

impl Parents {
    const fn one(parent: Option<usize>) -> Self {
        Self {
            first: parent,
            others: Vec::new(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.first.iter().chain(&self.others).copied()
    }
}

impl<'a> Node<'a> {
    const fn new(policy: &'a ObjectIdentifierRef, parents: Parents) -> Self {
        Self {
            policy,
            mapped: None,
            parents,
            alive: Cell::new(false),
        }
    }

    fn expected(&self) -> &[&'a ObjectIdentifierRef] {
        let own = std::slice::from_ref(&self.policy);
        self.mapped.as_deref().unwrap_or(own)
    }
}

/// Levels from the anchor down; the first has only anyPolicy.
pub(super) struct Graph<'a> {
    levels: Vec<Vec<Node<'a>>>,
}

impl<'a> Graph<'a> {
    /// RFC 9618 §5.2 (a).
    pub(super) fn new() -> Self {
        let root = Node::new(ANY, Parents::one(None));
        Self {
            levels: vec![vec![root]],
        }
    }

    /// Whether nothing is valid any more.
    pub(super) fn is_null(&self) -> bool {
        self.levels.last().is_none_or(Vec::is_empty)
    }

    /// Adds the level of a certificate with these policies (RFC 9618 §5.3 (d), (e)).
    pub(super) fn grow(
        &mut self,
        policies: impl Iterator<Item = &'a ObjectIdentifierRef>,
        any_counts: bool,
        meter: &mut Meter,
    ) -> Result<(), BudgetLimit> {
        let above = self.levels.last().map(Vec::as_slice).unwrap_or_default();
        let cost = above
            .iter()
            .map(|node| node.expected().len() + 1)
            .sum::<usize>();
        let any_above = above.iter().position(|node| node.policy == ANY);
        let mut level: Vec<Node<'a>> = Vec::new();
        let mut any_asserted = false;
        for policy in policies {
            meter.policy(cost)?;
            if policy == ANY {
                any_asserted = true;
                continue;
            }
            // (d)(1)(i), (ii)
            let mut parents = expecting(above, policy);
            parents.first = parents.first.or(any_above);
            if parents.first.is_some() {
                level.push(Node::new(policy, parents));
            }
        }
        if any_asserted && any_counts {
            // (d)(2)
            for wanted in above
                .iter()
                .flat_map(|node| node.expected().iter().copied())
            {
                meter.policy(cost.saturating_add(level.len()))?;
                if level.iter().all(|node| node.policy != wanted) {
                    let parents = expecting(above, wanted);
                    level.push(Node::new(wanted, parents));
                }
            }
        }
        self.levels.push(level);
        Ok(())
    }

    /// Follows policy mappings (RFC 9618 §5.4 (b)(1)).
    pub(super) fn map(
        &mut self,
        mappings: &[(&'a ObjectIdentifierRef, &'a ObjectIdentifierRef)],
        meter: &mut Meter,
    ) -> Result<(), BudgetLimit> {
        let Some((level, above)) = self.levels.split_last_mut() else {
            return Ok(());
        };
        let any_above = above
            .last()
            .and_then(|above| above.iter().position(|node| node.policy == ANY));
        let has_any = level.iter().any(|node| node.policy == ANY);
        for (from, _) in mappings {
            meter.policy(mappings.len().saturating_add(level.len()))?;
            let to = || {
                mappings
                    .iter()
                    .filter(|(other, _)| other == from)
                    .map(|(_, to)| *to)
            };
            if let Some(node) = level.iter_mut().find(|node| node.policy == *from) {
                node.mapped = Some(to().collect());
            } else if has_any && let Some(parent) = any_above {
                let mut node = Node::new(from, Parents::one(Some(parent)));
                node.mapped = Some(to().collect());
                level.push(node);
            }
        }
        Ok(())
    }

    /// Removes what is mapped although mapping is inhibited (RFC 9618 §5.4 (b)(2)).
    pub(super) fn remove(
        &mut self,
        mappings: &[(&'a ObjectIdentifierRef, &'a ObjectIdentifierRef)],
        meter: &mut Meter,
    ) -> Result<(), BudgetLimit> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        meter.policy(mappings.len().saturating_mul(level.len()))?;
        level.retain(|node| mappings.iter().all(|(from, _)| *from != node.policy));
        Ok(())
    }

    /// The authority-constrained policy set (RFC 9618 §5.5 (g), §5.6): of the nodes from which the
    /// last level is reached, those directly below anyPolicy, and anyPolicy itself if it is last.
    pub(super) fn authority_constrained(&self) -> Vec<&'a ObjectIdentifierRef> {
        let mut found: Vec<&'a ObjectIdentifierRef> = Vec::new();
        let Some((last, above)) = self.levels.split_last() else {
            return found;
        };
        if last.iter().any(|node| node.policy == ANY) {
            found.push(ANY);
        }
        let mut level = last;
        level.iter().for_each(|node| node.alive.set(true));
        for upper in above.iter().rev() {
            for node in level.iter().filter(|node| node.alive.get()) {
                for parent in node.parents.iter().filter_map(|it| upper.get(it)) {
                    parent.alive.set(true);
                    let below_any = parent.policy == ANY;
                    if below_any && node.policy != ANY && !found.contains(&node.policy) {
                        found.push(node.policy);
                    }
                }
            }
            level = upper;
        }
        found
    }
}

/// The nodes of a level that expect `policy`.
fn expecting(level: &[Node<'_>], policy: &ObjectIdentifierRef) -> Parents {
    let nodes = level.iter().enumerate();
    let mut found = nodes
        .filter(|(_, node)| node.expected().contains(&policy))
        .map(|(index, _)| index);
    Parents {
        first: found.next(),
        others: found.collect(),
    }
}
