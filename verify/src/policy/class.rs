//! What a rule binds: classes of certificates and the acts on them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a certificate is for, as the policy sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A certification authority: root, issuing, cross-certified.
    Ca,
    /// OCSP signers, OCSP responses and CRLs.
    Status,
    /// Staff of the authority.
    Operator,
    /// What tests whether a relying system accepts the new kind.
    Probe,
    /// A TLS server.
    Server,
    /// A system that calls another.
    SystemClient,
    /// A facility's terminal.
    Terminal,
}

/// What is done with a certificate of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Issue to an identity that has none of this kind.
    IssueNew,
    /// Issue again to an identity that has one.
    Renew,
    /// Accept in a live connection.
    AcceptOnline,
    /// Accept as evidence of what was signed in the past.
    AcceptHistorically,
    /// Bound the end of validity.
    Cap,
}

/// A name that no class has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no class: use ca, status, operator, probe, server, system-client or terminal")]
pub struct UnknownClass(String);

impl Class {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Ca,
        Self::Status,
        Self::Operator,
        Self::Probe,
        Self::Server,
        Self::SystemClient,
        Self::Terminal,
    ];

    /// The name in documents and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ca => "ca",
            Self::Status => "status",
            Self::Operator => "operator",
            Self::Probe => "probe",
            Self::Server => "server",
            Self::SystemClient => "system-client",
            Self::Terminal => "terminal",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == name)
            .ok_or_else(|| UnknownClass(name.chars().take(32).collect()))
    }
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 5] = [
        Self::IssueNew,
        Self::Renew,
        Self::AcceptOnline,
        Self::AcceptHistorically,
        Self::Cap,
    ];

    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IssueNew => "issue-new",
            Self::Renew => "renew",
            Self::AcceptOnline => "accept-online",
            Self::AcceptHistorically => "accept-historically",
            Self::Cap => "cap",
        }
    }

    /// Whether the act makes a certificate.
    #[must_use]
    pub const fn is_issuance(self) -> bool {
        matches!(self, Self::IssueNew | Self::Renew)
    }

    /// Whether the act judges a certificate that exists.
    #[must_use]
    pub const fn is_acceptance(self) -> bool {
        matches!(self, Self::AcceptOnline | Self::AcceptHistorically)
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
