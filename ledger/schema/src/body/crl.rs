//! The life of a CRL.

use der::Sequence;
use der::asn1::OctetString;

use super::Blob;

/// A CRL is about to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CrlRecorded {
    /// The issuer's name.
    pub issuer: String,
    /// The shard; 0 for an issuer with one CRL.
    pub shard: u32,
    /// The CRL number (RFC 5280 §5.2.3).
    pub number: u64,
    /// thisUpdate, seconds since the epoch.
    pub this_update: i64,
    /// nextUpdate, seconds since the epoch.
    pub next_update: i64,
    /// Entries in it.
    pub entries: u64,
    /// It lists what the ledger said before this index; a delta on it starts here.
    pub as_of: u64,
    /// The DER `TBSCertList`.
    pub tbs: Blob,
    /// The base CRL's number, of a delta CRL (RFC 5280 §5.2.4).
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub base_number: Option<u64>,
}

/// A CA signs nothing from here on but the final CRL of each of its shards.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct IssuerEnded {
    /// The issuer's name.
    pub issuer: String,
}

/// A recorded CRL was signed and its signature verified.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CrlIssued {
    /// The ledger index of the record.
    pub record: u64,
    /// The signature's octets.
    pub signature: OctetString,
}
