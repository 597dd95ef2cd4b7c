//! Judgements in words.

use kasane_web::control::PolicyExplained;

use super::certificate::time;
use super::table::Fields;

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

pub(super) fn timeline(policy: &str, shift_days: i64) -> String {
    match shift_days {
        0 => format!("{policy}, real"),
        days => format!("{policy}, demonstration: shifted by {days} days"),
    }
}
