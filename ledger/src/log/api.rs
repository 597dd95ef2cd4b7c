//! What goes in and comes out.

use std::sync::Arc;

use crate::disk::{Disk, RealDisk};

/// A record of the private log: opaque, and encrypted by the caller so that destroying its key
/// erases it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateRecord {
    /// At most [`MAX_PRIVATE_BYTES`](crate::MAX_PRIVATE_BYTES).
    pub bytes: Vec<u8>,
}

/// Entries and private records that are appended together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Log entries in order, each at most [`MAX_ENTRY_BYTES`](crate::MAX_ENTRY_BYTES).
    pub entries: Vec<Vec<u8>>,
    /// Private records in order.
    pub private: Vec<PrivateRecord>,
}

impl Batch {
    /// A batch of one entry.
    #[must_use]
    pub fn entry(bytes: Vec<u8>) -> Self {
        Self {
            entries: vec![bytes],
            private: Vec::new(),
        }
    }
}

/// Where a batch went. Private records are numbered in the order of the entries of their batches, so
/// a projection that counts them as it reads entries knows their indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Index of its first entry, or of the next when it had none.
    pub first_index: u64,
    /// Number of its entries.
    pub count: u64,
    /// Index of its first private record, or of the next when it had none.
    pub first_private: u64,
}

/// A projection of the log.
pub trait Observer: Send {
    /// Called in index order, without gaps, after the entries are durable and before their append is
    /// acknowledged. One call may span several batches.
    ///
    /// # Errors
    /// Stops the ledger: the entries stay, the projection must be rebuilt.
    fn committed(&mut self, first_index: u64, entries: &[Vec<u8>]) -> Result<(), String>;
}

/// An observer that keeps nothing, for tools that only read and check.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProjection;

impl Observer for NoProjection {
    fn committed(&mut self, _: u64, _: &[Vec<u8>]) -> Result<(), String> {
        Ok(())
    }
}

/// How a ledger runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// File operations; the operating system's by default.
    pub disk: Arc<dyn Disk>,
    /// A new journal segment starts after so many bytes.
    pub segment_bytes: u64,
    /// Batches that may wait for the disk before `append` itself waits.
    pub queue_length: usize,
    /// Batches beyond so many bytes wait for the next sync.
    pub group_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            disk: Arc::new(RealDisk),
            segment_bytes: 32 * 1024 * 1024,
            queue_length: 4096,
            group_bytes: 8 * 1024 * 1024,
        }
    }
}
