//! Verdicts on chains, in words and as JSON.

mod dry_run;
mod language;
mod tree;
mod verified;
mod wide;

pub(crate) use self::language::Language;

use kasane_web::control::{ExitClass, MissingEvidence, Problem, Refusal, VerifyReport};
use serde_json::{Map, Value, json};

use crate::answer::Answer;

/// The answer to `kasane verify`; `notes` is said beside it.
pub(crate) fn answer(report: &VerifyReport, notes: String, language: Language) -> Answer {
    Answer {
        json: as_json(report, &notes, language),
        text: text(report, language),
        notes,
        refusal: report.refusal.as_ref().map(|refusal| {
            Problem::new(
                ExitClass::Negative,
                &refusal.code,
                message(refusal, language),
            )
        }),
    }
}

/// Everything but the refusal itself, which errors say.
pub(crate) fn text(report: &VerifyReport, language: Language) -> String {
    let mut parts = Vec::new();
    if let Some(it) = &report.verified {
        parts.push(verified::text(it, language));
    }
    if let Some(it) = &report.dry_run {
        parts.push(dry_run::text(it, language));
    }
    if !report.missing.is_empty() {
        parts.push(missing(&report.missing, language));
    }
    if let Some(it) = &report.explanation {
        parts.push(tree::text(it, language));
    }
    parts.join("\n")
}

/// A success as its fields; a refusal as `error`, as everywhere, and what belongs to it beside.
fn as_json(report: &VerifyReport, notes: &str, language: Language) -> Value {
    let mut object = match report.verified.as_ref().map(|it| json!(it)) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let mut add = |name: &str, value: Value| object.insert(name.to_owned(), value);
    if let Some(it) = &report.refusal {
        let error = json!({ "code": it.code, "message": message(it, language) });
        add("error", error);
        let (position, subject, rule) = (&it.position, &it.subject, &it.rule);
        add(
            "refusal",
            json!({ "position": position, "subject": subject, "rule": rule }),
        );
    }
    if !report.missing.is_empty() {
        add("missing", json!(report.missing));
    }
    if let Some(it) = &report.dry_run {
        add("dry_run", json!(it));
    }
    if let Some(it) = &report.explanation {
        add("explanation", json!(it));
    }
    if !notes.is_empty() {
        add("notes", json!(notes.lines().collect::<Vec<_>>()));
    }
    Value::Object(object)
}

fn message(refusal: &Refusal, language: Language) -> &str {
    language.pick(&refusal.message, &refusal.message_ja)
}

/// What evidence would be needed, and where it can be had.
fn missing(list: &[MissingEvidence], language: Language) -> String {
    let mut text = language
        .pick(
            "evidence of revocation status that is missing\n",
            "不足している失効情報\n",
        )
        .to_owned();
    for it in list {
        let position = language.position(&it.position);
        let serial = language.pick("serial", "シリアル番号");
        text.push_str(&format!(
            "  {position}: {} ({serial} {})\n",
            it.subject, it.serial
        ));
        let kinds = [
            ("OCSP", &it.ocsp),
            ("CRL", &it.crl),
            (language.pick("delta CRL", "差分CRL"), &it.delta),
        ];
        for (kind, uris) in kinds {
            for uri in uris {
                text.push_str(&format!("    {kind} {}\n", uri.escape_debug()));
            }
        }
        if it.ocsp.is_empty() && it.crl.is_empty() {
            text.push_str(language.pick(
                "    a CRL of its issuer; the certificate names no address\n",
                "    発行者のCRL（証明書に取得先の記載はありません）\n",
            ));
        }
        let given = language.pick("given, but", "提示済みですが使えません");
        for problem in &it.problems {
            let line = format!("    {given}: {problem}");
            for part in wide::wrapped(&line, tree::WIDTH) {
                text.push_str(&part);
                text.push('\n');
            }
        }
    }
    text
}
