//! What was seen of a revocation, and where.

use serde::{Deserialize, Serialize};

use super::Seen;

/// Where a revocation is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// OCSP.
    Ocsp,
    /// The delta CRL, or the full CRL if that was faster.
    Delta,
    /// The full CRL.
    Crl,
    /// What an edge told the authority's feed that it has.
    Feed,
}

/// What one endpoint said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The endpoint's name.
    pub endpoint: String,
    /// Its address; empty when nobody said one.
    pub url: String,
    /// Where it was looked for.
    pub what: What,
    /// Milliseconds from the revocation to the first answer that tells of it, of the last certificate
    /// to be seen; none when that did not come.
    pub after_milliseconds: Option<u64>,
    /// The certificate that was not seen as revoked, or the last one that was; empty at the feed, which
    /// tells of all.
    pub serial: String,
    /// What was said of it last.
    pub seen: Seen,
}

impl Observation {
    /// Whether the revocation was not seen where it must be.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        self.after_milliseconds.is_none() && self.seen.is_missing()
    }
}
