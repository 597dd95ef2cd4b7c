//! What all lints together say about one object.

use std::fmt;

use super::{Lint, LintError, Outcome, Severity, Source};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Name of the lint.
    pub name: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Whose rule.
    pub source: Source,
    /// Where the rule stands.
    pub citation: &'static str,
    /// How it is broken, with values; nothing secret is ever in to-be-signed bytes.
    pub reason: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.citation, self.reason)
    }
}

/// The findings of one run and how many lints had nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Broken rules, in the order of the lints.
    pub findings: Vec<Finding>,
    /// Lints whose rule holds.
    pub passed: usize,
    /// Lints whose rule does not speak about this object.
    pub not_applicable: usize,
}

/// A report without findings that stop: the object may go on to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Findings that the profile's exceptions cover, for the record.
    pub excepted: Vec<Finding>,
    /// Lints whose rule holds.
    pub passed: usize,
}

impl Report {
    /// Whether every rule that applies holds.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Accepts the object when every finding is of a lint named in `exceptions`.
    ///
    /// # Errors
    /// [`LintError::Findings`] with every finding that no exception covers.
    pub fn into_result<S: AsRef<str>>(self, exceptions: &[S]) -> Result<Accepted, LintError> {
        let (excepted, findings): (Vec<_>, Vec<_>) = self
            .findings
            .into_iter()
            .partition(|finding| exceptions.iter().any(|name| name.as_ref() == finding.name));
        if findings.is_empty() {
            Ok(Accepted {
                excepted,
                passed: self.passed,
            })
        } else {
            Err(LintError::Findings { findings })
        }
    }

    pub(super) fn note<Check>(&mut self, lint: &Lint<Check>, outcome: Outcome) {
        match outcome {
            Outcome::NotApplicable => self.not_applicable += 1,
            Outcome::Pass => self.passed += 1,
            Outcome::Fail(reason) => self.findings.push(Finding {
                name: lint.name,
                severity: lint.severity,
                source: lint.source,
                citation: lint.citation,
                reason,
            }),
        }
    }
}
