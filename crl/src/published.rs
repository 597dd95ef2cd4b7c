//! A list as it is handed out.

use bytes::Bytes;
use kasane_ca_core::authority::CrlKind;
use kasane_ca_core::pipeline::IssuedCrl;
use kasane_verify::UnixTime;

/// A published CRL. Never changes: the next one is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedCrl {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Full or delta.
    pub kind: CrlKind,
    /// The CRL number.
    pub number: u64,
    /// The base's number, of a delta CRL.
    pub base_number: Option<u64>,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// SHA-256 of what the ledger keeps of it, lower-case hex: names this version.
    pub etag: String,
    /// The CRL, DER, shared with every client that reads it.
    pub der: Bytes,
}

impl PublishedCrl {
    /// Whether its thisUpdate has come at `now`. Before, it is a list of the future, made by a clock
    /// that was ahead: nobody may be given it.
    #[must_use]
    pub fn has_begun(&self, now: UnixTime) -> bool {
        self.this_update <= now
    }

    /// Whether relying systems take it at `now`: it has begun, and its nextUpdate has not come.
    #[must_use]
    pub fn is_current(&self, now: UnixTime) -> bool {
        self.has_begun(now) && now < self.next_update
    }

    pub(crate) fn new(kind: CrlKind, issued: IssuedCrl) -> Self {
        Self {
            issuer: issued.issuer,
            shard: issued.shard,
            kind,
            number: issued.number,
            base_number: issued.base_number,
            this_update: issued.this_update,
            next_update: issued.next_update,
            etag: hex::encode(issued.sha256),
            der: issued.der,
        }
    }
}
