//! The beginning, and the documents in force.

use der::Sequence;
use der::asn1::OctetString;

/// A content-addressed object too large for an entry.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Blob {
    /// SHA-256 of the content, 32 bytes.
    pub sha256: OctetString,
    /// Length of the content in bytes.
    pub length_bytes: u64,
}

/// The first entry: which authority this ledger belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Genesis {
    /// The log's origin (C2SP tlog-checkpoint): the first line of each checkpoint.
    pub origin: String,
    /// `demo` or `production`.
    pub mode: String,
    /// Days by which the whole timeline is shifted; 0 is the real one.
    pub timeline_shift_days: i64,
    /// The organisation named in every DN.
    pub organization: String,
    /// The domain that identities, status URLs and systems live under.
    pub operator_domain: String,
}

/// A document comes into force.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct DocumentAdopted {
    /// `timeline`, `profile`, `configuration`, `ceremony-script`.
    pub kind: String,
    /// Its name within the kind.
    pub name: String,
    /// Its text.
    pub content: Blob,
}
