//! Many certificates revoked in one act.

use der::Sequence;
use der::asn1::OctetString;

/// Somebody who approved an act before it was done.
///
/// Nothing asks for approvals yet: acts carry none. Whoever asks for them later fills them in here,
/// and the entries of today stay what they are.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct Approval {
    /// Who: `operator/hanako`.
    pub approver: String,
    /// When, seconds since the epoch.
    pub time: i64,
    /// What the approver signed, as the scheme that asks for approvals defines it.
    pub statement: OctetString,
}

/// Certificates are revoked together. The next `parts` entries name them; all are appended in one
/// batch, so there is the whole act or nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct MassRevocation {
    /// How the certificates were chosen, in words: `profile terminal-rsa`. The parts are what counts.
    pub selection: String,
    /// Entries that follow.
    pub parts: u32,
    /// Certificates that they name.
    pub certificates: u64,
    /// Certificates that were chosen as well and had been revoked before: they stay as they are.
    pub revoked_before: u64,
    /// When, seconds since the epoch.
    pub revocation_date: i64,
    /// Over the parts' bodies: the hash of none is 32 zero octets, that of one more is the SHA-256 of
    /// the hash before it and its DER.
    pub parts_sha256: OctetString,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// The reason code (RFC 5280 §5.3.1); absent means none is stated.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub reason: Option<u8>,
    /// When the keys became untrustworthy (RFC 5280 §5.3.2), seconds since the epoch.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub invalidity_date: Option<i64>,
}

/// Certificates of one issuer that the act before it revokes. Date and reason are the act's.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct MassRevocationPart {
    /// 1 for the entry after the [`MassRevocation`], which is so many entries before this one.
    pub number: u32,
    /// The issuer's name.
    pub issuer: String,
    /// Serial numbers, big-endian without padding, ascending.
    pub serials: Vec<OctetString>,
}
