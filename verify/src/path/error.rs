//! Why no path was accepted.

use std::fmt;

use const_oid::ObjectIdentifier;

use super::{BudgetLimit, Notice, Purpose};
use crate::crypto::CryptoError;
use crate::revocation::RevocationReason;
use crate::signature::AlgorithmError;
use crate::spki::SpkiError;
use crate::{KeyAlgorithm, UnixTime};

/// Which certificate of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// The end entity.
    EndEntity,
    /// An intermediate, by its index in the question.
    Intermediate(usize),
    /// A trust anchor, by its index in the verifier.
    Anchor(usize),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndEntity => f.write_str("end entity"),
            Self::Intermediate(index) => write!(f, "intermediate {index}"),
            Self::Anchor(index) => write!(f, "trust anchor {index}"),
        }
    }
}

/// The most telling reason why there is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no trusted path: {position} ({subject}): {reason} ({})", .reason.rule())]
pub struct PathError {
    /// The certificate that breaks the rule.
    pub position: Position,
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// What is wrong with it.
    pub reason: Box<Reason>,
}

impl PathError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.reason.rule()
    }

    /// The whole message in Japanese; `Display` has the English one.
    #[must_use]
    pub fn text_ja(&self) -> String {
        let position = self.position.text_ja();
        let reason = self.reason.text_ja();
        format!(
            "信頼できる証明書の経路がありません：{position}（{}）：{reason}（{}）",
            self.subject,
            self.rule()
        )
    }
}

