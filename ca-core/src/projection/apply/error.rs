//! Why an entry cannot be applied.

use kasane_ledger_schema::DecodeError;

use crate::store::StoreError;

/// Why an entry cannot be applied. The ledger and this program disagree: nothing may go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The entry cannot be read.
    #[error("ledger entry {index}: {source}")]
    Entry {
        /// Its index.
        index: u64,
        /// Why.
        source: DecodeError,
    },
    /// The entry contradicts earlier ones.
    #[error("ledger entry {index}: contradicts earlier entries: {reason}")]
    Contradiction {
        /// Its index.
        index: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// What an act revoked cannot be brought further.
    #[error("the program stops: what an act revoked is brought into its rows after the next start")]
    Stopped,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
