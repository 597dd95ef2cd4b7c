//! Whether a certificate may be issued, at a time and for how long.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::selector::Asked;
use super::timeline::{Effect, Rule};
use super::{Acceptance, Act, Class, Phase, RuleId, Timeline};
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

/// An approved emergency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// Who approved; each person counts once.
    pub approvers: Vec<String>,
    /// Why, for the report.
    pub reason: String,
}

/// What is known of the case beside the certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The registration is recorded as incapable of ECC (for a server: serves such a client).
    pub ecc_incapable: bool,
    /// An approved emergency.
    pub break_glass: Option<BreakGlass>,
}

/// May this be issued now, and may it last so long?
#[derive(Clone, Debug)]
pub struct IssuanceQuestion {
    /// Class of the certificate.
    pub class: Class,
    /// [`Act::IssueNew`] or [`Act::Renew`]; any other act is refused.
    pub act: Act,
    /// The subject's key.
    pub key: KeyAlgorithm,
    /// How the issuer signs.
    pub signature: SignatureAlgorithm,
    /// The time of signing.
    pub now: UnixTime,
    /// The last second of the validity that is asked for.
    pub not_after: UnixTime,
    /// The case.
    pub circumstances: Circumstances,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Yes.
    Permit {
        /// The last second that the policy allows, if it bounds it at all.
        not_after_cap: Option<UnixTime>,
    },
    /// No.
    Refuse,
}

/// An answer and the rule it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Yes or no.
    pub verdict: Verdict,
    /// The phase at the time of signing.
    pub phase: &'a Phase,
    /// The rule that decided; `no-rule` where none matches.
    pub rule: &'a RuleId,
    /// Why, in English.
    pub reason: String,
    /// Why, in Japanese.
    pub reason_ja: String,
}

/// The earliest bound on the end of validity.
struct Limit<'a> {
    last: UnixTime,
    rule: &'a RuleId,
    reason: String,
    reason_ja: String,
}

impl Decision<'_> {
    /// Whether issuance is permitted.
    #[must_use]
    pub const fn is_permitted(&self) -> bool {
        matches!(self.verdict, Verdict::Permit { .. })
    }
}

