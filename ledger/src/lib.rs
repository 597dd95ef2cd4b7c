//! An append-only Merkle log in C2SP tlog-tiles form, with group commit and signed checkpoints.
//!
//! The log knows nothing of what an entry means, holds no keys and needs no database. Its folder is
//! at the same time its own public form: any static file server makes it a tiled transparency log.
//!
//! | in the folder | what |
//! | --- | --- |
//! | `checkpoint`, `tile/` | the public log (C2SP tlog-tiles, tlog-checkpoint); all that a file server may serve |
//! | `journal/` | entries and private records not yet durable elsewhere: the truth until they are |
//! | `private/` | private records by index, 256 in a file |
//! | `blobs/` | large objects by SHA-256 |
//! | `ledger`, `mark`, `acknowledged`, `lock` | origin; how the ledger was left; what was acknowledged; who has it |
//!
//! Opening checks the tree against the checkpoint and the last clean stop, and entries added since;
//! [`Ledger::scrub_step`] and [`Ledger::verify_all`] check the rest. A copy of the folder is consistent
//! when the ledger is closed, or when the copy is a snapshot of the file system.
//!
//! - [`Ledger`] appends and reads; [`OpenLedger`] is a recovered ledger whose projection still has to
//!   catch up.
//! - [`Ledger::adopt_checkpoint`] keeps a copy of a ledger whose key is elsewhere.
//! - [`proof`] and [`checkpoint`] work without a ledger: a proof checker needs only this crate.

pub mod checkpoint;
pub mod disk;
pub mod proof;

mod bundle;
mod error;
mod file_lock;
mod frontier;
mod hash;
mod journal;
mod layout;
mod log;
mod recent;
mod tail;
mod tree;

pub use bundle::MAX_ENTRY_BYTES;
pub use checkpoint::{CheckpointSigner, CheckpointVerifier};
pub use error::{Cause, Error, Stop};
pub use file_lock::FileLock;
pub use frontier::Frontier;
pub use hash::{Hash, TreeHead, leaf_hash, node_hash};
pub use log::{
    Appended, Batch, BlobRef, Ledger, MAX_BATCH_BYTES, MAX_BLOB_BYTES, MAX_PRIVATE_BYTES,
    NoProjection, Observer, OpenLedger, Options, PrivateRecord, ScrubStatus, VerifyReport,
};
pub use proof::{ConsistencyProof, InclusionProof};
