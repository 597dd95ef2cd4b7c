//! Many certificates revoked, and who tells of it.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::{CrlsPublished, RevocationView};
use crate::visibility::Roster;

/// Many certificates were revoked, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedMany {
    /// Whether it is only said what would be revoked.
    pub dry_run: bool,
    /// What was asked for, in words.
    pub selection: String,
    /// Certificates that are, or would be, revoked by this.
    pub certificates: u64,
    /// Others that fit and were revoked before; date and reason stay.
    pub revoked_before: u64,
    /// Others that fit and have expired.
    pub expired: u64,
    /// Others that fit and are about to be signed: ask again for these.
    pub pending: u64,
    /// Others that fit and were issued after they were counted: ask again for these.
    pub issued_since: u64,
    /// Entries that the ledger had when they were counted: what confirms the number says this as well.
    pub counted_at: u64,
    /// How many of each issuer.
    pub issuers: Vec<IssuerCount>,
    /// A few of them, in their order: the first, the last, and some between.
    pub sample: Vec<RevokedSample>,
    /// A few of those that were revoked before and have not expired.
    pub sample_revoked_before: Vec<RevokedSample>,
    /// When they were revoked.
    pub date: Option<UnixTime>,
    /// Ledger index of the act; none when nothing was revoked.
    pub ledger_index: Option<u64>,
    /// Entries that the ledger has: who has them all knows of each of these revocations.
    pub ledger_size: u64,
    /// The CRLs that tell of it.
    pub crls: CrlsPublished,
}

/// How many of an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerCount {
    /// The issuer's name.
    pub issuer: String,
    /// How many.
    pub certificates: u64,
}

/// A certificate of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedSample {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// The profile's name.
    pub profile: String,
}

/// How far the act is that revokes many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MassRevocationView {
    /// `choosing`, `revoking`, `writing` (what is revoked into the rows that lists are made from),
    /// `publishing`; none when there is no such act.
    pub step: Option<String>,
    /// Certificates done in it.
    pub done: u64,
    /// Certificates in it.
    pub total: u64,
}

/// Who answers for status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEndpoints {
    /// This service's own listener, if one runs, those of the settings, and the edge responders whose
    /// address is known; how far each edge follows; who may sign.
    #[serde(flatten)]
    pub roster: Roster,
    /// Whether a service runs.
    pub is_served: bool,
}

/// What whoever looks for revocations needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibilityPlanned {
    /// The certificates, in the order asked for.
    pub certificates: Vec<WatchedCertificate>,
    /// Who answers.
    pub responders: StatusEndpoints,
}

/// A certificate whose revocation is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedCertificate {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Itself; empty when it was never signed.
    pub pem: String,
    /// Its issuer's.
    pub issuer_pem: String,
    /// When and why it was revoked; none when it is not.
    pub revocation: Option<RevocationView>,
}
