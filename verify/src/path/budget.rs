//! How much work a question may cost. Intermediates come from strangers, and meshes of them can
//! make a search exponential.

use std::fmt;

/// Upper bounds for one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Signature checks. An honest path needs two to four; cross-certified hierarchies with several
    /// keys per name some dozens.
    pub signatures: u32,
    /// Candidates looked at as issuers while searching. Each is cheap; honest meshes need hundreds.
    pub build_steps: u32,
    /// Comparisons of distinguished names and of names with constraints, per 512 octets. They take
    /// some 50 ns each, and honest chains need hundreds.
    pub name_comparisons: u32,
    /// Comparisons of certificate policies. Real certificates have one to three policies; hostile
    /// ones can have hundreds, each mapped to hundreds.
    pub policy_comparisons: u32,
    /// Octets of certificates and CRLs that a question may bring, evidence supplied later included. A
    /// national CRL has 40 MB; certificates have 2 KiB each.
    pub bytes: u64,
    /// Certificates on a path, end entity included, anchor not. Real paths have two to five.
    pub depth: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            signatures: 100,
            build_steps: 10_000,
            name_comparisons: 50_000,
            policy_comparisons: 1_000_000,
            bytes: 1 << 30,
            depth: 16,
        }
    }
}

/// A bound of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetLimit {
    /// [`Budget::signatures`].
    Signatures,
    /// [`Budget::build_steps`].
    BuildSteps,
    /// [`Budget::name_comparisons`].
    NameComparisons,
    /// [`Budget::policy_comparisons`].
    PolicyComparisons,
    /// [`Budget::bytes`].
    Bytes,
}

impl fmt::Display for BudgetLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signatures => "signature checks",
            Self::BuildSteps => "path building steps",
            Self::NameComparisons => "name comparisons",
            Self::PolicyComparisons => "policy comparisons",
            Self::Bytes => "octets of certificates and CRLs",
        })
    }
}

/// Counts down.
#[derive(Debug)]
pub(super) struct Meter {
    left: Budget,
    whole: Budget,
}

impl Meter {
    pub(super) const fn new(budget: Budget) -> Self {
        Self {
            left: budget,
            whole: budget,
        }
    }

    pub(super) const fn signatures_spent(&self) -> u32 {
        self.whole.signatures - self.left.signatures
    }

    pub(super) const fn steps_spent(&self) -> u32 {
        self.whole.build_steps - self.left.build_steps
    }

    pub(super) fn signature(&mut self) -> Result<(), BudgetLimit> {
        spend(&mut self.left.signatures, 1, BudgetLimit::Signatures)
    }

    pub(super) fn step(&mut self) -> Result<(), BudgetLimit> {
        spend(&mut self.left.build_steps, 1, BudgetLimit::BuildSteps)
    }

    pub(super) fn policy(&mut self, comparisons: usize) -> Result<(), BudgetLimit> {
        let cost = u32::try_from(comparisons).unwrap_or(u32::MAX);
        spend(
            &mut self.left.policy_comparisons,
            cost,
            BudgetLimit::PolicyComparisons,
        )
    }

    /// So many octets were brought.
    pub(super) fn bytes(&mut self, length_bytes: usize) -> Result<(), BudgetLimit> {
        let cost = u64::try_from(length_bytes).unwrap_or(u64::MAX);
        self.left.bytes = self
            .left
            .bytes
            .checked_sub(cost)
            .ok_or(BudgetLimit::Bytes)?;
        Ok(())
    }

    /// One comparison of a name of so many octets; a long name costs as much as several.
    pub(super) fn name(&mut self, length_bytes: usize) -> Result<(), BudgetLimit> {
        let cost = u32::try_from(length_bytes / NAME_UNIT_BYTES).unwrap_or(u32::MAX);
        let cost = cost.saturating_add(1);
        spend(
            &mut self.left.name_comparisons,
            cost,
            BudgetLimit::NameComparisons,
        )
    }
}

fn spend(left: &mut u32, cost: u32, limit: BudgetLimit) -> Result<(), BudgetLimit> {
    *left = left.checked_sub(cost).ok_or(limit)?;
    Ok(())
}

/// Octets of a name that count as one comparison: real names have 50 to 200.
const NAME_UNIT_BYTES: usize = 512;
