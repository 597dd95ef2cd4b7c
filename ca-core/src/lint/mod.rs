//! Lint over to-be-signed bytes: the last look before anything is recorded and signed.
//!
//! Each lint is one file under `lints/`, in the folder of the rule's source, and reads the very
//! bytes that a key would sign. What the pipeline meant to build comes in as [`Expected`] or
//! [`ExpectedCrl`], so that a lint checks the result and not the code that made it. Any finding,
//! warning or error, stops issuance unless the profile's exceptions name the lint.

mod certificate_facts;
mod crl_entries;
mod crl_facts;
mod element;
mod error;
mod expected;
mod key;
mod lints;
mod report;
mod text;

#[cfg(test)]
mod crl_fixture;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use certificate_facts::{CertificateFacts, RelatedCertificate};
pub use crl_entries::{EntryFacts, EntryNote};
pub use crl_facts::CrlFacts;
pub use element::{AlgorithmFacts, AttributeFacts, Decoded, ExtensionFacts, NameFacts, TimeFacts};
pub use error::LintError;
pub use expected::{CertificateRole, Expected, ExpectedCrl, ExpectedExtension};
pub use lints::{CERTIFICATE_LINTS, CRL_LINTS};
pub use report::{Accepted, Finding, Report};

/// Whose rule a lint checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An RFC: wrong for any authority.
    Rfc,
    /// The CA/Browser Forum's Baseline Requirements, taken as good practice by a private authority.
    Cabf,
    /// Kasane's own certificate profiles (`docs/`, `policy/profiles/`).
    Profile,
}

/// How bad a finding is. Both stop issuance; the word is for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rule says SHOULD, or the harm is in doubt. Prefix `w_`.
    Warning,
    /// The rule says MUST. Prefix `e_`.
    Error,
}

/// What one lint says about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule does not speak about such an object.
    NotApplicable,
    /// The rule holds.
    Pass,
    /// The rule is broken; the text says how, with the values.
    Fail(String),
}

impl Outcome {
    /// [`Self::Pass`] when `holds`, otherwise a failure with the reason that `reason` makes.
    pub(crate) fn require(holds: bool, reason: impl FnOnce() -> String) -> Self {
        if holds {
            Self::Pass
        } else {
            Self::Fail(reason())
        }
    }

    /// A failure with a fixed or formatted reason.
    pub(crate) fn fail(reason: impl Into<String>) -> Self {
        Self::Fail(reason.into())
    }
}

/// One rule: what it is called, where it stands, and the function that checks it.
#[derive(Clone, Copy, Debug)]
pub struct Lint<Check> {
    /// Stable name, prefixed `e_` or `w_`; profiles name exceptions by it.
    pub name: &'static str,
    /// Whose rule it is; also the folder of the lint's file.
    pub source: Source,
    /// Agrees with the prefix of the name.
    pub severity: Severity,
    /// Document and section, such as `RFC 5280 §4.1.2.2`.
    pub citation: &'static str,
    /// The rule in one sentence.
    pub description: &'static str,
    /// Decides whether the rule applies and whether it holds.
    pub check: Check,
}

/// A lint over a `TBSCertificate`.
pub type CertificateLint = Lint<fn(&CertificateFacts<'_>) -> Outcome>;

/// A lint over a `TBSCertList`.
pub type CrlLint = Lint<fn(&CrlFacts<'_>) -> Outcome>;

/// Runs every certificate lint.
#[must_use]
pub fn lint_certificate(facts: &CertificateFacts<'_>) -> Report {
    let mut report = Report::default();
    for lint in CERTIFICATE_LINTS {
        report.note(lint, (lint.check)(facts));
    }
    report
}

/// Runs every CRL lint. Linear in the number of entries: [`CrlFacts::decode`] passed over them once.
#[must_use]
pub fn lint_crl(facts: &CrlFacts<'_>) -> Report {
    let mut report = Report::default();
    for lint in CRL_LINTS {
        report.note(lint, (lint.check)(facts));
    }
    report
}

/// Whether a lint of this name exists; a profile whose exceptions name another is refused at load.
#[must_use]
pub fn is_known_lint(name: &str) -> bool {
    CERTIFICATE_LINTS.iter().any(|lint| lint.name == name)
        || CRL_LINTS.iter().any(|lint| lint.name == name)
}
