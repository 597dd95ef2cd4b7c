//! Judgements in words.

use kasane_web::control::{PolicyExplained, Verified};

use super::certificate::time;
use super::table::Fields;

pub(super) fn verified(it: &Verified) -> String {
    let mut fields = Fields::default();
    fields
        .add("trusted", format!("for {} at {}", it.purpose, time(it.at)))
        .add("phase", format!("{} ({})", it.phase, it.phase_title))
        .add("timeline", timeline(&it.policy, it.shift_days))
        .add("class", it.class)
        .add("identity", it.identity.as_deref().unwrap_or_default())
        .add("key", it.key);
    let path: Vec<_> = it
        .path
        .iter()
        .map(|element| match (&element.serial, element.not_after) {
            (Some(serial), Some(end)) => {
                format!("{} (serial {serial}, until {})", element.subject, time(end))
            }
            _ => format!("{} (trust anchor)", element.subject),
        })
        .collect();
    fields
        .add_all("path", &path)
        .add("revocation", &it.revocation)
        .add("policies", it.policies.join(", "));
    let warnings: Vec<_> = it
        .warnings
        .iter()
        .map(|warning| format!("{}: {} [{}]", warning.subject, warning.reason, warning.rule))
        .collect();
    fields.add_all("warning", &warnings);
    fields.into_text()
}

pub(super) fn explained(it: &PolicyExplained) -> String {
    let mut fields = Fields::default();
    fields
        .add("profile", format!("{} (class {})", it.profile, it.class))
        .add("key", it.key)
        .add("at", time(it.at))
        .add(
            "phase",
            format!("{}: {} / {}", it.phase, it.phase_title, it.phase_title_ja),
        )
        .add("timeline", timeline(&it.policy, it.shift_days));
    if !it.profile_takes_key {
        fields.add(
            "note",
            format!("profile {} does not take {} keys", it.profile, it.key),
        );
    }
    for answer in &it.answers {
        let until = answer
            .not_after_cap
            .map(|cap| format!(", until {}", time(cap)))
            .unwrap_or_default();
        fields
            .add(
                &answer.act.to_string(),
                format!("{}{until}", answer.decision),
            )
            .add("", format!("{} [{}]", answer.reason, answer.rule))
            .add("", &answer.reason_ja);
    }
    fields.into_text()
}

fn timeline(policy: &str, shift_days: i64) -> String {
    match shift_days {
        0 => format!("{policy}, real"),
        days => format!("{policy}, demonstration: shifted by {days} days"),
    }
}
