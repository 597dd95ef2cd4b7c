//! Errors of the ledger.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checkpoint::NoteError;
use crate::disk::lacks_descriptor;
use crate::hash::Hash;

/// An operating system error that several waiting callers can share.
#[derive(Clone, Debug)]
pub struct Cause(pub(crate) Arc<io::Error>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Cause {}

/// Why the ledger takes no more entries until it is opened again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The kernel may have dropped pages, so what is on disk is unknown.
    #[error("syncing failed: {0}")]
    Sync(String),
    /// A failed write could not be taken back, or tiles cannot be written.
    #[error("writing failed: {0}")]
    Write(String),
    /// The projection refused an entry; it must be rebuilt.
    #[error("the projection refused entry {index}: {reason}")]
    Observer {
        /// First entry of the refused range.
        index: u64,
        /// What the projection said.
        reason: String,
    },
    /// A stored entry or tile does not fit the tree.
    #[error("{0}")]
    Tampered(String),
}

/// Why the ledger could not do something.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// C2SP tlog-tiles gives an entry's length 16 bits.
    #[error(
        "entry has {length_bytes} bytes, the limit is {limit_bytes}: store it as a blob and append its hash"
    )]
    EntryTooLarge {
        /// Length of the entry.
        length_bytes: usize,
        /// Greatest length allowed.
        limit_bytes: usize,
    },
    /// A private record above its limit.
    #[error("private record has {length_bytes} bytes, the limit is {limit_bytes}: split it")]
    PrivateTooLarge {
        /// Length of the record.
        length_bytes: usize,
        /// Greatest length allowed.
        limit_bytes: usize,
    },
    /// A batch above its limit.
    #[error("batch has {length_bytes} bytes, the limit is {limit_bytes}: split it")]
    BatchTooLarge {
        /// Length of the batch with its framing.
        length_bytes: u64,
        /// Greatest length allowed.
        limit_bytes: u64,
    },
    /// A batch without entry or private record.
    #[error("batch is empty: append at least one entry")]
    BatchEmpty,
    /// A blob above its limit.
    #[error("blob has {length_bytes} bytes, the limit is {limit_bytes}: split it")]
    BlobTooLarge {
        /// Length of the blob.
        length_bytes: u64,
        /// Greatest length allowed.
        limit_bytes: u64,
    },
    /// No space. Nothing of the request was kept; the ledger goes on when there is space again.
    #[error("disk full while writing {}: nothing was kept, free some space and try again", path.display())]
    DiskFull {
        /// File that could not grow.
        path: PathBuf,
    },
    /// The append failed and its outcome on disk is unknown until the ledger is opened again.
    #[error("entries are not durable, {what} {} failed: {cause}", path.display())]
    NotDurable {
        /// What failed: `write` or `sync`.
        what: &'static str,
        /// File concerned.
        path: PathBuf,
        /// The system's answer.
        #[source]
        cause: Cause,
    },
    /// The entries are durable, but the projection refused them.
    #[error("entries from {index} are durable but the projection failed: {reason}; rebuild it")]
    Observer {
        /// First entry of the refused range.
        index: u64,
        /// What the projection said.
        reason: String,
    },
    /// An earlier failure stopped the ledger.
    #[error("ledger takes no more entries, {0}: stop and open it again")]
    Stopped(Stop),
    /// The ledger was closed.
    #[error("ledger is closed")]
    Closed,
    /// `create` found a ledger or foreign files.
    #[error("{} already holds a ledger: open it, or choose another folder", dir.display())]
    Exists {
        /// The folder.
        dir: PathBuf,
    },
    /// `open` found no ledger.
    #[error("{} holds no ledger: create it first", dir.display())]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// Another process holds the ledger.
    #[error("ledger {} is in use by another process: stop it first", dir.display())]
    Locked {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder's format is not one this program knows.
    #[error("{} is not a ledger description this version can read", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// An origin that cannot stand in a checkpoint.
    #[error(
        "origin {origin:?} cannot name a log: it must be one non-empty line without spaces, plus signs or control characters"
    )]
    Origin {
        /// The origin given.
        origin: String,
    },
    /// Stored data do not fit the tree.
    #[error("ledger tampered with or damaged at entry {index}, {}: {what}", file.display())]
    Tampered {
        /// First entry that does not fit.
        index: u64,
        /// File that holds it.
        file: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// A private record does not fit its checksum, or its file is missing.
    #[error("private record {index} is damaged, {}: {what}", file.display())]
    PrivateDamaged {
        /// First record that does not fit.
        index: u64,
        /// File that holds it.
        file: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// Fewer entries than were signed or acknowledged.
    #[error(
        "ledger has {size} entries but {expected} were {promised}: entries are missing, restore the folder"
    )]
    Shorter {
        /// Entries found.
        size: u64,
        /// Entries promised.
        expected: u64,
        /// By what: `signed`, `acknowledged`, `closed`.
        promised: &'static str,
    },
    /// The tree is not the one that was signed or closed.
    #[error("ledger differs at size {size}: root is {found}, {expected} was {promised}")]
    Differs {
        /// Tree size compared.
        size: u64,
        /// Root promised.
        expected: Hash,
        /// Root found.
        found: Hash,
        /// By what: `signed`, `closed`.
        promised: &'static str,
    },
    /// The stored checkpoint cannot be used.
    #[error("checkpoint of the ledger is not acceptable: {0}")]
    Checkpoint(#[from] NoteError),
    /// The signer failed; no checkpoint was written.
    #[error("checkpoint was not signed: {reason}")]
    Signer {
        /// What the signer said.
        reason: String,
    },
    /// An index at or beyond the end.
    #[error("there is no entry {index}: the ledger has {size}")]
    NoSuchEntry {
        /// Index asked for.
        index: u64,
        /// Entries there are.
        size: u64,
    },
    /// A private index at or beyond the end.
    #[error("there is no private record {index}: there are {count}")]
    NoSuchPrivate {
        /// Index asked for.
        index: u64,
        /// Records there are.
        count: u64,
    },
    /// A proof between sizes or indices that do not exist.
    #[error("no proof from {from} to {to}: need from within to, and to at most {size}")]
    NoProof {
        /// Leaf index or older size.
        from: u64,
        /// Tree size.
        to: u64,
        /// Present size.
        size: u64,
    },
    /// A blob that is not stored.
    #[error("blob {sha256} is not stored")]
    BlobMissing {
        /// Lower-case hex of its SHA-256.
        sha256: String,
    },
    /// A stored blob has another hash or length than its name.
    #[error("blob {sha256} is damaged: its file does not hash to its name")]
    BlobDamaged {
        /// Lower-case hex of its SHA-256.
        sha256: String,
    },
    /// The projection applied entries that the ledger does not have.
    #[error(
        "projection applied {applied} entries but the ledger has {size}: rebuild the projection"
    )]
    ProjectionAhead {
        /// First entry the projection wants.
        applied: u64,
        /// Entries there are.
        size: u64,
    },
    /// Whoever started the ledger stopped before the projection had every entry.
    #[error("told to stop when the projection had {applied} of {size} entries: start it again")]
    Interrupted {
        /// Entries that the projection has.
        applied: u64,
        /// Entries there are.
        size: u64,
    },
    /// Any other failure of a file operation.
    #[error("{what} {} failed: {cause}", path.display())]
    Io {
        /// Verb.
        what: &'static str,
        /// File or folder concerned.
        path: PathBuf,
        /// The system's answer.
        #[source]
        cause: Cause,
    },
}

