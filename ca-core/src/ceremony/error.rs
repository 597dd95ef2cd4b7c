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
    /// A value that does not fit.
    #[error("ceremony script: {place}: {reason}")]
    Value {
        /// Where.
        place: String,
        /// What does not fit and what to write.
        reason: String,
    },
    /// The `[authority]` table is not the one that the authority began with.
    #[error(
        "ceremony script: [authority] is not what this authority began with: {field} was {recorded}; a later ceremony repeats that table"
    )]
    OtherAuthority {
        /// The first value that differs.
        field: &'static str,
        /// What it was.
        recorded: String,
    },
    /// A later ceremony for an authority that has not begun.
    #[error(
        "ceremony script: {name:?} goes on with an authority, and there is none yet: begin it with a script without [ceremony] name"
    )]
    NotBegun {
        /// The ceremony's name.
        name: String,
    },
    /// A file that the script names.
    #[error("ceremony script: {step}: file {path:?}: {reason}")]
    File {
        /// The step.
        step: String,
        /// The file as the script names it.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// CRLs are asked for where nothing publishes them.
    #[error("ceremony script: CRLs are asked for, and nothing here publishes them")]
    NoPublisher,
    /// A plan that cannot be followed.
    #[error("ceremony plan: {reason}")]
    Plan {
        /// Why.
        reason: String,
    },
    /// A plan that was carried out.
    #[error("ceremony plan: it was carried out before; rehearse again and follow the new plan")]
    PlanUsed,
    /// What is about to be signed is not what was rehearsed: nothing was recorded.
    #[error(
        "ceremony plan: {step}: {field} was rehearsed as {planned}, but is {found}; find out why, then rehearse again"
    )]
    DiffersFromPlan {
        /// The step.
        step: String,
        /// The first field that differs.
        field: String,
        /// What was rehearsed.
        planned: String,
        /// What it is now.
        found: String,
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
            Self::Value { .. } => "ceremony.value",
            Self::OtherAuthority { .. } => "ceremony.other-authority",
            Self::NotBegun { .. } => "ceremony.not-begun",
            Self::File { .. } => "ceremony.file",
            Self::NoPublisher => "ceremony.no-publisher",
            Self::Plan { .. } => "ceremony.plan",
            Self::PlanUsed => "ceremony.plan-used",
            Self::DiffersFromPlan { .. } => "ceremony.differs-from-plan",
        }
    }
}
