//! Revoking many, and watching how soon it is known.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// Revoke many certificates in one act. Everything that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeMany {
    /// Of this issuer.
    pub issuer: Option<String>,
    /// Of this profile.
    pub profile: Option<String>,
    /// Of facilities whose codes begin so.
    pub facility_prefix: Option<String>,
    /// Of these facilities: a code in each line; empty lines and `#` and what follows do not count.
    pub facilities: Option<String>,
    /// With these serials: one in each line, in hex, with or without colons.
    pub serials: Option<String>,
    /// `key-compromise`, `superseded`, …, or `unspecified`.
    pub reason: String,
    /// Since when the keys were untrustworthy.
    pub invalidity_date: Option<UnixTime>,
    /// The number of certificates that somebody saw and confirmed.
    pub confirmed: Option<u64>,
    /// Entries that the ledger had when they were counted: what was issued since is not revoked, and
    /// what was revoked or has expired since is not missed.
    pub counted_at: Option<u64>,
    /// Whether it is only said what would be revoked.
    pub dry_run: bool,
}

/// How far the act is that revokes many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MassRevocationProgress {}

/// Who answers for status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointList {}

/// What whoever looks for revocations needs: the certificates, and who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisibilityPlan {
    /// The certificates, at most a hundred.
    pub certificates: Vec<WatchedName>,
}

/// Names a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedName {
    /// Its serial.
    pub serial: String,
    /// Its issuer, when several used that serial.
    pub issuer: Option<String>,
}

/// What the canary measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryShow {}
