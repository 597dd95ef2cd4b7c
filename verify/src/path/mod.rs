//! Certification paths: built through cross-certificates in any direction, validated by RFC 5280 §6.

mod anchor;
mod budget;
mod check;
mod dated;
mod error;
mod hook;
mod identity;
mod names;
mod policies;
mod search;
mod verified;

#[cfg(test)]
mod tests;

pub use anchor::{AnchorError, TrustAnchor};
pub use budget::{Budget, BudgetLimit};
pub use dated::DatedPolicy;
pub use error::{PathError, Position, Reason};
pub use hook::{AcceptAll, Link, Notice, PathPolicy, Verdict};
pub use identity::ExpectedName;
pub use policies::{InitialPolicies, PolicySet};
pub use verified::{VerifiedPath, Warning};

use const_oid::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::crypto::CryptoProvider;
use crate::{UnixTime, oid};

/// What the end entity wants to do with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Authenticate as a client (id-kp-clientAuth).
    ClientAuth,
    /// Authenticate as a server (id-kp-serverAuth).
    ServerAuth,
    /// Sign OCSP responses for its issuer (id-kp-OCSPSigning): must be stated by the certificate,
    /// and is not asked of the CAs above it (RFC 6960 §4.2.2.2).
    OcspSigning,
    /// Anything: only that the certificate is genuine. For CA certificates and audits.
    Any,
}

impl Purpose {
    /// The key purpose identifier; none for [`Purpose::Any`].
    #[must_use]
    pub const fn oid(self) -> Option<ObjectIdentifier> {
        match self {
            Self::ClientAuth => Some(oid::CLIENT_AUTH),
            Self::ServerAuth => Some(oid::SERVER_AUTH),
            Self::OcspSigning => Some(oid::OCSP_SIGNING),
            Self::Any => None,
        }
    }
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ClientAuth => "clientAuth",
            Self::ServerAuth => "serverAuth",
            Self::OcspSigning => "OCSPSigning",
            Self::Any => "any purpose",
        })
    }
}

/// What is asked of a [`Verifier`].
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The certificate in question.
    pub end_entity: &'q Certificate<'q>,
    /// Certificates that may help, in any order, trusted in nothing.
    pub intermediates: &'q [Certificate<'q>],
    /// The instant to judge at.
    pub at: UnixTime,
    /// What the key is used for.
    pub purpose: Purpose,
    /// The name that the end entity must have.
    pub name: Option<ExpectedName<'q>>,
    /// The policy inputs of RFC 5280 §6.1.1.
    pub policies: InitialPolicies,
}

impl<'q> Question<'q> {
    /// A question without expected name and with any policy.
    #[must_use]
    pub fn new(
        end_entity: &'q Certificate<'q>,
        intermediates: &'q [Certificate<'q>],
        at: UnixTime,
        purpose: Purpose,
    ) -> Self {
        Self {
            end_entity,
            intermediates,
            at,
            purpose,
            name: None,
            policies: InitialPolicies::default(),
        }
    }

    /// Asks for a name as well.
    #[must_use]
    pub const fn with_name(mut self, name: ExpectedName<'q>) -> Self {
        self.name = Some(name);
        self
    }

    /// Asks for policies as well.
    #[must_use]
    pub fn with_policies(mut self, policies: InitialPolicies) -> Self {
        self.policies = policies;
        self
    }
}

/// Answers questions about certificates; holds what is the same for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'v> {
    crypto: &'v dyn CryptoProvider,
    anchors: &'v [TrustAnchor],
    policy: &'v dyn PathPolicy,
    budget: Budget,
}

impl<'v> Verifier<'v> {
    /// A verifier with the default [`Budget`].
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
        }
    }

    /// The same with another budget.
    #[must_use]
    pub const fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Searches for a path from the end entity to an anchor that passes every check.
    ///
    /// # Errors
    /// The most telling reason of all paths tried: which certificate, which rule, why.
    pub fn verify(&self, question: &Question<'_>) -> Result<VerifiedPath, PathError> {
        search::run(self, question)
    }
}
