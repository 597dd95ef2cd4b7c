//! The document as it is written: strict, without meaning yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Act, Class};
use crate::UnixTime;

/// A name in `[dates]`.
pub type DateName = String;

/// A sentence in the two languages of the network's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// `policy/timeline.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineConfig {
    /// Format of the document; this program reads 1.
    pub schema: u32,
    /// Version of the content; only grows.
    pub serial: u64,
    /// What people call this policy.
    pub name: String,
    /// The date that a demonstration moves to the day before its ceremony.
    pub demonstration_date: DateName,
    /// Instants by name.
    pub dates: BTreeMap<DateName, UnixTime>,
    /// Stretches of time by name, in order.
    pub phases: Vec<PhaseConfig>,
    /// The rules, in any order.
    pub rules: Vec<RuleConfig>,
}

/// One stretch of time, which the next one ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseConfig {
    /// Stable name.
    pub id: String,
    /// When it begins.
    pub from: DateName,
    /// What it is called.
    pub title: Text,
    /// Why it exists.
    pub why: Text,
}

/// One rule: from a date on, for some classes, acts and keys (or signatures), an effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// Stable name, printed with each decision.
    pub id: String,
    /// When it begins; a later rule for the same thing ends it.
    pub from: DateName,
    /// Bound classes.
    pub classes: Vec<Class>,
    /// Bound acts.
    pub acts: Vec<Act>,
    /// Bound keys: `ecc`, `rsa`, `rsa>=2048`, `rsa<3072`, `rsa>=2048<3072` or an algorithm's name.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Bound signatures: `ecc`, `rsa` or an algorithm's name. Instead of `keys`.
    #[serde(default)]
    pub signatures: Vec<String>,
    /// What the rule says.
    pub effect: EffectConfig,
    /// A condition on a permission to issue.
    pub only_if: Option<ConditionConfig>,
    /// Longest life in days of what is issued as break-glass.
    pub max_days: Option<u32>,
    /// Distinct people who must approve a break-glass issuance.
    pub approvers: Option<u32>,
    /// Historical acceptance: what is judged must be proven older than this date.
    pub proven_before: Option<DateName>,
    /// The last second that a cap leaves.
    pub not_after: Option<DateName>,
    /// Why, for the people who meet the decision.
    pub reason: Text,
}

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectConfig {
    /// Yes.
    Permit,
    /// Yes, and tell someone.
    Warn,
    /// No.
    Refuse,
    /// Not beyond a date.
    Cap,
}

/// What must hold beside a permission to issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionConfig {
    /// The registration is recorded as incapable of ECC.
    EccIncapable,
    /// A break-glass approval is at hand.
    BreakGlass,
}
