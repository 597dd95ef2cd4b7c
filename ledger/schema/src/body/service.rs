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

/// How often a key signed what is not recorded one by one: OCSP responses, checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignaturesCounted {
    /// The key's label.
    pub key_label: String,
    /// `ocsp-response` or `checkpoint`.
    pub product: String,
    /// Signatures since the last such entry.
    pub count: u64,
}