impl Timeline {
    /// Judges an issuance at `now` and at `not_after`, and every second between: what is permitted
    /// stays within each cap and is accepted online for its whole life.
    #[must_use]
    pub fn issuance(&self, question: &IssuanceQuestion) -> Decision<'_> {
        let rule = match self.permission(question) {
            Ok(rule) => rule,
            Err(refusal) => return *refusal,
        };
        let limit = self.limit(question, rule);
        let phase = self.phase_at(question.now);
        let refuse = |rule, reason, reason_ja| Decision {
            verdict: Verdict::Refuse,
            phase,
            rule,
            reason,
            reason_ja,
        };
        if question.not_after < question.now {
            return refuse(
                &rule.id,
                format!(
                    "notAfter {} is before the time of signing",
                    question.not_after
                ),
                format!(
                    "有効期限{}が署名時刻より前である",
                    question.not_after.to_jst_string()
                ),
            );
        }
        if let Some(limit) = limit
            .as_ref()
            .filter(|limit| limit.last < question.not_after)
        {
            return refuse(
                limit.rule,
                format!(
                    "{}: notAfter {} is later than {}",
                    limit.reason, question.not_after, limit.last
                ),
                format!(
                    "{}：有効期限{}は{}を超える",
                    limit.reason_ja,
                    question.not_after.to_jst_string(),
                    limit.last.to_jst_string()
                ),
            );
        }
        Decision {
            verdict: Verdict::Permit {
                not_after_cap: limit.map(|limit| limit.last),
            },
            phase,
            rule: &rule.id,
            reason: rule.reason.en.clone(),
            reason_ja: rule.reason.ja.clone(),
        }
    }

    /// The last second that a certificate issued at `now` may name, whatever `question.not_after`
    /// says; `None` when nothing bounds it. A case that may not be issued at all is answered by
    /// [`Timeline::issuance`].
    #[must_use]
    pub fn not_after_cap(&self, question: &IssuanceQuestion) -> Option<UnixTime> {
        let rule = self.permission(question).ok()?;
        self.limit(question, rule).map(|limit| limit.last)
    }

    /// The rule that permits issuance at `now`.
    fn permission(&self, question: &IssuanceQuestion) -> Result<&Rule, Box<Decision<'_>>> {
        let IssuanceQuestion {
            class,
            act,
            key,
            now,
            circumstances,
            ..
        } = question;
        let refuse = |rule, reason, reason_ja| {
            let phase = self.phase_at(*now);
            Err(Box::new(Decision {
                verdict: Verdict::Refuse,
                phase,
                rule,
                reason,
                reason_ja,
            }))
        };
        let found = act
            .is_issuance()
            .then(|| self.deciding(*class, *act, Asked::Key(*key), *now))
            .flatten();
        let Some(rule) = found else {
            return refuse(
                &self.no_rule,
                format!("no rule permits {act} of {key} for {class} at {now}"),
                format!(
                    "{}に{class}の{key}を{act}する規則がない",
                    now.to_jst_string()
                ),
            );
        };
        let (en, ja) = (&rule.reason.en, &rule.reason.ja);
        match rule.effect {
            Effect::Permit => Ok(rule),
            Effect::PermitIfEccIncapable if circumstances.ecc_incapable => Ok(rule),
            Effect::PermitIfEccIncapable => refuse(
                &rule.id,
                format!("{en}; this one is not"),
                format!("{ja}。この登録は該当しない"),
            ),
            Effect::PermitAsBreakGlass { approvers, .. } => {
                match circumstances
                    .break_glass
                    .as_ref()
                    .and_then(|case| case.missing(approvers))
                {
                    None if circumstances.break_glass.is_some() => Ok(rule),
                    missing => {
                        let (en_missing, ja_missing) = missing.unwrap_or((
                            "no break-glass approval is at hand",
                            "緊急時の承認がない",
                        ));
                        refuse(
                            &rule.id,
                            format!("{en}; {en_missing}"),
                            format!("{ja}。{ja_missing}"),
                        )
                    }
                }
            }
            Effect::Refuse | Effect::Warn | Effect::Cap(_) | Effect::PermitIfProvenBefore(_) => {
                refuse(&rule.id, en.clone(), ja.clone())
            }
        }
    }

    fn limit<'a>(&'a self, question: &IssuanceQuestion, rule: &'a Rule) -> Option<Limit<'a>> {
        let IssuanceQuestion {
            class,
            key,
            signature,
            now,
            ..
        } = question;
        let capped = self
            .deciding(*class, Act::Cap, Asked::Key(*key), *now)
            .and_then(|rule| match rule.effect {
                Effect::Cap(last) => Some(Limit::from_rule(rule, last)),
                _ => None,
            });
        let emergency = match rule.effect {
            Effect::PermitAsBreakGlass { max_days, .. } => {
                let last = now.plus_days(i64::from(max_days)).plus_seconds(-1);
                Some(Limit::from_rule(rule, last))
            }
            _ => None,
        };
        let accepted = self
            .accepted_until(*class, *key, *signature, *now)
            .map(|(last, answer)| {
                let Acceptance {
                    rule,
                    reason,
                    reason_ja,
                    ..
                } = answer;
                Limit {
                    last,
                    rule,
                    reason,
                    reason_ja,
                }
            });
        [capped, emergency, accepted]
            .into_iter()
            .flatten()
            .min_by_key(|limit| limit.last)
    }
}

impl<'a> Limit<'a> {
    fn from_rule(rule: &'a Rule, last: UnixTime) -> Self {
        Self {
            last,
            rule: &rule.id,
            reason: rule.reason.en.clone(),
            reason_ja: rule.reason.ja.clone(),
        }
    }
}

impl BreakGlass {
    /// What the approval lacks, in English and Japanese.
    fn missing(&self, approvers: u32) -> Option<(&'static str, &'static str)> {
        let people: BTreeSet<&str> = self
            .approvers
            .iter()
            .map(|name| name.trim())
            .filter(|name| !name.is_empty())
            .collect();
        if people.len() < usize::try_from(approvers).unwrap_or(usize::MAX) {
            return Some((
                "too few different people approved",
                "承認者の人数が足りない",
            ));
        }
        self.reason
            .trim()
            .is_empty()
            .then_some(("no reason is given", "理由がない"))
    }
}
