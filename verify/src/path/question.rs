//! What is asked about a certificate.

use const_oid::ObjectIdentifier;

use super::{ExpectedName, InitialPolicies};
use crate::certificate::Certificate;
use crate::revocation::Evidence;
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
    /// Sign CRLs (cRLSign, RFC 5280 §6.3.3 (f)), whether it is a CA or not.
    CrlSigning,
    /// Anything: only that the certificate is genuine. For CA certificates and audits.
    Any,
}

impl Purpose {
    /// The key purpose identifier; none where key usage alone decides.
    #[must_use]
    pub const fn oid(self) -> Option<ObjectIdentifier> {
        match self {
            Self::ClientAuth => Some(oid::CLIENT_AUTH),
            Self::ServerAuth => Some(oid::SERVER_AUTH),
            Self::OcspSigning => Some(oid::OCSP_SIGNING),
            Self::CrlSigning | Self::Any => None,
        }
    }

    /// Whether the path is for signing status, which outlives what else a CA may do.
    #[must_use]
    pub const fn is_status(self) -> bool {
        matches!(self, Self::OcspSigning | Self::CrlSigning)
    }
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ClientAuth => "clientAuth",
            Self::ServerAuth => "serverAuth",
            Self::OcspSigning => "OCSPSigning",
            Self::CrlSigning => "cRLSign",
            Self::Any => "any purpose",
        })
    }
}

/// Whether the key usage of the end entity must fit the purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyUsageRule {
    /// It must be one that RFC 5280 §4.2.1.12 calls consistent with the purpose.
    #[default]
    ForPurpose,
    /// Whoever uses the key checks it: a TLS stack does, by the handshake's needs.
    DangerouslyAny,
}

/// Whether certificates must keep to what RFC 5280 §4 asks of the CAs that make them, where its
/// validation (§6) would accept them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProfileRule {
    /// Validation alone.
    #[default]
    Validation,
    /// The MUSTs of the profile as well: key identifiers, criticality, serial numbers, CRL numbers.
    /// For audits of hierarchies; strangers' certificates often fall short.
    Rfc5280,
}

/// What is asked of a [`super::Verifier`].
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
    /// The names that the end entity must have, all of them.
    pub names: Vec<ExpectedName<'q>>,
    /// The policy inputs of RFC 5280 §6.1.1.
    pub policies: InitialPolicies,
    /// Evidence of revocation status that is at hand.
    pub evidence: &'q [Evidence],
    /// Most non-self-issued CA certificates on the path, the anchor not counted.
    pub max_path_length: Option<u32>,
    /// Whether key usage must fit the purpose.
    pub key_usage: KeyUsageRule,
    /// Whether the profile counts as well.
    pub profile: ProfileRule,
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
            names: Vec::new(),
            policies: InitialPolicies::default(),
            evidence: &[],
            max_path_length: None,
            key_usage: KeyUsageRule::default(),
            profile: ProfileRule::default(),
        }
    }

    /// Asks for a name as well.
    #[must_use]
    pub fn with_name(mut self, name: ExpectedName<'q>) -> Self {
        self.names.push(name);
        self
    }

    /// Asks for policies as well.
    #[must_use]
    pub fn with_policies(mut self, policies: InitialPolicies) -> Self {
        self.policies = policies;
        self
    }

    /// Brings evidence along.
    #[must_use]
    pub const fn with_evidence(mut self, evidence: &'q [Evidence]) -> Self {
        self.evidence = evidence;
        self
    }
}
