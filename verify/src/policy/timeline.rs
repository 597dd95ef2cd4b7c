//! The validated policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::read::{check_name, key_of_syntax_error, named, read_phases, read_rules};
use super::selector::{Asked, Subject};
use super::{Act, Class, DateName, OVERLAP_TIMELINE_TOML, Text, TimelineConfig};
use super::{TimelineError, TimelineFault, check};
use crate::UnixTime;
use crate::time::DAY_SECONDS;

/// Bounds on a document, so that a hostile one costs little.
const MAX_TEXT_BYTES: usize = 256 * 1024;
const MAX_ENTRIES: usize = 256;
/// What a decision cites when no rule matches.
pub(super) const NO_RULE: &str = "no-rule";

/// The stable name of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(pub(super) String);

/// A stretch of time between two dates of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    pub(super) id: String,
    pub(super) from: UnixTime,
    pub(super) title: Text,
    pub(super) why: Text,
}

/// The dated cryptographic policy: complete, without contradictions, evaluated at explicit times.
#[derive(Clone, Debug)]
pub struct Timeline {
    name: String,
    serial: u64,
    demonstration_date: UnixTime,
    shift_days: i64,
    dates: BTreeMap<DateName, UnixTime>,
    phases: Vec<Phase>,
    /// Ascending by date.
    pub(super) rules: Vec<Rule>,
    /// Each instant at which some rule begins, ascending.
    pub(super) breakpoints: Vec<UnixTime>,
    pub(super) no_rule: RuleId,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: RuleId,
    pub(super) from: UnixTime,
    pub(super) classes: Vec<Class>,
    pub(super) acts: Vec<Act>,
    pub(super) subject: Subject,
    pub(super) effect: Effect,
    pub(super) reason: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Permit,
    PermitIfEccIncapable,
    PermitAsBreakGlass { max_days: u32, approvers: u32 },
    PermitIfProvenBefore(UnixTime),
    Warn,
    Refuse,
    Cap(UnixTime),
}

