//! A chain that is trusted.

use kasane_web::control::{StatusBasis, StatusView, Verified};

use super::Language;
use super::wide::padded;
use crate::output::certificate::time;
use crate::output::policy::timeline;

/// Columns of a name.
const NAME_WIDTH: usize = 22;

pub(super) fn text(it: &Verified, language: Language) -> String {
    let mut text = String::new();
    let mut add = |english: &str, japanese: &str, value: String| {
        if !value.is_empty() {
            let name = padded(language.pick(english, japanese), NAME_WIDTH);
            text.push_str(&format!("{name}{value}\n"));
        }
    };
    let at = time(it.at);
    let trusted = match language {
        Language::En => format!("for {} at {at}", it.purpose),
        Language::Ja => format!("{at}時点、用途{}", it.purpose),
    };
    add("trusted", "信頼できます", trusted);
    let title = language.pick(&it.phase_title, &it.phase_title_ja);
    add("phase", "段階", format!("{} ({title})", it.phase));
    add("timeline", "移行日程", timeline(&it.policy, it.shift_days));
    add("class", "種別", it.class.to_string());
    // From the certificate, octet by octet: no control characters on a terminal.
    let identity = it.identity.as_deref().unwrap_or_default();
    add("identity", "識別名", identity.escape_debug().to_string());
    add("key", "鍵", it.key.to_string());
    for (index, element) in it.path.iter().enumerate() {
        let subject = &element.subject;
        let line = match (&element.serial, element.not_after) {
            (Some(serial), Some(end)) => match language {
                Language::En => format!("{subject} (serial {serial}, until {})", time(end)),
                Language::Ja => format!("{subject}（シリアル番号{serial}、{}まで）", time(end)),
            },
            _ => match language {
                Language::En => format!("{subject} (trust anchor)"),
                Language::Ja => format!("{subject}（トラストアンカー）"),
            },
        };
        let first = index == 0;
        add(
            if first { "path" } else { "" },
            if first { "経路" } else { "" },
            line,
        );
    }
    add("revocation", "失効", revocation(&it.revocation, language));
    for status in it.status.iter().filter(|it| !it.by.is_tolerated()) {
        let by = basis(status, language);
        add("", "", format!("{}: {by}", status.subject));
    }
    for status in it.status.iter().filter(|it| it.by.is_tolerated()) {
        let by = basis(status, language);
        add("tolerated", "許容", format!("{}: {by}", status.subject));
    }
    add("policies", "ポリシー", it.policies.join(", "));
    for warning in &it.warnings {
        let reason = language.pick(&warning.reason, &warning.reason_ja);
        add(
            "warning",
            "警告",
            format!("{}: {reason} [{}]", warning.subject, warning.rule),
        );
    }
    text
}

fn revocation(said: &str, language: Language) -> String {
    let japanese = match said {
        "good by this authority's records" => "この認証局の記録では失効していません",
        "good by the evidence given" => "提示された失効情報では失効していません",
        "unavailable and tolerated" => "確認できないものがあり、許容しました",
        "not checked" => "確認していません",
        other => other,
    };
    language.pick(said, japanese).to_owned()
}

/// What the status of a certificate rests on.
pub(super) fn basis(status: &StatusView, language: Language) -> String {
    let period = match (status.this_update, status.next_update) {
        (Some(this), Some(next)) => match language {
            Language::En => format!(" of {}, next {}", time(this), time(next)),
            Language::Ja => format!("（{}発行、次回{}）", time(this), time(next)),
        },
        (Some(this), None) => match language {
            Language::En => format!(" of {}", time(this)),
            Language::Ja => format!("（{}発行）", time(this)),
        },
        _ => String::new(),
    };
    match status.by {
        StatusBasis::Crl => {
            let number = status.crl_number.as_deref().unwrap_or("-");
            let delta = status.delta_number.as_ref().map(|it| match language {
                Language::En => format!(" with delta 0x{it}"),
                Language::Ja => format!("と差分0x{it}"),
            });
            format!("CRL 0x{number}{}{period}", delta.unwrap_or_default())
        }
        StatusBasis::Ocsp => format!("{}{period}", language.pick("OCSP response", "OCSP応答")),
        StatusBasis::NoCheck => language
            .pick(
                "need not be checked (id-pkix-ocsp-nocheck)",
                "確認不要（id-pkix-ocsp-nocheck）",
            )
            .to_owned(),
        StatusBasis::SoftFail => language
            .pick(
                "status unavailable, tolerated by soft-fail",
                "失効状態を確認できませんが、soft-failにより許容しました",
            )
            .to_owned(),
        StatusBasis::Emergency => {
            let name = status.emergency.as_deref().unwrap_or_default();
            match language {
                Language::En => format!("status unavailable, tolerated by emergency {name}"),
                Language::Ja => {
                    format!("失効状態を確認できませんが、緊急宣言{name}により許容しました")
                }
            }
        }
    }
}
