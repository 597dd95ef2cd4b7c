//! Certificate policies (RFC 5280 §6.1): the set of policies that every certificate of a path
//! asserts. Without mappings the policy graph is exactly this intersection. A mapping is never
//! followed: a critical one refuses the path, another makes both of its policies worthless.

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};

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
    /// Whether mappings are ignored (initial-policy-mapping-inhibit).
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

/// The policies that a path is valid for (user-constrained-policy-set, RFC 5280 §6.1.6).
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

enum Valid<'a> {
    Any,
    Only(Vec<&'a ObjectIdentifierRef>),
}

struct State<'a> {
    valid: Valid<'a>,
    /// Policies that a mapping has touched.
    spoiled: Vec<&'a ObjectIdentifierRef>,
    explicit: u32,
    mapping: u32,
    any: u32,
}

/// Processes a path from the anchor's side to the end entity.
pub(super) fn check<'a>(
    initial: &InitialPolicies,
    path: &[(Position, &'a Certificate<'a>)],
) -> Result<PolicySet, (Position, Reason)> {
    let length = u32::try_from(path.len()).unwrap_or(u32::MAX);
    let never = length.saturating_add(1);
    // RFC 5280 §6.1.2 (d), (e), (f).
    let mut state = State {
        valid: Valid::Any,
        spoiled: Vec::new(),
        explicit: if initial.require_explicit { 0 } else { never },
        mapping: if initial.inhibit_mapping { 0 } else { never },
        any: if initial.inhibit_any { 0 } else { never },
    };
    let Some(((last_position, last), above)) = path.split_last() else {
        return Ok(PolicySet::Any);
    };
    for (position, certificate) in above {
        let self_issued = certificate.is_self_issued();
        state.assert(certificate, self_issued);
        state.require().map_err(|reason| (*position, reason))?;
        state
            .prepare(certificate, self_issued)
            .map_err(|reason| (*position, reason))?;
    }
    state.assert(last, false);
    state.require().map_err(|reason| (*last_position, reason))?;
    // RFC 5280 §6.1.5 (a), (b).
    state.explicit = state.explicit.saturating_sub(1);
    if last
        .extensions()
        .policy_constraints
        .is_some_and(|it| it.require_explicit_policy == Some(0))
    {
        state.explicit = 0;
    }
    let set = state.result(initial);
    if state.explicit == 0 && set == PolicySet::Only(Vec::new()) {
        return Err((*last_position, Reason::NoValidPolicy));
    }
    Ok(set)
}

impl<'a> State<'a> {
    /// RFC 5280 §6.1.3 (d), (e).
    fn assert(&mut self, certificate: &Certificate<'a>, self_issued_ca: bool) {
        let Some(policies) = certificate.extensions().certificate_policies else {
            self.valid = Valid::Only(Vec::new());
            return;
        };
        let any_counts = (self.any > 0 || self_issued_ca)
            && policies.iter().any(|policy| *policy == oid::ANY_POLICY);
        if any_counts {
            return;
        }
        let named = policies.iter().filter(|policy| **policy != oid::ANY_POLICY);
        match &mut self.valid {
            Valid::Any => self.valid = Valid::Only(named.collect()),
            Valid::Only(valid) => valid.retain(|policy| policies.iter().any(|it| it == *policy)),
        }
    }

    /// RFC 5280 §6.1.3 (f).
    fn require(&self) -> Result<(), Reason> {
        let empty = match &self.valid {
            Valid::Any => false,
            Valid::Only(valid) => valid.iter().all(|policy| self.spoiled.contains(policy)),
        };
        if empty && self.explicit == 0 {
            Err(Reason::NoValidPolicy)
        } else {
            Ok(())
        }
    }

    /// RFC 5280 §6.1.4 (a), (b), (h), (i), (j).
    fn prepare(&mut self, certificate: &Certificate<'a>, self_issued: bool) -> Result<(), Reason> {
        let extensions = certificate.extensions();
        if let Some(mappings) = extensions.policy_mappings {
            if mappings
                .iter()
                .any(|(a, b)| *a == oid::ANY_POLICY || *b == oid::ANY_POLICY)
            {
                return Err(Reason::AnyPolicyMapped);
            }
            if self.mapping > 0 && extensions.is_critical(oid::POLICY_MAPPINGS) {
                return Err(Reason::PolicyMapping);
            }
            if self.mapping > 0 {
                self.spoiled
                    .extend(mappings.iter().flat_map(|(from, to)| [from, to]));
            } else if let Valid::Only(valid) = &mut self.valid {
                valid.retain(|policy| mappings.iter().all(|(from, _)| from != *policy));
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

    /// RFC 5280 §6.1.5 (g).
    fn result(&self, initial: &InitialPolicies) -> PolicySet {
        let clean = |policy: &ObjectIdentifier| !self.spoiled.iter().any(|it| **it == *policy);
        let acceptable = initial
            .acceptable
            .as_ref()
            .filter(|acceptable| !acceptable.contains(&oid::ANY_POLICY));
        match (&self.valid, acceptable) {
            (Valid::Any, None) => PolicySet::Any,
            (Valid::Any, Some(acceptable)) => {
                PolicySet::Only(acceptable.iter().copied().filter(clean).collect())
            }
            (Valid::Only(valid), acceptable) => PolicySet::Only(
                valid
                    .iter()
                    .map(|policy| owned(policy))
                    .filter(|policy| acceptable.is_none_or(|it| it.contains(policy)))
                    .filter(clean)
                    .collect(),
            ),
        }
    }
}

fn lower(counter: &mut u32, limit: Option<u32>) {
    if let Some(limit) = limit {
        *counter = (*counter).min(limit);
    }
}
