//! Certificates as answers name them.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::CrlsPublished;
use crate::control::CertificateState;

/// A certificate was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCertificate {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// The profile's name.
    pub profile: String,
    /// Whom it names.
    pub subject: String,
    /// The last second of its validity.
    pub not_after: UnixTime,
    /// Ledger index of the record: the bytes that were to be signed.
    pub record: u64,
    /// Ledger index of the outcome: the signature.
    pub outcome: u64,
    /// The certificate.
    pub pem: String,
    /// The CA certificates above it, the root left out.
    pub chain_pem: String,
}

/// A certificate was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// When and why.
    pub revocation: RevocationView,
    /// Whether OCSP tells of it, and then at once. Of CA certificates only CRLs tell.
    pub ocsp: bool,
    /// The CRLs that tell of it.
    pub crls: CrlsPublished,
}

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationView {
    /// When.
    pub date: UnixTime,
    /// Why, if a reason is stated.
    pub reason: Option<String>,
    /// Since when the key was untrustworthy.
    pub invalidity_date: Option<UnixTime>,
    /// Ledger index of the entry that revoked.
    pub ledger_index: u64,
}

/// What is known of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateSummary {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// The profile's name.
    pub profile: String,
    /// Where it is in its life.
    pub state: CertificateState,
    /// The last second of its validity.
    pub not_after: UnixTime,
    /// Its revocation.
    pub revocation: Option<RevocationView>,
    /// Ledger index of the record.
    pub record: u64,
    /// Ledger index of the outcome.
    pub outcome: Option<u64>,
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// What the authority knows of it; none for a certificate that was only read from a file.
    pub known: Option<CertificateSummary>,
    /// What it says; none when it was never signed.
    pub content: Option<CertificateContent>,
    /// The certificate; empty when it was never signed.
    pub pem: String,
    /// The CA certificates above it, the root left out.
    pub chain_pem: String,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateContent {
    /// The serial.
    pub serial: String,
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// Issuer DN, RFC 4514.
    pub issuer: String,
    /// First second of its validity.
    pub not_before: UnixTime,
    /// Last second of its validity.
    pub not_after: UnixTime,
    /// The subject's key, or why it cannot be read.
    pub key: String,
    /// How it is signed, or why that cannot be read.
    pub signature: String,
    /// Whether it is a CA's.
    pub is_ca: bool,
    /// Path length constraint.
    pub path_len: Option<u32>,
    /// Subject alternative names: `uri:…`, `dns:…`.
    pub subject_alt_names: Vec<String>,
    /// Key usage, names of RFC 5280.
    pub key_usage: Vec<String>,
    /// Extended key usage, names or OIDs.
    pub extended_key_usage: Vec<String>,
    /// Certificate policies, OIDs.
    pub policies: Vec<String>,
    /// Where its CRL is.
    pub crl_uris: Vec<String>,
    /// Where OCSP answers for it.
    pub ocsp_uris: Vec<String>,
    /// Subject key identifier.
    pub subject_key_id: Option<String>,
    /// Authority key identifier.
    pub authority_key_id: Option<String>,
    /// SHA-256 of the certificate that it is related to (RFC 9763).
    pub related_certificate: Option<String>,
    /// SHA-256 of the certificate.
    pub sha256: String,
}

/// Certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {
    /// Those that were asked for, up to the limit.
    pub certificates: Vec<CertificateSummary>,
    /// Whether there are more.
    pub more: bool,
}
