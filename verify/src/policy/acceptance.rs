//! Whether a certificate or a signature counts, at a time.

use serde::Serialize;

use super::selector::Asked;
use super::timeline::Effect;
use super::{Act, Class, Phase, RuleId, Timeline};
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

/// Where in a path a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// At the end: the one the path is built for.
    EndEntity,
    /// Between anchor and end.
    Intermediate,
    /// The trust anchor. Its own signature proves nothing (RFC 5280 §6.1.1) and is not judged.
    Anchor,
}

/// What acceptance is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A live connection.
    Online,
    /// Evidence of what was signed in the past.
    Historical {
        /// When the signature is proven to have existed, if it is.
        proven: Option<UnixTime>,
    },
}

/// Is this key, certified by this kind of signature, good at this time?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AcceptanceQuestion {
    /// [`Class::Ca`] for the CA certificates of a subscriber's path; [`Class::Status`] for every
    /// certificate of a path that ends in an OCSP response or a CRL, the CA's included: status
    /// outlives what else its CA may do.
    pub class: Class,
    /// Where the certificate stands.
    pub position: Position,
    /// Its key.
    pub key: KeyAlgorithm,
    /// The signature over it.
    pub signature: SignatureAlgorithm,
    /// The time of the judgement.
    pub at: UnixTime,
    /// What acceptance is for.
    pub mode: Mode,
}

/// The answer, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptanceVerdict {
    /// Yes.
    Accept,
    /// Yes, and tell the certificate's owner.
    Warn,
    /// No.
    Refuse,
}

/// An answer and the rule it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance<'a> {
    /// Yes, yes with a warning, or no.
    pub verdict: AcceptanceVerdict,
    /// The phase at the time asked about.
    pub phase: &'a Phase,
    /// The rule that decided; `no-rule` where none matches.
    pub rule: &'a RuleId,
    /// Why, in English.
    pub reason: String,
    /// Why, in Japanese.
    pub reason_ja: String,
}

impl Acceptance<'_> {
    /// Whether it counts, with or without a warning.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.verdict != AcceptanceVerdict::Refuse
    }
}

impl Timeline {
    /// Judges the key and the signature of one certificate; the worse of the two is the answer.
    #[must_use]
    pub fn acceptance(&self, question: &AcceptanceQuestion) -> Acceptance<'_> {
        let by_key = self.judged(question, Asked::Key(question.key));
        if question.position == Position::Anchor {
            return by_key;
        }
        let by_signature = self.judged(question, Asked::Signature(question.signature));
        if by_signature.verdict > by_key.verdict {
            by_signature
        } else {
            by_key
        }
    }

    fn judged(&self, question: &AcceptanceQuestion, asked: Asked) -> Acceptance<'_> {
        let phase = self.phase_at(question.at);
        let act = match question.mode {
            Mode::Online => Act::AcceptOnline,
            Mode::Historical { .. } => Act::AcceptHistorically,
        };
        let Some(rule) = self.deciding(question.class, act, asked, question.at) else {
            let what = asked.to_string();
            return Acceptance {
                verdict: AcceptanceVerdict::Refuse,
                phase,
                rule: &self.no_rule,
                reason: format!("no rule accepts {what} for {} yet", question.class),
                reason_ja: format!("{}の{what}を受け入れる規則がない", question.class),
            };
        };
        let verdict = match (rule.effect, question.mode) {
            (Effect::Permit, _) => AcceptanceVerdict::Accept,
            (Effect::Warn, _) => AcceptanceVerdict::Warn,
            (
                Effect::PermitIfProvenBefore(date),
                Mode::Historical {
                    proven: Some(proven),
                },
            ) if proven < date => AcceptanceVerdict::Accept,
            _ => AcceptanceVerdict::Refuse,
        };
        Acceptance {
            verdict,
            phase,
            rule: &rule.id,
            reason: rule.reason.en.clone(),
            reason_ja: rule.reason.ja.clone(),
        }
    }

    /// The last second up to which a certificate issued at `from` stays accepted online without a
    /// gap, and the rule that ends it; `None` when nothing ends it. A CA's certificate counts as
    /// long as its status does.
    pub(super) fn accepted_until(
        &self,
        class: Class,
        key: KeyAlgorithm,
        signature: SignatureAlgorithm,
        from: UnixTime,
    ) -> Option<(UnixTime, Acceptance<'_>)> {
        let following = self.breakpoints.iter().copied().filter(|date| *date > from);
        std::iter::once(from).chain(following).find_map(|at| {
            let asked = |class| {
                self.acceptance(&AcceptanceQuestion {
                    class,
                    position: Position::EndEntity,
                    key,
                    signature,
                    at,
                    mode: Mode::Online,
                })
            };
            let answer = asked(class);
            let held = answer.is_accepted()
                || (class == Class::Ca && at > from && asked(Class::Status).is_accepted());
            (!held).then(|| (at.plus_seconds(-1), answer))
        })
    }
}
