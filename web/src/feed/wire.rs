//! What travels beside pages: JSON.

use serde::{Deserialize, Serialize};

/// Where pages are asked for.
pub(super) const ENTRIES_PATH: &str = "/v1/entries";
/// Where signers are asked for.
pub(super) const SIGNERS_PATH: &str = "/v1/signers";
/// Where signatures are counted.
pub(super) const SIGNATURES_PATH: &str = "/v1/signatures";

/// Longest body of a request: a signer's, with room for RSA-4096.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Longest time that a follower may be kept waiting, in milliseconds.
pub(super) const MAX_WAIT_MS: u64 = 30_000;

/// What is asked of `ENTRIES_PATH`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntriesQuery {
    pub(super) from: u64,
    pub(super) checkpoint: u64,
    pub(super) covered_only: bool,
    pub(super) wait_ms: u64,
}

/// A signer that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignerOrder {
    pub(super) issuer: String,
    pub(super) key_label: String,
    pub(super) window_seconds: i64,
    /// PKCS#10, DER.
    pub(super) request_base64: String,
}

/// Its certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignerGiven {
    /// DER.
    pub(super) certificate_base64: String,
}

/// Signatures since the last time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    /// Key label and number.
    pub(super) counts: Vec<(String, u64)>,
}

/// Why not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    /// Entries that there are, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
}
