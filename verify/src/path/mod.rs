//! Certification paths: built through cross-certificates in any direction, validated by RFC 5280 §6.

mod anchor;
mod budget;
mod cache;
mod check;
mod dated;
mod dry_run;
mod error;
mod error_ja;
mod hook;
mod identity;
mod names;
mod policies;
mod profile;
mod question;
mod round;
mod search;
mod session;
mod subject;
mod verified;

#[cfg(test)]
mod tests;

pub use anchor::{AnchorError, TrustAnchor};
pub use budget::{Budget, BudgetLimit};
pub use cache::IntermediateCache;
pub use dated::{DatedPolicy, SharedDatedPolicy};
pub use dry_run::{DryRun, Finding, FindingKind};
pub use error::{PathError, Position, Reason};
pub use hook::{AcceptAll, Link, Notice, PathPolicy, Verdict};
pub use identity::ExpectedName;
pub use policies::{InitialPolicies, PolicySet};
pub use question::{KeyUsageRule, ProfileRule, Purpose, Question};
pub use round::{GivenUp, Round};
pub use search::{Explanation, Node, NodeOutcome};
pub use session::{Step, Verification};
pub use subject::{SubjectIdentity, SubjectKind};
pub use verified::{VerifiedPath, Warning};

use crate::UnixTime;
use crate::crypto::CryptoProvider;
use crate::revocation::{EvidenceSource, RevocationRules};

/// Answers questions about certificates; holds what is the same for all of them.
#[derive(Clone, Debug)]
pub struct Verifier<'v> {
    crypto: &'v dyn CryptoProvider,
    anchors: &'v [TrustAnchor],
    policy: &'v dyn PathPolicy,
    budget: Budget,
    revocation: RevocationRules,
    cache: Option<&'v IntermediateCache>,
}

impl<'v> Verifier<'v> {
    /// A verifier with the default [`Budget`] and [`RevocationRules`]: every certificate's status
    /// must be known and good.
    #[must_use]
    pub fn new(
        crypto: &'v dyn CryptoProvider,
        anchors: &'v [TrustAnchor],
        policy: &'v dyn PathPolicy,
    ) -> Self {
        Self {
            crypto,
            anchors,
            policy,
            budget: Budget::default(),
            revocation: RevocationRules::default(),
            cache: None,
        }
    }

    /// The same with another budget.
    #[must_use]
    pub const fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// The same with other rules for revocation status.
    #[must_use]
    pub fn with_revocation(mut self, rules: RevocationRules) -> Self {
        self.revocation = rules;
        self
    }

    /// The same with a cache of verified intermediates.
    #[must_use]
    pub const fn with_cache(mut self, cache: &'v IntermediateCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Searches for a path from the end entity to an anchor that passes every check, with the
    /// evidence of revocation status that the question brings along.
    ///
    /// # Errors
    /// The most telling reason of all paths tried: which certificate, which rule, why.
    pub fn verify(&self, question: &Question<'_>) -> Result<VerifiedPath, PathError> {
        session::verify(self, question, None)
    }

    /// The same; what the question lacks is taken from `source`.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_with(
        &self,
        question: &Question<'_>,
        source: &dyn EvidenceSource,
    ) -> Result<VerifiedPath, PathError> {
        session::verify(self, question, Some(source))
    }

    /// Begins a verification that says what evidence it lacks, for callers that fetch it.
    #[must_use]
    pub fn begin<'s>(&'s self, question: &'s Question<'s>) -> Verification<'s> {
        Verification::new(self, question)
    }

    /// What a date to come makes of the path: would it pass, and which certificate fails it?
    #[must_use]
    pub fn dry_run(&self, question: &Question<'_>, at: UnixTime) -> DryRun {
        dry_run::run(self, question, at)
    }

    /// Verifies and tells the whole search.
    #[must_use]
    pub fn explain(
        &self,
        question: &Question<'_>,
        source: Option<&dyn EvidenceSource>,
    ) -> Explanation {
        session::explain(self, question, source)
    }
}
