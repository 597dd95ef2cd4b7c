//! Why bytes do not pass lint.

use super::report::Finding;

/// Why to-be-signed bytes are not released to the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LintError {
    /// The bytes have not even the outer shape of the object, so that no lint can look at them.
    #[error("to-be-signed bytes cannot be read as {object}: {reason}; do not sign them")]
    Malformed {
        /// `TBSCertificate` or `TBSCertList`.
        object: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// At least one lint that the profile does not except has a finding.
    #[error("lint stopped issuance: {}", list(findings))]
    Findings {
        /// All findings that no exception covers, in the order of the lints.
        findings: Vec<Finding>,
    },
}

impl LintError {
    /// Stable dotted code for logs and interfaces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "lint.malformed",
            Self::Findings { .. } => "lint.findings",
        }
    }
}

fn list(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
