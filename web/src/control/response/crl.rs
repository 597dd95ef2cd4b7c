//! Certificate revocation lists.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// CRLs were published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlsPublished {
    /// New ones.
    pub published: Vec<CrlSummary>,
    /// Whether a revocation waits for its list: one was made just before, or many are being revoked.
    #[serde(default)]
    pub later: bool,
    /// Those that could not be made, and why; a running service tries again.
    pub failed: Vec<String>,
}

/// A CRL of a CA whose key is elsewhere was taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlImported {
    /// Its issuer.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Its number.
    pub number: u64,
    /// Its nextUpdate.
    pub next_update: UnixTime,
    /// Entries in it.
    pub entries: u64,
    /// Serials of certificates known here that count as revoked since.
    pub revoked: Vec<String>,
    /// Whether it had been taken over before.
    pub done_before: bool,
}

/// The newest CRLs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crls {
    /// By issuer, shard and kind.
    pub crls: Vec<CrlSummary>,
}

/// A CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlSummary {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Whether it is a delta CRL.
    pub delta: bool,
    /// The CRL number.
    pub number: u64,
    /// The base's number, of a delta CRL.
    pub base_number: Option<u64>,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// Entries in it, where that was looked up.
    pub entries: Option<u64>,
}

/// One CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlView {
    /// Which.
    pub crl: CrlSummary,
    /// The CRL, PEM.
    pub pem: String,
}
