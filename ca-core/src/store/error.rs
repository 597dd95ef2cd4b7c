//! Why the projection could not be read or written.

/// The store failed. The ledger is unharmed: the projection can be rebuilt.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The backend failed.
    #[error(
        "store: {operation} failed: {reason}; the ledger is unharmed: run 'kasane store rebuild'"
    )]
    Backend {
        /// What was attempted.
        operation: &'static str,
        /// What the backend said.
        reason: String,
    },
    /// Somebody has the database open, this process perhaps.
    #[error(
        "store: {path} is in use; stop what uses it ('fuser {path}' names it), then start again: nothing was changed"
    )]
    InUse {
        /// The file that is locked.
        path: String,
    },
    /// A row is not of its type.
    #[error("store: a row of {table} is damaged; run 'kasane store rebuild'")]
    Damaged {
        /// The table.
        table: &'static str,
    },
}

impl StoreError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backend { .. } => "store.backend",
            Self::Damaged { .. } => "store.damaged",
            Self::InUse { .. } => "store.in-use",
        }
    }
}
