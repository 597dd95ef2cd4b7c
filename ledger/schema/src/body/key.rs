//! Keys, ceremonies, issuers.

use der::Sequence;
use der::asn1::OctetString;

use super::Blob;

/// A key pair was made.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct KeyGenerated {
    /// The key's label in its backend.
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

/// A step of a ceremony was completed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CeremonyStep {
    /// SHA-256 of the reviewed script.
    pub script_sha256: OctetString,
    /// The step's name: `key root-ecc`, `certificate root-ecc-by-rsa`.
    pub step: String,
    /// What came of it.
    pub detail: String,
}

/// A CA may sign from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct IssuerActivated {
    /// The issuer's name: `issuing-ecc-terminal`.
    pub issuer: String,
    /// The label of its key.
    pub key_label: String,
    /// The ledger index of its certificate's `CertificateRecorded`.
    pub record: u64,
    /// CRL shards, a power of two.
    pub crl_shards: u32,
}

/// A delegated OCSP signer answers for an issuer from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct OcspSignerActivated {
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key.
    pub key_label: String,
    /// The ledger index of its certificate's `CertificateRecorded`.
    pub record: u64,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}
