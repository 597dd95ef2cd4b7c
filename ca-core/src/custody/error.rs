//! Why a secret is not split or put together. No variant carries anything secret.

/// Why a secret is not split or put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The numbers do not fit.
    #[error(
        "custody: {threshold} of {custodians} is refused: write 2 to 16 custodians and a threshold from 2 to their number"
    )]
    Numbers {
        /// How many restore.
        threshold: u8,
        /// How many there are.
        custodians: usize,
    },
    /// A role that a terminal would not show as it is.
    #[error("custody: role {role:?} is refused: it has control characters; write it without them")]
    Role {
        /// The role.
        role: String,
    },
    /// The secret has another length.
    #[error("custody: the secret has {bytes} octets; a wrap key has 32")]
    SecretLength {
        /// Its length.
        bytes: usize,
    },
    /// The passphrase is too short.
    #[error("custody: the passphrase has {chars} characters; use at least 12")]
    PassphraseShort {
        /// How many it has.
        chars: usize,
    },
    /// Not a share file.
    #[error("custody: this is no share file: {reason}")]
    NotAShare {
        /// What does not fit.
        reason: &'static str,
    },
    /// Wrong passphrase, or a damaged file.
    #[error(
        "custody: share {index} ({role}) of set {set} does not open: wrong passphrase or damaged file"
    )]
    DoesNotOpen {
        /// The set.
        set: String,
        /// The share's number.
        index: u8,
        /// The custodian's role.
        role: String,
    },
    /// A share of another set.
    #[error("custody: this share is of set {found}, but the others are of set {expected}")]
    OtherSet {
        /// The set of the first share.
        expected: String,
        /// The set of this one.
        found: String,
    },
    /// The same share again.
    #[error("custody: share {index} ({role}) was given already; another custodian is needed")]
    Duplicate {
        /// The share's number.
        index: u8,
        /// The custodian's role.
        role: String,
    },
    /// Too few.
    #[error("custody: {given} shares were given; {threshold} are needed")]
    TooFew {
        /// How many were given.
        given: usize,
        /// How many are needed.
        threshold: u8,
    },
    /// The whole is not what was split.
    #[error(
        "custody: the shares of set {set} do not give the secret that was split: one is damaged"
    )]
    WrongWhole {
        /// The set.
        set: String,
    },
    /// No random octets.
    #[error(transparent)]
    Random(#[from] crate::random::RandomFailed),
    /// A library failed.
    #[error("custody: {operation} failed")]
    Failed {
        /// What was attempted.
        operation: &'static str,
    },
}

impl CustodyError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Numbers { .. } => "custody.numbers",
            Self::Role { .. } => "custody.role",
            Self::SecretLength { .. } => "custody.secret-length",
            Self::PassphraseShort { .. } => "custody.passphrase-short",
            Self::NotAShare { .. } => "custody.not-a-share",
            Self::DoesNotOpen { .. } => "custody.does-not-open",
            Self::OtherSet { .. } => "custody.other-set",
            Self::Duplicate { .. } => "custody.duplicate",
            Self::TooFew { .. } => "custody.too-few",
            Self::WrongWhole { .. } => "custody.wrong-whole",
            Self::Random(_) => "random.failed",
            Self::Failed { .. } => "custody.failed",
        }
    }
}
