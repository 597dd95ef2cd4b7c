//! The life of a certificate.

use der::asn1::OctetString;
use der::{Enumerated, Sequence};

/// A certificate is about to be signed: the first attempt at a device follows this entry.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateRecorded {
    /// Who asked: scope of the request key.
    pub requester: String,
    /// The issuer's name.
    pub issuer: String,
    /// The profile's name.
    pub profile: String,
    /// Whom it names: `facility/1312345678/1`, `system/portal/1`, `ca/issuing-rsa`.
    pub subject: String,
    /// The serial number, big-endian without padding.
    pub serial: OctetString,
    /// notAfter, seconds since the epoch.
    pub not_after: i64,
    /// The CRL shard named in it.
    pub crl_shard: u32,
    /// SHA-256 of the subject's DER `SubjectPublicKeyInfo`.
    pub spki_sha256: OctetString,
    /// The DER `TBSCertificate` to be signed.
    pub tbs: OctetString,
    /// The requester's key for this request: asking again gives the same certificate.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub request_key: Option<String>,
    /// SHA-256 of the PKCS#10 request.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub request_sha256: Option<OctetString>,
    /// The serial of the certificate that this one renews.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub renews: Option<OctetString>,
}

/// A device is asked once more for a recorded signature: the second attempt and later ones.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignatureAttempted {
    /// The ledger index of the record.
    pub record: u64,
    /// 2 for the second attempt.
    pub attempt: u32,
}

/// A recorded certificate was signed and its signature verified.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateIssued {
    /// The ledger index of the record.
    pub record: u64,
    /// The signature's octets.
    pub signature: OctetString,
}

/// How a record ended without a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumerated)]
#[asn1(type = "ENUMERATED")]
#[repr(u8)]
pub enum Closed {
    /// A device refused.
    Failed = 0,
    /// The process ended between record and outcome.
    Abandoned = 1,
}

/// A record ends without a signature. Its serial or CRL number is burnt; the serial of a
/// subscriber's certificate counts as revoked from this entry on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct RecordClosed {
    /// The ledger index of the record.
    pub record: u64,
    /// How it ended.
    pub outcome: Closed,
    /// Why.
    pub reason: String,
}

/// A certificate is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertificateRevoked {
    /// The issuer's name.
    pub issuer: String,
    /// The serial number, big-endian without padding.
    pub serial: OctetString,
    /// When, seconds since the epoch.
    pub revocation_date: i64,
    /// The reason code (RFC 5280 §5.3.1); absent means none is stated.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub reason: Option<u8>,
    /// When the key became untrustworthy (RFC 5280 §5.3.2), seconds since the epoch.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub invalidity_date: Option<i64>,
}