/// What is wrong with a certificate in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The search would cost more than allowed; nothing is known about the paths not tried.
    #[error("the search needs more {0} than its budget")]
    Budget(BudgetLimit),
    /// Neither an anchor nor an intermediate has the issuer's name.
    #[error("its issuer {issuer} is neither a trust anchor nor among the intermediates")]
    UnknownIssuer {
        /// The issuer's name.
        issuer: String,
    },
    /// Every path through it is longer than the budget's depth.
    #[error("the path is longer than {depth} certificates")]
    TooDeep {
        /// The limit.
        depth: u32,
    },
    /// Its signature algorithm cannot be used.
    #[error(transparent)]
    Algorithm(AlgorithmError),
    /// Its issuer's key does not verify its signature.
    #[error("{0}")]
    Signature(CryptoError),
    /// Its key cannot be used.
    #[error(transparent)]
    Key(SpkiError),
    /// Its key is too small to mean anything, whatever a dated policy says.
    #[error("its key is {0}; RSA keys have at least 2048 bits")]
    WeakKey(KeyAlgorithm),
    /// A critical extension is not understood.
    #[error("critical extension {0} is not understood")]
    UnknownCritical(ObjectIdentifier),
    /// Not valid yet.
    #[error("it is valid from {not_before}, and the time is {at}")]
    NotYetValid {
        /// Start of validity.
        not_before: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// No longer valid.
    #[error("it was valid until {not_after}, and the time is {at}")]
    Expired {
        /// Last second of validity.
        not_after: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// It issues but is no CA.
    #[error("it issues certificates, but its basic constraints do not say CA")]
    NotACa,
    /// Its key usage does not allow what it is used for.
    #[error("its key usage does not include {needed}")]
    KeyUsage {
        /// What is needed.
        needed: &'static str,
    },
    /// Its extended key usage does not allow the purpose.
    #[error("its extended key usage does not allow {purpose}")]
    ExtendedKeyUsage {
        /// The purpose asked for.
        purpose: Purpose,
    },
    /// More CA certificates follow than it allows.
    #[error("it allows {allowed} CA certificates below it, and there are {found}")]
    PathLength {
        /// Its path length constraint.
        allowed: u32,
        /// Non-self-issued CA certificates below.
        found: u32,
    },
    /// A name lies outside what a CA above may certify.
    #[error("its name {name} is not within what {constrained_by} may certify")]
    NameNotPermitted {
        /// The name.
        name: String,
        /// The CA.
        constrained_by: String,
    },
    /// A name lies in what a CA above may not certify.
    #[error("its name {name} is excluded by {constrained_by}")]
    NameExcluded {
        /// The name.
        name: String,
        /// The CA.
        constrained_by: String,
    },
    /// A constraint and a name of a kind that is not compared.
    #[error("its name of kind {kind} is constrained by {constrained_by} and cannot be compared")]
    NameUnsupported {
        /// The kind.
        kind: &'static str,
        /// The CA.
        constrained_by: String,
    },
    /// No certificate policy that is acceptable.
    #[error("no acceptable certificate policy is valid for the path")]
    NoValidPolicy,
    /// anyPolicy may not be mapped (RFC 5280 §6.1.4 (a)).
    #[error("it maps anyPolicy")]
    AnyPolicyMapped,
    /// Not the name that was expected.
    #[error("it does not have the name {expected}")]
    NameMismatch {
        /// The name asked for.
        expected: String,
    },
    /// It breaks a rule of the certificate profile that validation does not look at.
    #[error("{text}")]
    Profile {
        /// What is wrong.
        text: &'static str,
        /// The same in Japanese.
        text_ja: &'static str,
        /// The rule.
        rule: &'static str,
    },
    /// It was revoked.
    #[error("it was revoked on {date}{}", .reason.map(|it| format!(" ({it})")).unwrap_or_default())]
    Revoked {
        /// Since when.
        date: UnixTime,
        /// Why; unspecified when absent.
        reason: Option<RevocationReason>,
    },
    /// The responder answers that it does not know it.
    #[error("its OCSP responder does not know it")]
    StatusUnknown,
    /// Nobody can state its status.
    #[error("its revocation status cannot be established: {}", listed(.problems))]
    StatusUnavailable {
        /// Why the evidence at hand does not suffice.
        problems: Vec<String>,
    },
    /// The dated policy refuses it.
    #[error("{0}")]
    Policy(Notice),
}

fn listed(problems: &[String]) -> String {
    if problems.is_empty() {
        "there is no evidence; supply a current CRL or OCSP response of its issuer".to_owned()
    } else {
        problems.join("; ")
    }
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.facts().0
    }

    /// The rule, for those who want to read it.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.facts().1
    }

    /// Of several paths the one is reported whose reason has the highest rank: the closer a path
    /// came to being accepted, the more its reason tells.
    pub(super) const fn rank(&self) -> u8 {
        self.facts().2
    }

    const fn facts(&self) -> (&'static str, &'static str, u8) {
        match self {
            Self::Budget(_) => ("path.budget", "bounded work", 255),
            Self::UnknownIssuer { .. } => ("path.unknown_issuer", "RFC 5280 §6.1.3 (a)(4)", 0),
            Self::TooDeep { .. } => ("path.too_deep", "bounded work", 5),
            Self::Algorithm(error) => (error.code(), "RFC 5280 §4.1.1.2", 10),
            Self::Signature(_) => ("path.signature", "RFC 5280 §6.1.3 (a)(1)", 15),
            Self::Key(error) => (error.code(), "RFC 5280 §4.1.2.7", 20),
            Self::WeakKey(_) => ("path.weak_key", "CRYPTREC LS-0003", 22),
            Self::NotACa => ("path.not_a_ca", "RFC 5280 §6.1.4 (k)", 25),
            Self::KeyUsage { .. } => ("path.key_usage", "RFC 5280 §6.1.4 (n)", 30),
            Self::UnknownCritical(_) => ("path.unknown_critical", "RFC 5280 §6.1.5 (f)", 35),
            Self::NotYetValid { .. } => ("path.not_yet_valid", "RFC 5280 §6.1.3 (a)(2)", 40),
            Self::Expired { .. } => ("path.expired", "RFC 5280 §6.1.3 (a)(2)", 45),
            Self::PathLength { .. } => ("path.path_length", "RFC 5280 §6.1.4 (l), (m)", 50),
            Self::ExtendedKeyUsage { .. } => ("path.extended_key_usage", "RFC 5280 §4.2.1.12", 55),
            Self::NoValidPolicy => ("path.no_valid_policy", "RFC 5280 §6.1.5 (g)", 60),
            Self::AnyPolicyMapped => ("path.any_policy_mapped", "RFC 5280 §6.1.4 (a)", 60),
            Self::NameUnsupported { .. } => ("path.name_unsupported", "RFC 5280 §4.2.1.10", 65),
            Self::NameNotPermitted { .. } => ("path.name_not_permitted", "RFC 5280 §6.1.3 (b)", 70),
            Self::NameExcluded { .. } => ("path.name_excluded", "RFC 5280 §6.1.3 (c)", 70),
            Self::NameMismatch { .. } => ("path.name_mismatch", "RFC 9525 §6", 80),
            Self::Profile { rule, .. } => ("path.profile", rule, 62),
            Self::StatusUnavailable { .. } => {
                ("path.status_unavailable", "RFC 5280 §6.1.3 (a)(3)", 82)
            }
            Self::StatusUnknown => ("path.status_unknown", "RFC 6960 §2.2", 84),
            Self::Revoked { .. } => ("path.revoked", "RFC 5280 §6.1.3 (a)(3)", 86),
            Self::Policy(_) => ("path.policy", "dated cryptographic policy", 90),
        }
    }
}