impl Timeline {
    /// Reads and validates a document.
    ///
    /// # Errors
    /// [`TimelineError`] with the place and the rule that is broken.
    pub fn from_toml(text: &str) -> Result<Self, TimelineError> {
        if text.len() > MAX_TEXT_BYTES {
            let fault = TimelineFault::TooMany {
                count: text.len(),
                limit: MAX_TEXT_BYTES,
            };
            return Err(TimelineError::new("document", fault));
        }
        let config: TimelineConfig = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            TimelineError::new(
                key_of_syntax_error(text, offset, error.message()),
                TimelineFault::Syntax {
                    message: error.message().to_owned(),
                },
            )
        })?;
        Self::new(config)
    }

    /// The policy of the overlap, [`OVERLAP_TIMELINE_TOML`].
    ///
    /// # Errors
    /// As [`Timeline::from_toml`].
    pub fn overlap() -> Result<Self, TimelineError> {
        Self::from_toml(OVERLAP_TIMELINE_TOML)
    }

    /// Validates a document that was read.
    ///
    /// # Errors
    /// As [`Timeline::from_toml`].
    pub fn new(config: TimelineConfig) -> Result<Self, TimelineError> {
        if config.schema != 1 {
            let fault = TimelineFault::Schema {
                found: config.schema,
            };
            return Err(TimelineError::new("schema", fault));
        }
        let dates = config.dates;
        let counts = [
            ("dates", dates.len()),
            ("phases", config.phases.len()),
            ("rules", config.rules.len()),
        ];
        for (key, count) in counts {
            if count > MAX_ENTRIES {
                let fault = TimelineFault::TooMany {
                    count,
                    limit: MAX_ENTRIES,
                };
                return Err(TimelineError::new(key, fault));
            }
            if count == 0 {
                return Err(TimelineError::new(key, TimelineFault::Empty));
            }
        }
        for name in dates.keys() {
            check_name("dates", name)?;
        }
        let demonstration_date = named(&dates, "demonstration_date", &config.demonstration_date)?;
        let phases = read_phases(config.phases, &dates)?;
        let rules = read_rules(config.rules, &dates)?;
        let breakpoints: BTreeSet<UnixTime> = rules.iter().map(|rule| rule.from).collect();
        let timeline = Self {
            name: config.name,
            serial: config.serial,
            demonstration_date,
            shift_days: 0,
            dates,
            phases,
            rules,
            breakpoints: breakpoints.into_iter().collect(),
            no_rule: RuleId(NO_RULE.to_owned()),
        };
        check::check(&timeline)?;
        Ok(timeline)
    }

    /// The same policy with every date moved by `days`; for demonstrations and tests. Moves add up.
    #[must_use]
    pub fn shifted(&self, days: i64) -> Self {
        let mut moved = self.clone();
        moved.shift_days = self.shift_days.saturating_add(days);
        moved.demonstration_date = self.demonstration_date.plus_days(days);
        for date in moved.dates.values_mut() {
            *date = date.plus_days(days);
        }
        for phase in &mut moved.phases {
            phase.from = phase.from.plus_days(days);
        }
        for date in &mut moved.breakpoints {
            *date = date.plus_days(days);
        }
        for rule in &mut moved.rules {
            rule.from = rule.from.plus_days(days);
            match &mut rule.effect {
                Effect::Cap(date) | Effect::PermitIfProvenBefore(date) => {
                    *date = date.plus_days(days);
                }
                Effect::Permit
                | Effect::PermitIfEccIncapable
                | Effect::PermitAsBreakGlass { .. }
                | Effect::Warn
                | Effect::Refuse => {}
            }
        }
        moved
    }

    /// The policy moved as a whole so that its demonstration date (ECC opens) was the day before
    /// `ceremony`, by Japan's calendar.
    #[must_use]
    pub fn demonstration(&self, ceremony: UnixTime) -> Self {
        let target = ceremony.start_of_day_jst().plus_days(-1);
        let days = target.seconds_since(self.demonstration_date.start_of_day_jst()) / DAY_SECONDS;
        self.shifted(days)
    }

    /// By how many days this is not the document's own calendar; 0 for the real one.
    #[must_use]
    pub const fn shift_days(&self) -> i64 {
        self.shift_days
    }

    /// What people call this policy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Version of the content.
    #[must_use]
    pub const fn serial(&self) -> u64 {
        self.serial
    }

    /// The instant that the policy calls `name`, for example `rsa-end-entity-cap`.
    #[must_use]
    pub fn date(&self, name: &str) -> Option<UnixTime> {
        self.dates.get(name).copied()
    }

    /// Every named date.
    pub fn dates(&self) -> impl Iterator<Item = (&str, UnixTime)> {
        self.dates.iter().map(|(name, date)| (name.as_str(), *date))
    }

    /// The phases in order.
    #[must_use]
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Each instant at which some rule begins, ascending.
    #[must_use]
    pub fn rule_dates(&self) -> &[UnixTime] {
        &self.breakpoints
    }

    /// The phase of an instant; before the first phase, the first.
    #[must_use]
    pub fn phase_at(&self, at: UnixTime) -> &Phase {
        let following = self.phases.partition_point(|phase| phase.from <= at);
        // The constructor leaves at least one phase.
        &self.phases[following.saturating_sub(1)]
    }

    /// The rule that answers: of those that match, the one with the latest date.
    pub(super) fn deciding(
        &self,
        class: Class,
        act: Act,
        asked: Asked,
        at: UnixTime,
    ) -> Option<&Rule> {
        let begun = self.rules.partition_point(|rule| rule.from <= at);
        self.rules.iter().take(begun).rev().find(|rule| {
            rule.acts.contains(&act) && rule.classes.contains(&class) && rule.subject.matches(asked)
        })
    }
}

impl Phase {
    /// The stable name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first second.
    #[must_use]
    pub const fn from(&self) -> UnixTime {
        self.from
    }

    /// What people call it.
    #[must_use]
    pub const fn title(&self) -> &Text {
        &self.title
    }

    /// Why it exists.
    #[must_use]
    pub const fn why(&self) -> &Text {
        &self.why
    }
}

impl RuleId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
