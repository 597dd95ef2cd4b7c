//! Why the private log could not be read or written. No variant carries a secret.

/// Why the private log could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateError {
    /// The folder of subject keys failed.
    #[error("private log: {operation} failed: {source}")]
    Folder {
        /// What was attempted.
        operation: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The subject's key was destroyed.
    #[error("private log: the records of {subject} were erased")]
    Erased {
        /// The subject.
        subject: String,
    },
    /// The record or its key is not what it was.
    #[error("private log: a record of {subject} is damaged or does not match its commitment")]
    Damaged {
        /// The subject.
        subject: String,
    },
    /// The record is too large.
    #[error("private log: a record has {bytes} bytes; at most 16384 are kept")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

impl PrivateError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "private.folder",
            Self::Erased { .. } => "private.erased",
            Self::Damaged { .. } => "private.damaged",
            Self::TooLarge { .. } => "private.too-large",
        }
    }
}
