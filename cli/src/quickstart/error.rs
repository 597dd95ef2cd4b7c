//! Why the demonstration did not come to its end.

/// Why the demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuickstartError {
    /// The authority refused.
    #[error(transparent)]
    Authority(#[from] kasane_ca_core::Error),
    /// The file system failed.
    #[error("quickstart: {0}")]
    Io(#[from] std::io::Error),
    /// A terminal's key or request could not be made.
    #[error("quickstart: a terminal's key or request could not be made: {reason}")]
    TerminalKey {
        /// Why.
        reason: String,
    },
    /// Something that must be there is not.
    #[error("quickstart: {name} is not there; remove the folder and begin again")]
    Missing {
        /// What.
        name: String,
    },
    /// A certificate or an answer cannot be read or does not hold.
    #[error("quickstart: an answer does not hold: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
    /// A PEM file could not be written.
    #[error("quickstart: a PEM file could not be encoded: {reason}")]
    Pem {
        /// Why.
        reason: String,
    },
    /// The status service did not answer.
    #[error("quickstart: the status service did not answer {path}: {reason}")]
    Status {
        /// What was asked for.
        path: String,
        /// Why.
        reason: String,
    },
    /// A chain did not verify.
    #[error("quickstart: {certificate} does not verify under {anchor}: {reason}")]
    Chain {
        /// The end entity.
        certificate: String,
        /// The anchor.
        anchor: String,
        /// Why.
        reason: String,
    },
    /// A proof did not hold.
    #[error("quickstart: entry {index} cannot be proven: {reason}")]
    Proof {
        /// The entry.
        index: u64,
        /// Why.
        reason: String,
    },
}

impl QuickstartError {
    pub(super) fn terminal_key(error: rcgen::Error) -> Self {
        Self::TerminalKey {
            reason: error.to_string(),
        }
    }

    pub(super) fn unreadable(error: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            reason: error.to_string(),
        }
    }

    /// A stable code for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Authority(error) => error.code(),
            Self::Io(_) => "quickstart.io",
            Self::TerminalKey { .. } => "quickstart.terminal-key",
            Self::Missing { .. } => "quickstart.missing",
            Self::Unreadable { .. } => "quickstart.unreadable",
            Self::Pem { .. } => "quickstart.pem",
            Self::Status { .. } => "quickstart.status",
            Self::Chain { .. } => "quickstart.chain",
            Self::Proof { .. } => "quickstart.proof",
        }
    }
}
