//! Edge responders in words.

use kasane_web::control::{ResponderEnrolled, ResponderRemoved, Responders};
use serde_json::Value;

use super::certificate::time;
use super::table::{Fields, table};

pub(super) fn enrolled(it: &ResponderEnrolled) -> String {
    format!("responder {} enrolled\n", it.name)
}

pub(super) fn listed(it: &Responders) -> String {
    let rows: Vec<_> = it
        .responders
        .iter()
        .map(|it| {
            let state = match (it.removed, it.seen) {
                (Some(removed), _) => format!("removed {}", time(removed)),
                (None, Some(seen)) => format!("seen {}", time(seen)),
                (None, None) => "not seen since the service began".to_owned(),
            };
            let missing = it.missing_entries.map(|count| count.to_string());
            vec![
                it.name.clone(),
                it.url.clone(),
                state,
                missing.unwrap_or_default(),
                it.signatures.to_string(),
            ]
        })
        .collect();
    let head = ["name", "address", "state", "missing entries", "signatures"];
    table(&head, &rows)
}

pub(super) fn removed(it: &ResponderRemoved) -> String {
    format!(
        "responder {} removed; {} signers revoked {}\n",
        it.name,
        it.revoked.len(),
        it.revoked.join(" ")
    )
}

/// Whether a service says at `/health` that its start is under way.
pub(crate) fn is_starting(it: &Value) -> bool {
    it["status"] == "starting"
}

/// What an edge says of itself at `/health`.
pub(crate) fn health(it: &Value) -> String {
    let word = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut fields = Fields::default();
    if is_starting(it) {
        fields
            .add("status", "starting".to_owned())
            .add("doing", word(&it["doing"]));
        if let (Some(done), Some(total)) = (
            it["entries"]["done"].as_u64(),
            it["entries"]["total"].as_u64(),
        ) {
            fields.add("entries", format!("{done} of {total}"));
        }
        return fields.into_text();
    }
    fields
        .add("responder", word(&it["responder"]))
        .add("status", word(&it["status"]))
        .add("knows as of", word(&it["as_of"]))
        .add("stale, seconds", word(&it["stale_seconds"]))
        .add("answers until", word(&it["answers_until"]))
        .add("authority", word(&it["authority"]["contact"]));
    if !it["authority"]["reason"].is_null() {
        fields.add("because", word(&it["authority"]["reason"]));
    }
    fields
        .add("entries", word(&it["entries"]))
        .add("not covered yet", word(&it["held_entries"]))
        .add("checkpoint", word(&it["checkpoint"]));
    if it["held_noted"] == false {
        fields.add(
            "held",
            "in memory only: if it is killed now, it answers nothing until it reaches the authority",
        );
    }
    if it["clock_ahead_seconds"].as_i64().unwrap_or(0) > 1 {
        fields.add("clock ahead, seconds", word(&it["clock_ahead_seconds"]));
    }
    let signers = it["signers"].as_array().cloned().unwrap_or_default();
    for signer in &signers {
        fields.add(
            &word(&signer["key"]),
            format!("until {}", word(&signer["not_after"])),
        );
    }
    for name in it["without_signer"].as_array().into_iter().flatten() {
        fields.add("no signer for", word(name));
    }
    fields.into_text()
}
