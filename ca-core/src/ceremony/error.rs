//! Why a ceremony script is refused.

/// Why a ceremony script is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// Not the TOML that was expected.
    #[error("ceremony script: {reason}")]
    Syntax {
        /// What does not fit and where.
        reason: String,
    },
    /// A step names something that no step before it makes.
    #[error("ceremony script: {step}: {missing:?} is made by no step before it")]
    Order {
        /// The step.
        step: String,
        /// What it needs.
        missing: String,
    },
    /// Two steps make the same thing.
    #[error("ceremony script: {name:?} is made twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Too large to be reviewed.
    #[error("ceremony script: {bytes} bytes; at most 262144 are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The folder was begun with another script.
    #[error(
        "ceremony script: this authority was begun with another script (SHA-256 {recorded}); a changed script needs a new folder"
    )]
    OtherScript {
        /// The recorded script's hash.
        recorded: String,
    },
}

impl CeremonyError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "ceremony.syntax",
            Self::Order { .. } => "ceremony.order",
            Self::Duplicate { .. } => "ceremony.duplicate",
            Self::TooLarge { .. } => "ceremony.too-large",
            Self::OtherScript { .. } => "ceremony.other-script",
        }
    }
}
