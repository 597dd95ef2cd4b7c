//! Judgements of the policy itself.

use kasane_verify::policy::{Act, Class};
use kasane_verify::{KeyAlgorithm, UnixTime};
use serde::{Deserialize, Serialize};

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
