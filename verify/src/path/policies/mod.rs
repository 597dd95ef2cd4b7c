//! Certificate policies (RFC 5280 §6.1 with the policy graph of RFC 9618).

mod graph;

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};

use self::graph::Graph;
use super::budget::{BudgetLimit, Meter};
use super::{Position, Reason};
use crate::certificate::{Certificate, owned};
use crate::oid;

/// The policy inputs of RFC 5280 §6.1.1 (c), (e), (f), (g). The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitialPolicies {
    /// Policies of which one should be valid for the path; none means any.
    pub acceptable: Option<Vec<ObjectIdentifier>>,
    /// Whether a path without acceptable policy is refused (initial-explicit-policy).
    pub require_explicit: bool,
    /// Whether mappings are refused (initial-policy-mapping-inhibit).
    pub inhibit_mapping: bool,
    /// Whether anyPolicy counts for nothing (initial-any-policy-inhibit).
    pub inhibit_any: bool,
}

impl InitialPolicies {
    /// The path must be valid for one of these policies.
    #[must_use]
    pub const fn require(acceptable: Vec<ObjectIdentifier>) -> Self {
        Self {
            acceptable: Some(acceptable),
            require_explicit: true,
            inhibit_mapping: false,
            inhibit_any: false,
        }
    }
}

/// The policies that a path is valid for (user-constrained-policy-set, RFC 5280 §6.1.6), in the
/// terms of the anchor's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySet {
    /// Every policy: each certificate asserts anyPolicy.
    Any,
    /// These; empty when none is.
    Only(Vec<ObjectIdentifier>),
}

impl PolicySet {
    /// Whether the path is valid for `policy`.
    #[must_use]
    pub fn contains(&self, policy: ObjectIdentifier) -> bool {
        match self {
            Self::Any => true,
            Self::Only(policies) => policies.contains(&policy),
        }
    }
}

/// Why policy processing ended early.
pub(super) enum Fault {
    Refused(Position, Reason),
    Budget(BudgetLimit),
}

impl From<BudgetLimit> for Fault {
    fn from(limit: BudgetLimit) -> Self {
        Self::Budget(limit)
    }
}

struct State<'a> {
    graph: Graph<'a>,
    explicit: u32,
    mapping: u32,
    any: u32,
}

/// Processes a path from the anchor's side to the end entity.
pub(super) fn check<'a>(
    initial: &InitialPolicies,
    path: &[(Position, &'a Certificate<'a>)],
    meter: &mut Meter,
) -> Result<PolicySet, Fault> {
    let Some(((last_position, last), above)) = path.split_last() else {
        return Ok(PolicySet::Any);
    };
    // Where nothing speaks of policies, none is valid and none is asked for: no graph to draw.
    if !initial.require_explicit && path.iter().all(|(_, it)| is_silent(it)) {
        return Ok(PolicySet::Only(Vec::new()));
    }
    let never = u32::try_from(path.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    // RFC 5280 §6.1.2 (a), (d), (e), (f).
    let mut state = State {
        graph: Graph::new(),
        explicit: if initial.require_explicit { 0 } else { never },
        mapping: if initial.inhibit_mapping { 0 } else { never },
        any: if initial.inhibit_any { 0 } else { never },
    };
    for (position, certificate) in above {
        let self_issued = certificate.is_self_issued();
        state.assert(*position, certificate, self_issued, meter)?;
        state.prepare(*position, certificate, self_issued, meter)?;
    }
    state.assert(*last_position, last, false, meter)?;
    // RFC 5280 §6.1.5 (a), (b).
    state.explicit = state.explicit.saturating_sub(1);
    let constraints = last.extensions().policy_constraints;
    if constraints.is_some_and(|it| it.require_explicit_policy == Some(0)) {
        state.explicit = 0;
    }
    let set = constrained(
        state.graph.authority_constrained(),
        initial.acceptable.as_deref(),
    );
    if state.explicit == 0 && set == PolicySet::Only(Vec::new()) {
        return Err(Fault::Refused(*last_position, Reason::NoValidPolicy));
    }
    Ok(set)
}

fn is_silent(certificate: &Certificate<'_>) -> bool {
    let extensions = certificate.extensions();
    extensions.certificate_policies.is_none()
        && extensions.policy_mappings.is_none()
        && extensions.policy_constraints.is_none()
}

impl<'a> State<'a> {
    /// RFC 5280 §6.1.3 (d), (e), (f).
    fn assert(
        &mut self,
        position: Position,
        certificate: &'a Certificate<'a>,
        self_issued_ca: bool,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let any_counts = self.any > 0 || self_issued_ca;
        let policies = certificate.extensions().certificate_policies;
        self.graph
            .grow(policies.iter().flat_map(|it| it.iter()), any_counts, meter)?;
        if self.explicit == 0 && self.graph.is_null() {
            return Err(Fault::Refused(position, Reason::NoValidPolicy));
        }
        Ok(())
    }

    /// RFC 5280 §6.1.4 (a), (b), (h), (i), (j).
    fn prepare(
        &mut self,
        position: Position,
        certificate: &'a Certificate<'a>,
        self_issued: bool,
        meter: &mut Meter,
    ) -> Result<(), Fault> {
        let extensions = certificate.extensions();
        if let Some(mappings) = extensions.policy_mappings {
            if mappings
                .iter()
                .any(|(a, b)| *a == oid::ANY_POLICY || *b == oid::ANY_POLICY)
            {
                return Err(Fault::Refused(position, Reason::AnyPolicyMapped));
            }
            let mappings: Vec<_> = mappings.iter().collect();
            if self.mapping > 0 {
                self.graph.map(&mappings, meter)?;
            } else {
                self.graph.remove(&mappings, meter)?;
            }
        }
        if !self_issued {
            self.explicit = self.explicit.saturating_sub(1);
            self.mapping = self.mapping.saturating_sub(1);
            self.any = self.any.saturating_sub(1);
        }
        if let Some(constraints) = extensions.policy_constraints {
            lower(&mut self.explicit, constraints.require_explicit_policy);
            lower(&mut self.mapping, constraints.inhibit_policy_mapping);
        }
        lower(&mut self.any, extensions.inhibit_any_policy);
        Ok(())
    }
}

fn lower(counter: &mut u32, limit: Option<u32>) {
    if let Some(limit) = limit {
        *counter = (*counter).min(limit);
    }
}

/// RFC 9618 §5.5 (g): what the authorities allow, as far as the user accepts it.
fn constrained(
    authority: Vec<&ObjectIdentifierRef>,
    acceptable: Option<&[ObjectIdentifier]>,
) -> PolicySet {
    let any = authority.iter().any(|policy| **policy == oid::ANY_POLICY);
    let acceptable = acceptable.filter(|acceptable| !acceptable.contains(&oid::ANY_POLICY));
    match (any, acceptable) {
        (true, None) => PolicySet::Any,
        (true, Some(acceptable)) => PolicySet::Only(acceptable.to_vec()),
        (false, acceptable) => PolicySet::Only(
            authority
                .into_iter()
                .map(owned)
                .filter(|policy| acceptable.is_none_or(|it| it.contains(policy)))
                .collect(),
        ),
    }
}
