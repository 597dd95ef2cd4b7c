//! The ledger in words.

use kasane_web::control::{Entries, EntryView, LedgerReport, Proof};
use serde_json::Value;

use super::certificate::time;
use super::table::Fields;

/// Octets beyond so many hex digits are shortened on a terminal; JSON has them all.
const MAX_SHOWN: usize = 96;

pub(super) fn report(it: &LedgerReport) -> String {
    let mut fields = Fields::default();
    fields
        .add("ledger", format!("{}: every entry fits", it.origin))
        .add("entries", format!("{} ({} bytes)", it.entries, it.bytes))
        .add("root", &it.root)
        .add("tiles", it.tiles)
        .add(
            "journal",
            format!("{} entries compared", it.journal_entries),
        )
        .add("private records", it.private_records)
        .add("blobs", it.blobs)
        .add(
            "checkpoint",
            match it.checkpoint_size {
                Some(size) => format!("signed over {size} entries"),
                None => "none, and no entry".to_owned(),
            },
        )
        .add("verifier key", &it.verifier_key);
    fields.into_text()
}

pub(super) fn proven(it: &Proof) -> String {
    let mut fields = Fields::default();
    fields
        .add(
            "proven",
            format!(
                "entry {} ({}) is among {} entries",
                it.index, it.kind, it.size
            ),
        )
        .add("leaf hash", &it.leaf_hash)
        .add("verifier key", &it.verifier_key);
    fields.into_text()
}

pub(super) fn entries(it: &Entries) -> String {
    it.entries.iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn entry(it: &EntryView) -> String {
    let mut fields = Fields::default();
    fields
        .add("entry", format!("{} {}", it.index, it.kind))
        .add("time", time(it.time))
        .add("actor", &it.actor);
    if let Value::Object(body) = &it.body {
        for (name, value) in body {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    fields.add(name, shortened(text));
                }
                Value::Array(values) => {
                    fields.add_all(name, values);
                }
                other => {
                    fields.add(name, other);
                }
            }
        }
    }
    fields.into_text()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => {
            let shown = text.get(..end).unwrap_or_default();
            format!("{shown}… ({} characters)", text.chars().count())
        }
        None => text.to_owned(),
    }
}
