//! The validated policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::config::{ConditionConfig, EffectConfig, PhaseConfig, RuleConfig};
use super::selector::{Asked, KeySelector, SignatureSelector, Subject};
use super::{Act, Class, DateName, OVERLAP_TIMELINE_TOML, Text, TimelineConfig};
use super::{TimelineError, TimelineFault, check};
use crate::UnixTime;
use crate::time::DAY_SECONDS;

/// Bounds on a document, so that a hostile one costs little.
const MAX_TEXT_BYTES: usize = 256 * 1024;
const MAX_ENTRIES: usize = 256;
const MAX_NAME_CHARS: usize = 64;
/// What a decision cites when no rule matches.
const NO_RULE: &str = "no-rule";

/// The stable name of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RuleId(String);

/// A stretch of time between two dates of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    id: String,
    from: UnixTime,
    title: Text,
    why: Text,
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
            TimelineError::new(
                key_at(text, error.span().map_or(0, |span| span.start)),
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

/// The word at the start of the line that holds byte `offset`: the key that a parser stumbled over.
fn key_at(text: &str, offset: usize) -> String {
    let start = text
        .get(..offset)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |at| at + 1);
    let line = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    if key.is_empty() {
        "document".to_owned()
    } else {
        shorten(key)
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).collect()
}

fn check_name(key: &str, name: &str) -> Result<(), TimelineError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(plain) {
        return Err(TimelineError::new(
            key,
            TimelineFault::Name {
                name: shorten(name),
            },
        ));
    }
    Ok(())
}

fn named(
    dates: &BTreeMap<DateName, UnixTime>,
    key: &str,
    name: &str,
) -> Result<UnixTime, TimelineError> {
    dates.get(name).copied().ok_or_else(|| {
        TimelineError::new(
            key,
            TimelineFault::UnknownDate {
                name: shorten(name),
            },
        )
    })
}

fn check_text(key: &str, text: &Text) -> Result<(), TimelineError> {
    if text.en.trim().is_empty() || text.ja.trim().is_empty() {
        return Err(TimelineError::new(key, TimelineFault::Empty));
    }
    Ok(())
}

fn read_phases(
    configs: Vec<PhaseConfig>,
    dates: &BTreeMap<DateName, UnixTime>,
) -> Result<Vec<Phase>, TimelineError> {
    let mut phases: Vec<Phase> = Vec::with_capacity(configs.len());
    for config in configs {
        let key = |field: &str| format!("phases.{}.{field}", shorten(&config.id));
        check_name("phases.id", &config.id)?;
        let from = named(dates, &key("from"), &config.from)?;
        check_text(&key("title"), &config.title)?;
        check_text(&key("why"), &config.why)?;
        if phases.iter().any(|phase| phase.id == config.id) {
            let fault = TimelineFault::Duplicate {
                name: config.id.clone(),
            };
            return Err(TimelineError::new(key("id"), fault));
        }
        if let Some(previous) = phases.last().filter(|phase| phase.from >= from) {
            let fault = TimelineFault::OutOfOrder {
                from,
                previous: previous.from,
            };
            return Err(TimelineError::new(key("from"), fault));
        }
        phases.push(Phase {
            id: config.id,
            from,
            title: config.title,
            why: config.why,
        });
    }
    Ok(phases)
}

fn read_rules(
    configs: Vec<RuleConfig>,
    dates: &BTreeMap<DateName, UnixTime>,
) -> Result<Vec<Rule>, TimelineError> {
    let mut rules: Vec<Rule> = Vec::with_capacity(configs.len());
    for config in configs {
        let rule = read_rule(config, dates)?;
        if rule.id.as_str() == NO_RULE || rules.iter().any(|other| other.id == rule.id) {
            let fault = TimelineFault::Duplicate {
                name: rule.id.0.clone(),
            };
            return Err(TimelineError::new(format!("rules.{}.id", rule.id), fault));
        }
        rules.push(rule);
    }
    rules.sort_by_key(|rule| rule.from);
    Ok(rules)
}

