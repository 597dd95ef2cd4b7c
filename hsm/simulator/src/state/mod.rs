//! What outlives the process.
//!
//! A snapshot holds everything and is replaced as a whole; a journal holds the lines of the log
//! that came after it. Both are on disk before an answer leaves.

mod folder;
mod journal;
mod snapshot;

pub use folder::Folder;
pub use journal::JournalRecord;
pub use snapshot::{SavedObject, Snapshot};
