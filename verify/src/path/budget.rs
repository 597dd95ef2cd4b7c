//! How much work a question may cost. Intermediates come from strangers, and meshes of them can
//! make a search exponential.

use std::fmt;

/// Upper bounds for one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Signature checks. An honest path needs two to four; cross-certified hierarchies with several
    /// keys per name some dozens.
    pub signatures: u32,
    /// Certificates put on a path while searching. Each is cheap; honest meshes need hundreds.
    pub build_steps: u32,
    /// Comparisons of distinguished names and of names with constraints. One megabyte of them is
    /// done in milliseconds, and no honest chain needs more than some thousands.
    pub name_comparisons: u32,
    /// Certificates on a path, end entity included, anchor not. Real paths have two to five.
    pub depth: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            signatures: 100,
            build_steps: 10_000,
            name_comparisons: 100_000,
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
}

impl fmt::Display for BudgetLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signatures => "signature checks",
            Self::BuildSteps => "path building steps",
            Self::NameComparisons => "name comparisons",
        })
    }
}

/// Counts down.
#[derive(Debug)]
pub(super) struct Meter(Budget);

impl Meter {
    pub(super) const fn new(budget: Budget) -> Self {
        Self(budget)
    }

    pub(super) fn signature(&mut self) -> Result<(), BudgetLimit> {
        spend(&mut self.0.signatures, BudgetLimit::Signatures)
    }

    pub(super) fn step(&mut self) -> Result<(), BudgetLimit> {
        spend(&mut self.0.build_steps, BudgetLimit::BuildSteps)
    }

    pub(super) fn name(&mut self) -> Result<(), BudgetLimit> {
        spend(&mut self.0.name_comparisons, BudgetLimit::NameComparisons)
    }
}

fn spend(left: &mut u32, limit: BudgetLimit) -> Result<(), BudgetLimit> {
    *left = left.checked_sub(1).ok_or(limit)?;
    Ok(())
}