fn read_rule(
    config: RuleConfig,
    dates: &BTreeMap<DateName, UnixTime>,
) -> Result<Rule, TimelineError> {
    check_name("rules.id", &config.id)?;
    let key = |field: &str| format!("rules.{}.{field}", config.id);
    let combination = |field: &'static str, why: &'static str| {
        TimelineError::new(key(field), TimelineFault::Combination { field, why })
    };
    for (field, count) in [
        ("classes", config.classes.len()),
        ("acts", config.acts.len()),
    ] {
        if count == 0 {
            return Err(TimelineError::new(key(field), TimelineFault::Empty));
        }
    }
    check_text(&key("reason"), &config.reason)?;
    let from = named(dates, &key("from"), &config.from)?;
    let subject = read_subject(&config)?;
    let all = |wanted: fn(Act) -> bool| config.acts.iter().copied().all(wanted);
    if matches!(subject, Subject::Signatures(_)) && !all(Act::is_acceptance) {
        return Err(combination(
            "signatures",
            "they go with the accept acts; issuance looks there",
        ));
    }
    if (config.effect == EffectConfig::Cap) != all(|act| act == Act::Cap)
        || (config.effect != EffectConfig::Cap && config.acts.contains(&Act::Cap))
    {
        return Err(combination(
            "effect",
            "the effect `cap` and the act `cap` go together, alone",
        ));
    }
    if config.effect == EffectConfig::Warn && !all(|act| act == Act::AcceptOnline) {
        return Err(combination(
            "effect",
            "`warn` goes with `accept-online` alone",
        ));
    }
    let permits = config.effect == EffectConfig::Permit;
    if config.only_if.is_some() && !(permits && all(Act::is_issuance)) {
        return Err(combination("only_if", "it goes with a permission to issue"));
    }
    if config.proven_before.is_some() && !(permits && all(|act| act == Act::AcceptHistorically)) {
        return Err(combination(
            "proven_before",
            "it goes with permitted `accept-historically`",
        ));
    }
    if config.not_after.is_some() && config.effect != EffectConfig::Cap {
        return Err(combination("not_after", "it goes with the effect `cap`"));
    }
    let break_glass = config.only_if == Some(ConditionConfig::BreakGlass);
    if (config.max_days.is_some() || config.approvers.is_some()) && !break_glass {
        return Err(combination(
            "max_days",
            "it and `approvers` go with `only_if = break-glass`",
        ));
    }
    let effect = match config.effect {
        EffectConfig::Warn => Effect::Warn,
        EffectConfig::Refuse => Effect::Refuse,
        EffectConfig::Cap => {
            let name = config
                .not_after
                .as_deref()
                .ok_or_else(|| combination("not_after", "a cap names its last second"))?;
            Effect::Cap(named(dates, &key("not_after"), name)?)
        }
        EffectConfig::Permit => match (config.only_if, &config.proven_before) {
            (Some(ConditionConfig::EccIncapable), _) => Effect::PermitIfEccIncapable,
            (Some(ConditionConfig::BreakGlass), _) => read_break_glass(&config)?,
            (None, Some(name)) => {
                Effect::PermitIfProvenBefore(named(dates, &key("proven_before"), name)?)
            }
            (None, None) => Effect::Permit,
        },
    };
    Ok(Rule {
        id: RuleId(config.id),
        from,
        classes: config.classes,
        acts: config.acts,
        subject,
        effect,
        reason: config.reason,
    })
}

fn read_break_glass(config: &RuleConfig) -> Result<Effect, TimelineError> {
    let bounded = |field: &str, value: Option<u32>, limits: (u32, u32), why: &'static str| {
        let value = value.unwrap_or(0);
        if (limits.0..=limits.1).contains(&value) {
            return Ok(value);
        }
        Err(TimelineError::new(
            format!("rules.{}.{field}", config.id),
            TimelineFault::OutOfBounds {
                value: u64::from(value),
                why,
            },
        ))
    };
    // The dated policy of the network: at most 90 days, two approvers.
    let max_days = bounded(
        "max_days",
        config.max_days,
        (1, 90),
        "break-glass lasts 1 to 90 days",
    )?;
    let approvers = bounded(
        "approvers",
        config.approvers,
        (2, 16),
        "break-glass takes 2 to 16 approvers",
    )?;
    Ok(Effect::PermitAsBreakGlass {
        max_days,
        approvers,
    })
}

fn read_subject(config: &RuleConfig) -> Result<Subject, TimelineError> {
    let key = |field: &str| format!("rules.{}.{field}", config.id);
    let unknown = |field: &str, text: &str| {
        TimelineError::new(
            key(field),
            TimelineFault::Selector {
                text: shorten(text),
            },
        )
    };
    match (config.keys.is_empty(), config.signatures.is_empty()) {
        (true, true) => Err(TimelineError::new(key("keys"), TimelineFault::Empty)),
        (false, false) => Err(TimelineError::new(
            key("signatures"),
            TimelineFault::Combination {
                field: "signatures",
                why: "a rule binds keys or signatures, not both",
            },
        )),
        (false, true) => config
            .keys
            .iter()
            .map(|text| KeySelector::parse(text).ok_or_else(|| unknown("keys", text)))
            .collect::<Result<_, _>>()
            .map(Subject::Keys),
        (true, false) => config
            .signatures
            .iter()
            .map(|text| SignatureSelector::parse(text).ok_or_else(|| unknown("signatures", text)))
            .collect::<Result<_, _>>()
            .map(Subject::Signatures),
    }
}
