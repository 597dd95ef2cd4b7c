//! The dated cryptographic policy: which keys may be issued, capped, accepted, warned about or
//! refused, and when.
//!
//! The document (`policy/timeline.toml`) is data: a [`TimelineConfig`] read strictly, turned into a
//! [`Timeline`] by one constructor that refuses what contradicts itself. For a class, an act and a
//! key the matching rule with the latest date decides; where no rule matches the answer is no. No
//! date and no algorithm of the migration is written in code.

mod acceptance;
mod check;
mod class;
mod config;
mod error;
mod explain;
mod issuance;
mod read;
mod selector;
#[cfg(test)]
mod tests;
mod timeline;

pub use acceptance::{Acceptance, AcceptanceQuestion, AcceptanceVerdict, Mode, Position};
pub use class::{Act, Class, UnknownClass};
pub use config::{
    ConditionConfig, DateName, EffectConfig, PhaseConfig, RuleConfig, Text, TimelineConfig,
};
pub use error::{TimelineError, TimelineFault};
pub use explain::{ExplainQuestion, Explained, Explanation};
pub use issuance::{BreakGlass, Circumstances, Decision, IssuanceQuestion, Verdict};
pub use read::key_of_syntax_error;
pub use timeline::{Phase, RuleId, Timeline};

/// The policy of the overlap, as text: what a new installation starts with.
pub const OVERLAP_TIMELINE_TOML: &str = include_str!("../../../policy/timeline.toml");