impl Error {
    /// Stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EntryTooLarge { .. } => "ledger.entry-too-large",
            Self::PrivateTooLarge { .. } => "ledger.private-too-large",
            Self::BatchTooLarge { .. } => "ledger.batch-too-large",
            Self::BatchEmpty => "ledger.batch-empty",
            Self::BlobTooLarge { .. } => "ledger.blob-too-large",
            Self::DiskFull { .. } => "ledger.disk-full",
            Self::NotDurable { .. } => "ledger.not-durable",
            Self::Observer { .. } => "ledger.observer",
            Self::Stopped(_) => "ledger.stopped",
            Self::Closed => "ledger.closed",
            Self::Exists { .. } => "ledger.exists",
            Self::Missing { .. } => "ledger.missing",
            Self::Locked { .. } => "ledger.locked",
            Self::Format { .. } => "ledger.format",
            Self::Origin { .. } => "ledger.origin",
            Self::Tampered { .. } => "ledger.tampered",
            Self::PrivateDamaged { .. } => "ledger.private-damaged",
            Self::Shorter { .. } => "ledger.shorter",
            Self::Differs { .. } => "ledger.differs",
            Self::Checkpoint(_) => "ledger.checkpoint",
            Self::Signer { .. } => "ledger.signer",
            Self::NoSuchEntry { .. } => "ledger.no-such-entry",
            Self::NoSuchPrivate { .. } => "ledger.no-such-private",
            Self::NoProof { .. } => "ledger.no-proof",
            Self::BlobMissing { .. } => "ledger.blob-missing",
            Self::BlobDamaged { .. } => "ledger.blob-damaged",
            Self::ProjectionAhead { .. } => "ledger.projection-ahead",
            Self::Interrupted { .. } => "ledger.interrupted",
            Self::Io { .. } => "ledger.io",
        }
    }

    /// Wraps a file error, telling a full disk (or quota) apart.
    pub(crate) fn io(what: &'static str, path: &Path, cause: io::Error) -> Self {
        let path = path.to_path_buf();
        if is_full(&cause) {
            return Self::DiskFull { path };
        }
        Self::Io {
            what,
            path,
            cause: Cause(Arc::new(cause)),
        }
    }

    /// Whether it may be otherwise later: there was no space, or no descriptor.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::DiskFull { .. } => true,
            Self::Io { cause, .. } => lacks_descriptor(&cause.0),
            _ => false,
        }
    }

    pub(crate) fn not_durable(what: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::NotDurable {
            what,
            path: path.to_path_buf(),
            cause: Cause(Arc::new(cause)),
        }
    }
}

pub(crate) fn is_full(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
