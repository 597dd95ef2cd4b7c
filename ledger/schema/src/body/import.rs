//! What was made elsewhere and is taken over: keys, CAs, CRLs.

use der::Sequence;
use der::asn1::OctetString;

use super::Blob;

/// A key that was there before is used from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct KeyImported {
    /// Our label of it.
    pub label: String,
    /// Its role.
    pub role: String,
    /// Its algorithm.
    pub algorithm: String,
    /// What kind of backend holds it: `software`, `simulator`, `hardware`.
    pub backend: String,
    /// DER `SubjectPublicKeyInfo`.
    pub spki: OctetString,
    /// The device's attestation: the statement and what leads to the root, DER one after another.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub attestation: Option<Blob>,
}

/// A CA whose certificate was made elsewhere is known from here on. It may sign if its key is here.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct IssuerImported {
    /// The issuer's name here.
    pub issuer: String,
    /// The profile whose rules it was held against.
    pub profile: String,
    /// The name here of the CA that signed its certificate; its own name for a root.
    pub issued_by: String,
    /// Its certificate, DER.
    pub certificate: OctetString,
    /// CRL shards, a power of two.
    pub crl_shards: u32,
    /// The highest CRL number that it used before; ours go on above it.
    pub last_crl_number: u64,
    /// The label of its key; absent when the key is elsewhere, as an offline root's.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub key_label: Option<String>,
}

/// A certificate of a known CA that was made elsewhere: a cross-certificate, a renewed one.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateImported {
    /// Its name: `root-ecc-by-rsa`.
    pub name: String,
    /// The profile whose rules it was held against.
    pub profile: String,
    /// The name here of the CA that signed it.
    pub issued_by: String,
    /// The certificate, DER.
    pub certificate: OctetString,
}

/// A CRL that was signed elsewhere is published from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CrlImported {
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
    /// The whole CRL, DER.
    pub crl: Blob,
}
