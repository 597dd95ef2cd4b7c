//! Judgements: of a chain, and of the policy itself.

use kasane_verify::policy::{Act, Class};
use kasane_verify::{KeyAlgorithm, UnixTime};
use serde::{Deserialize, Serialize};

/// A chain is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The instant it was judged at.
    pub at: UnixTime,
    /// The phase of the policy then.
    pub phase: String,
    /// What the phase is called.
    pub phase_title: String,
    /// What the policy is called.
    pub policy: String,
    /// Days by which the demonstration timeline is moved; 0 for the real one.
    pub shift_days: i64,
    /// What it was verified for.
    pub purpose: String,
    /// How the policy classes the end entity.
    pub class: Class,
    /// The URI that names the facility, system or person.
    pub identity: Option<String>,
    /// The end entity's key.
    pub key: KeyAlgorithm,
    /// The path, end entity first, anchor last.
    pub path: Vec<PathElement>,
    /// Certificate policies that are valid for the path; `any` for every one.
    pub policies: Vec<String>,
    /// `good by this authority's records`, or `not checked` when a certificate of the path is not
    /// this authority's.
    pub revocation: String,
    /// What the dated policy wants reported.
    pub warnings: Vec<VerifyWarning>,
}

/// A certificate in a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathElement {
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// Its serial; none for an anchor.
    pub serial: Option<String>,
    /// Last second of its validity; none for an anchor.
    pub not_after: Option<UnixTime>,
}

/// What the dated policy wants reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyWarning {
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// What the policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyExplained {
    /// What the policy is called.
    pub policy: String,
    /// Version of its content.
    pub policy_serial: u64,
    /// Days by which the demonstration timeline is moved; 0 for the real one.
    pub shift_days: i64,
    /// The time asked about.
    pub at: UnixTime,
    /// The phase then.
    pub phase: String,
    /// What the phase is called, English.
    pub phase_title: String,
    /// What the phase is called, Japanese.
    pub phase_title_ja: String,
    /// The profile's name.
    pub profile: String,
    /// How the policy classes it.
    pub class: Class,
    /// The key asked about.
    pub key: KeyAlgorithm,
    /// Whether the profile takes such a key at all.
    pub profile_takes_key: bool,
    /// One answer for each act.
    pub answers: Vec<PolicyAnswer>,
}

/// One answer of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyAnswer {
    /// The act asked about.
    pub act: Act,
    /// `permit`, `accept`, `warn` or `refuse`.
    pub decision: String,
    /// The last second that a permitted certificate may name, if bounded.
    pub not_after_cap: Option<UnixTime>,
    /// The rule that decided.
    pub rule: String,
    /// Why, English.
    pub reason: String,
    /// Why, Japanese.
    pub reason_ja: String,
}
