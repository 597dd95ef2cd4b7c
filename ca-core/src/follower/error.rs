//! Why an edge follows no further.

use kasane_ledger::Hash;
use kasane_ledger::checkpoint::NoteError;

use crate::projection::ApplyError;

/// Why an edge follows no further: it goes on answering from what it checked, until that is too old.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The feed is of another ledger.
    #[error("the feed is of the ledger {found:?}, this edge follows {expected:?}: enrol it anew")]
    Origin {
        /// The ledger that is followed.
        expected: String,
        /// What the feed said.
        found: String,
    },
    /// A checkpoint that the pinned key did not sign.
    #[error("a checkpoint of the feed is not signed by the pinned ledger key: {0}")]
    Unsigned(NoteError),
    /// The signed tree is not the one that was received.
    #[error(
        "the ledger was forked: its checkpoint of {size} entries has the root {signed}, the entries \
         that this edge was given have {received}. Keep both folders for examination"
    )]
    Fork {
        /// Entries in the checkpoint.
        size: u64,
        /// The root that was signed.
        signed: Hash,
        /// The root of what was received.
        received: Hash,
    },
    /// The entries are not the beginning of what was signed.
    #[error("the ledger was forked: {0}. Keep both folders for examination")]
    NotBeginning(#[from] kasane_ledger::proof::ProofError),
    /// The authority has less than it had.
    #[error(
        "the authority was set back: it has {theirs} entries, this edge was given {ours}. Restore the \
         authority's newer ledger, then start this edge again"
    )]
    Rollback {
        /// Entries, or entries in a checkpoint, that this edge has.
        ours: u64,
        /// What the authority has.
        theirs: u64,
    },
    /// An entry that means nothing here.
    #[error(transparent)]
    Entry(#[from] ApplyError),
    /// The replica is not what it should be.
    #[error("the replica of the ledger stopped: {0}")]
    Replica(kasane_ledger::Error),
    /// A CA of the ledger cannot be read.
    #[error("the ledger's CAs cannot be read: {0}")]
    Issuers(crate::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

impl FollowError {
    /// Whether the authority's key signed something else than the first `end` entries, which were received
    /// before. Entries and proofs that came with the signature prove nothing against those.
    pub(super) const fn is_proven_fork_before(&self, end: u64) -> bool {
        matches!(self, Self::Fork { size, .. } if *size <= end)
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Origin { .. } => "follower.origin",
            Self::Unsigned(_) => "follower.checkpoint-unsigned",
            Self::Fork { .. } | Self::NotBeginning(_) => "follower.fork",
            Self::Rollback { .. } => "follower.rollback",
            Self::Entry(_) => "follower.entry",
            Self::Replica(_) => "follower.replica",
            Self::Issuers(error) => error.code(),
            Self::Store(_) => "follower.store",
        }
    }
}
