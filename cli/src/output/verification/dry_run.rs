//! What another date makes of a path.

use kasane_web::control::{DryRunVerdict, DryRunView};

use super::Language;
use super::tree::WIDTH;
use super::wide::{cut, padded, width, wrapped};
use crate::output::certificate::time;

/// Columns of the longest that is printed of a subject.
const SUBJECT_WIDTH: usize = 36;

pub(super) fn text(it: &DryRunView, language: Language) -> String {
    let at = time(it.at);
    let title = language.pick(&it.phase_title, &it.phase_title_ja);
    let mut text = match language {
        Language::En => {
            let verdict = if it.passes { "passes" } else { "does not pass" };
            format!(
                "at {at} the chain {verdict}; phase {} ({title})\n",
                it.phase
            )
        }
        Language::Ja => {
            let verdict = if it.passes {
                "通過します"
            } else {
                "通過しません"
            };
            format!(
                "{at}の時点でこの経路は{verdict}。段階：{}（{title}）\n",
                it.phase
            )
        }
    };
    text.push_str(language.pick(
        "revocation is left aside: status of another date cannot be known\n",
        "失効は考慮していません（別の日の失効状態は分かりません）\n",
    ));
    if let Some(today) = &it.today {
        let why = language.pick(&today.message, &today.message_ja);
        text.push_str(&match language {
            Language::En => format!("there is no path today either: {why}\n"),
            Language::Ja => format!("現在も経路がありません：{why}\n"),
        });
    }
    text.push('\n');
    text.push_str(&table(it, language));
    for certificate in &it.certificates {
        for finding in &certificate.findings {
            let reason = language.pick(&finding.text, &finding.text_ja);
            let position = language.position(&certificate.position);
            for line in wrapped(&format!("  {position}: {reason}"), WIDTH) {
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    let refused =
        |it: &kasane_web::control::DryRunCertificate| it.verdict == DryRunVerdict::Refused;
    if it.passes && it.certificates.iter().any(refused) {
        let subjects: Vec<_> = it.path.iter().map(|it| it.subject.as_str()).collect();
        let path = subjects.join(" < ");
        text.push_str(&match language {
            Language::En => format!("another path passes: {path}\n"),
            Language::Ja => format!("別の経路で通過します：{path}\n"),
        });
    }
    text
}

/// One row for each finding, and for each certificate without.
fn table(it: &DryRunView, language: Language) -> String {
    let head = match language {
        Language::En => ["verdict", "place", "certificate", "rule"],
        Language::Ja => ["判定", "位置", "証明書", "規則"],
    };
    let mut rows = vec![head.map(str::to_owned)];
    for certificate in &it.certificates {
        let position = language.position(&certificate.position);
        let subject = cut(&certificate.subject, SUBJECT_WIDTH);
        if certificate.findings.is_empty() {
            let verdict = verdict(DryRunVerdict::Passes, language).to_owned();
            rows.push([verdict, position, subject, String::new()]);
            continue;
        }
        for finding in &certificate.findings {
            rows.push([
                verdict(finding.verdict, language).to_owned(),
                position.clone(),
                subject.clone(),
                finding.code.clone(),
            ]);
        }
    }
    let columns = [0, 1, 2].map(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|it| width(it)).max().unwrap_or_default() + 2
    });
    let mut text = String::new();
    for [verdict, place, subject, rule] in &rows {
        let [first, second, third] = columns;
        let line = [
            padded(verdict, first),
            padded(place, second),
            padded(subject, third),
            rule.clone(),
        ];
        text.push_str(line.concat().trim_end());
        text.push('\n');
    }
    text
}

const fn verdict(verdict: DryRunVerdict, language: Language) -> &'static str {
    match verdict {
        DryRunVerdict::Passes => language.pick("passes", "通過"),
        DryRunVerdict::Warned => language.pick("warned", "警告"),
        DryRunVerdict::Refused => language.pick("refused", "拒否"),
    }
}
