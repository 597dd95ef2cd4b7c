//! The ledger, its proofs and entries.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// The ledger is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// The log's origin.
    pub origin: String,
    /// Entries rehashed.
    pub entries: u64,
    /// The root over them, base64.
    pub root: String,
    /// Private records checked.
    pub private_records: u64,
    /// Full tiles compared.
    pub tiles: u64,
    /// Entries compared with the journal.
    pub journal_entries: u64,
    /// Bytes of entries.
    pub bytes: u64,
    /// Blobs that entries refer to, compared with their hashes, each as often as it is referred to.
    pub blobs: u64,
    /// Entries under the published checkpoint; none while the ledger is empty.
    pub checkpoint_size: Option<u64>,
    /// The key that signed the checkpoint, as recorded in the ledger (C2SP signed-note).
    pub verifier_key: String,
}

/// A proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The entry.
    pub index: u64,
    /// Its kind.
    pub kind: String,
    /// Entries in the tree that it is in.
    pub size: u64,
    /// The entry's leaf hash, base64.
    pub leaf_hash: String,
    /// What verifies the checkpoint in the proof (C2SP signed-note).
    pub verifier_key: String,
    /// C2SP tlog-proof.
    pub proof: String,
}

/// Ledger entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entries {
    /// In order.
    pub entries: Vec<EntryView>,
    /// Entries in the ledger.
    pub size: u64,
}

/// A ledger entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryView {
    /// Its index.
    pub index: u64,
    /// When.
    pub time: UnixTime,
    /// Who caused it.
    pub actor: String,
    /// What happened: the name of the body's type.
    pub kind: String,
    /// The body, octets as hex.
    pub body: serde_json::Value,
}
