//! One certificate of the demonstration.

use kasane_ca_core::pipeline::Issued;

/// One certificate of the demonstration.
pub(super) struct Enrolled {
    /// The file's stem: `terminal-1-rsa`.
    pub(super) name: String,
    /// The certificate.
    pub(super) issued: Issued,
}
