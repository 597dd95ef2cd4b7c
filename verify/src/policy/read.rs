//! From the written document to phases and rules.

use std::collections::BTreeMap;

use super::config::{ConditionConfig, EffectConfig, PhaseConfig, RuleConfig};
use super::selector::{KeySelector, SignatureSelector, Subject};
use super::timeline::{Effect, NO_RULE, Rule};
use super::{Act, DateName, Phase, RuleId, Text, TimelineError, TimelineFault};
use crate::UnixTime;

const MAX_NAME_CHARS: usize = 64;

/// The key that a strict TOML parser stumbled over, for messages about a policy document: the field
/// that `message` says is missing, else the key on the line of byte `offset`.
#[must_use]
pub fn key_of_syntax_error(text: &str, offset: usize, message: &str) -> String {
    if let Some(field) = message
        .strip_prefix("missing field `")
        .and_then(|m| m.split('`').next())
    {
        return shorten(field);
    }
    let start = text
        .get(..offset)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |at| at + 1);
    let line = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    if key.is_empty() || key.starts_with('#') {
        "document".to_owned()
    } else {
        shorten(key)
    }
}

pub(super) fn shorten(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).collect()
}

pub(super) fn check_name(key: &str, name: &str) -> Result<(), TimelineError> {
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

pub(super) fn named(
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

pub(super) fn read_phases(
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

pub(super) fn read_rules(
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
