//! The policy's answers for one class and key at one time, for people.

use serde::Serialize;

use super::{
    Acceptance, AcceptanceQuestion, Act, Circumstances, Class, Decision, IssuanceQuestion,
};
use super::{Mode, Phase, Position, Text, Timeline, Verdict};
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

/// What to explain.
#[derive(Clone, Debug)]
pub struct ExplainQuestion {
    /// Class of the certificate.
    pub class: Class,
    /// Its key.
    pub key: KeyAlgorithm,
    /// How its issuer signs.
    pub signature: SignatureAlgorithm,
    /// The end of validity asked for; the latest the policy allows when left out.
    pub not_after: Option<UnixTime>,
    /// The case.
    pub circumstances: Circumstances,
    /// When.
    pub at: UnixTime,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The act asked about.
    pub act: Act,
    /// `permit`, `accept`, `warn` or `refuse`.
    pub decision: &'static str,
    /// The last second a permitted certificate may name, if bounded.
    pub not_after_cap: Option<UnixTime>,
    /// The rule that decided.
    pub rule: String,
    /// Why.
    pub reason: Text,
}

/// Every answer for one class and key at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the policy is called.
    pub policy: String,
    /// Version of its content.
    pub policy_serial: u64,
    /// Days by which the demonstration timeline is moved; 0 for the real one.
    pub shift_days: i64,
    /// The time asked about.
    pub at: UnixTime,
    /// The phase then.
    pub phase: Phase,
    /// Issue new, renew, accept online, accept historically (without proof of age): in this order.
    pub answers: Vec<Explained>,
}

impl Timeline {
    /// Answers every act for one class and key at one time.
    #[must_use]
    pub fn explain(&self, question: &ExplainQuestion) -> Explanation {
        let issuance = [Act::IssueNew, Act::Renew].into_iter().map(|act| {
            let mut asked = IssuanceQuestion {
                class: question.class,
                act,
                key: question.key,
                signature: question.signature,
                now: question.at,
                not_after: question.at,
                circumstances: question.circumstances.clone(),
            };
            if let Some(wished) = question.not_after.or_else(|| self.not_after_cap(&asked)) {
                asked.not_after = wished;
            }
            Explained::from_decision(act, self.issuance(&asked))
        });
        let modes = [
            (Act::AcceptOnline, Mode::Online),
            (Act::AcceptHistorically, Mode::Historical { proven: None }),
        ];
        let acceptance = modes.into_iter().map(|(act, mode)| {
            let answer = self.acceptance(&AcceptanceQuestion {
                class: question.class,
                position: Position::EndEntity,
                key: question.key,
                signature: question.signature,
                at: question.at,
                mode,
            });
            Explained::from_acceptance(act, answer)
        });
        Explanation {
            policy: self.name().to_owned(),
            policy_serial: self.serial(),
            shift_days: self.shift_days(),
            at: question.at,
            phase: self.phase_at(question.at).clone(),
            answers: issuance.chain(acceptance).collect(),
        }
    }
}

impl Explanation {
    /// The answer for one act.
    #[must_use]
    pub fn answer(&self, act: Act) -> Option<&Explained> {
        self.answers.iter().find(|answer| answer.act == act)
    }
}

impl Explained {
    fn from_decision(act: Act, decision: Decision<'_>) -> Self {
        let (name, not_after_cap) = match decision.verdict {
            Verdict::Permit { not_after_cap } => ("permit", not_after_cap),
            Verdict::Refuse => ("refuse", None),
        };
        Self {
            act,
            decision: name,
            not_after_cap,
            rule: decision.rule.to_string(),
            reason: Text {
                en: decision.reason,
                ja: decision.reason_ja,
            },
        }
    }

    fn from_acceptance(act: Act, acceptance: Acceptance<'_>) -> Self {
        use super::AcceptanceVerdict::{Accept, Refuse, Warn};
        let decision = match acceptance.verdict {
            Accept => "accept",
            Warn => "warn",
            Refuse => "refuse",
        };
        Self {
            act,
            decision,
            not_after_cap: None,
            rule: acceptance.rule.to_string(),
            reason: Text {
                en: acceptance.reason,
                ja: acceptance.reason_ja,
            },
        }
    }
}
