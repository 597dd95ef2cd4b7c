//! The service itself.

use der::Sequence;

/// The service started, stopped, or changed how it runs.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ServiceChanged {
    /// `started` or `stopped`.
    pub change: String,
    /// Version and key backend, for the audit.
    pub detail: String,
}

/// How often devices were asked for a signature of what is not recorded one by one: OCSP responses,
/// checkpoints. Counts attempts, not answers; takes as much from what was reserved.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignaturesCounted {
    /// The key's label.
    pub key_label: String,
    /// `ocsp-response` or `checkpoint`.
    pub product: String,
    /// Attempts since the last such entry. After a crash: all that was reserved, for nobody knows
    /// how many there were.
    pub count: u64,
}
