//! A search as a tree.

use kasane_web::control::{ExplanationNode, ExplanationOutcome, ExplanationView};

use super::Language;
use super::verified::basis;
use super::wide::{cut, width, wrapped};

/// Columns of a terminal that answers are made for.
pub(super) const WIDTH: usize = 100;

/// Digits of a serial number that tell certificates of one search apart.
const SERIAL_DIGITS: usize = 10;

/// Columns that a subject has at least, however deep it stands.
const SUBJECT_WIDTH: usize = 6;

pub(super) fn text(it: &ExplanationView, language: Language) -> String {
    let mut text = language
        .pick("search, from the end entity up\n", "探索（末端から上へ）\n")
        .to_owned();
    node(&it.root, ["", ""], language, &mut text);
    text.push_str(&match language {
        Language::En => format!(
            "{} signature checks, {} build steps\n",
            it.signatures, it.build_steps
        ),
        Language::Ja => format!(
            "署名検証{}回、経路構築{}手順\n",
            it.signatures, it.build_steps
        ),
    });
    if it.truncated {
        text.push_str(language.pick(
            "the search was larger: the tree is cut off\n",
            "探索が大きいため、木の一部を省略しました\n",
        ));
    }
    text
}

/// `lead` stands before the node's own line and before those that follow. As deep as paths may be.
fn node(it: &ExplanationNode, lead: [&str; 2], language: Language, text: &mut String) {
    let [first, next] = lead;
    let mark = match it.outcome {
        ExplanationOutcome::Accepted => language.pick("[accepted]", "［採用］"),
        ExplanationOutcome::NoPath => language.pick("[no path]", "［経路なし］"),
        ExplanationOutcome::Refused => language.pick("[refused]", "［拒否］"),
    };
    let serial = it.serial.as_ref().map(|serial| {
        let serial: String = cut(serial, SERIAL_DIGITS);
        format!(", {} {serial}", language.pick("serial", "番号"))
    });
    let tail = format!(
        " ({}{})",
        language.position(&it.position),
        serial.unwrap_or_default()
    );
    let taken = width(first) + width(mark) + 1 + width(&tail);
    let subject = cut(&it.subject, WIDTH.saturating_sub(taken).max(SUBJECT_WIDTH));
    text.push_str(&format!("{first}{mark} {subject}{tail}\n"));

    let beside = if it.issuers.is_empty() {
        "    "
    } else {
        "│   "
    };
    let mut detail = |line: &str| {
        let columns = WIDTH.saturating_sub(width(next) + 4);
        for part in wrapped(line, columns) {
            text.push_str(&format!("{next}{beside}{part}\n"));
        }
    };
    if let Some(refused) = &it.refused {
        let reason = language.pick(&refused.text, &refused.text_ja);
        let place = if refused.at == it.position {
            String::new()
        } else {
            format!("{}: ", language.position(&refused.at))
        };
        detail(&format!(
            "{place}{} ({}): {reason}",
            refused.code, refused.rule
        ));
    }
    if let Some(status) = &it.status {
        detail(&basis(status, language));
    }
    for (index, issuer) in it.issuers.iter().enumerate() {
        let last = index + 1 == it.issuers.len();
        let (branch, below) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let lead = [format!("{next}{branch}"), format!("{next}{below}")];
        node(issuer, [&lead[0], &lead[1]], language, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kasane_web::control::ExplanationRefusal;

    fn leaf(position: &str, outcome: ExplanationOutcome) -> ExplanationNode {
        ExplanationNode {
            position: position.to_owned(),
            subject: format!("CN={position},O={}", "Example ".repeat(12).trim_end()),
            serial: Some("0123456789abcdef".to_owned()),
            outcome,
            refused: None,
            status: None,
            issuers: Vec::new(),
        }
    }

    #[test]
    fn tree_fits_a_hundred_columns_however_deep() {
        let refused = ExplanationRefusal {
            at: "intermediate 3".to_owned(),
            code: "path.expired".to_owned(),
            rule: "RFC 5280 §6.1.3 (a)(2)".to_owned(),
            text: "it was valid until a day ".repeat(6),
            text_ja: "有効期間が終わっています".repeat(12),
        };
        let mut root = leaf("trust anchor 0", ExplanationOutcome::Refused);
        root.refused = Some(refused);
        for index in 0..15 {
            let mut above = leaf(&format!("intermediate {index}"), ExplanationOutcome::NoPath);
            above.issuers = vec![root, leaf("intermediate 9", ExplanationOutcome::Refused)];
            root = above;
        }
        let view = ExplanationView {
            root,
            signatures: 4,
            build_steps: 16,
            truncated: true,
        };
        for language in [Language::En, Language::Ja] {
            let text = text(&view, language);
            for line in text.lines() {
                assert!(width(line) <= WIDTH, "{} {line}", width(line));
            }
            assert!(text.contains("├─ ") && text.contains("│  │  ├─ "), "{text}");
            assert!(text.contains("path.expired (RFC 5280"), "{text}");
        }
    }
}
