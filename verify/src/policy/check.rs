//! What a policy may not do, tried out at every date, class and key that it distinguishes.

use std::collections::BTreeSet;

use super::selector::{Asked, Subject};
use super::timeline::{Effect, Rule};
use super::{Act, Class, Timeline, TimelineError, TimelineFault};
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

pub(super) fn check(timeline: &Timeline) -> Result<(), TimelineError> {
    let trial = Trial {
        timeline,
        keys: sample_keys(timeline),
    };
    trial.each_question_has_one_answer()?;
    trial.what_is_issued_is_accepted()?;
    trial.no_leaf_outlives_its_issuer()?;
    trial.status_outlives_everything()
}

struct Trial<'a> {
    timeline: &'a Timeline,
    keys: Vec<KeyAlgorithm>,
}

/// Every elliptic curve, the usual moduli and those at the edge of some selector.
fn sample_keys(timeline: &Timeline) -> Vec<KeyAlgorithm> {
    let mut keys: BTreeSet<KeyAlgorithm> = [
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
        KeyAlgorithm::P521,
        KeyAlgorithm::Rsa { bits: 1024 },
        KeyAlgorithm::RSA_2048,
        KeyAlgorithm::RSA_3072,
        KeyAlgorithm::RSA_4096,
    ]
    .into();
    for rule in &timeline.rules {
        if let Subject::Keys(selectors) = &rule.subject {
            keys.extend(
                selectors
                    .iter()
                    .flat_map(|selector| selector.boundary_keys()),
            );
        }
    }
    keys.into_iter().collect()
}

impl Trial<'_> {
    fn each_question_has_one_answer(&self) -> Result<(), TimelineError> {
        let asked: Vec<Asked> = self
            .keys
            .iter()
            .map(|key| Asked::Key(*key))
            .chain(SignatureAlgorithm::ALL.into_iter().map(Asked::Signature))
            .collect();
        for (index, rule) in self.timeline.rules.iter().enumerate() {
            let rivals = self.timeline.rules.iter().skip(index + 1);
            for rival in rivals.take_while(|rival| rival.from == rule.from) {
                let class = rule
                    .classes
                    .iter()
                    .find(|class| rival.classes.contains(class));
                let act = rule.acts.iter().find(|act| rival.acts.contains(act));
                let both = |asked: &&Asked| {
                    rule.subject.matches(**asked) && rival.subject.matches(**asked)
                };
                if let (Some(class), Some(act), Some(subject)) =
                    (class, act, asked.iter().find(both))
                {
                    return Err(TimelineError::new(
                        format!("rules.{}.from", rival.id),
                        TimelineFault::Ambiguous {
                            other: rule.id.to_string(),
                            class: *class,
                            act: *act,
                            subject: subject.to_string(),
                        },
                    ));
                }
            }
        }
        Ok(())
    }

    /// Accept before you issue: at no time may a class be issued that no verifier accepts.
    fn what_is_issued_is_accepted(&self) -> Result<(), TimelineError> {
        for (class, key) in self.class_keys() {
            for at in self.timeline.breakpoints.iter().copied() {
                let Some(rule) = self.issuing_rule(class, key, at) else {
                    continue;
                };
                if !self.accepted(class, key, at) {
                    return Err(TimelineError::new(
                        format!("rules.{}", rule.id),
                        TimelineFault::NoVerifier {
                            class,
                            algorithm: key,
                            at,
                        },
                    ));
                }
            }
        }
        Ok(())
    }

    /// A leaf whose acceptance ends is capped before that, and no later than its CA.
    fn no_leaf_outlives_its_issuer(&self) -> Result<(), TimelineError> {
        for (class, algorithm) in self.class_keys() {
            let Some(issuing) = self.ever_issued(class, algorithm) else {
                continue;
            };
            let refused_from = self.refused_from(class, algorithm);
            let cap = self.last_cap(class, algorithm);
            match (cap, refused_from) {
                (None, Some(refused_from)) => {
                    return Err(TimelineError::new(
                        format!("rules.{}", issuing.id),
                        TimelineFault::NoCap {
                            class,
                            algorithm,
                            refused_from,
                        },
                    ));
                }
                (Some((cap, rule)), Some(refused_from)) if cap >= refused_from => {
                    return Err(TimelineError::new(
                        format!("rules.{}.not_after", rule.id),
                        TimelineFault::CapAfterAcceptance {
                            class,
                            algorithm,
                            cap,
                            refused_from,
                        },
                    ));
                }
                _ => {}
            }
            let Some(ca_end) = self.family_end(Class::Ca, algorithm) else {
                continue;
            };
            let leaf_end = cap.map_or(UnixTime::MAX, |(cap, _)| cap);
            if class != Class::Ca && leaf_end > ca_end {
                return Err(TimelineError::new(
                    format!("rules.{}", cap.map_or(&issuing.id, |(_, rule)| &rule.id)),
                    TimelineFault::OutlivesIssuer {
                        class,
                        algorithm,
                        leaf_end,
                        ca_end,
                    },
                ));
            }
        }
        Ok(())
    }

    /// Status can be signed and checked as long as anything of the family may be valid.
    fn status_outlives_everything(&self) -> Result<(), TimelineError> {
        for (class, algorithm) in self
            .class_keys()
            .filter(|(class, _)| *class != Class::Status)
        {
            let fault = |at| {
                TimelineError::new(
                    "rules (class status)",
                    TimelineFault::StatusEnds {
                        class,
                        algorithm,
                        at,
                    },
                )
            };
            let issued = self.ever_issued(class, algorithm).is_some();
            for at in self.timeline.breakpoints.iter().copied() {
                if !self.accepted(class, algorithm, at) {
                    continue;
                }
                // A CA signs its own CRLs, so its very key must do for status.
                let own = class != Class::Ca || self.accepted(Class::Status, algorithm, at);
                let signer = self.keys.iter().any(|key| {
                    key.family() == algorithm.family()
                        && self.issuing_rule(Class::Status, *key, at).is_some()
                        && self.accepted(Class::Status, *key, at)
                });
                if !own || (issued && !signer) {
                    return Err(fault(at));
                }
            }
            let Some(status_end) = self.family_end(Class::Status, algorithm) else {
                continue;
            };
            let last_expiry = self
                .last_cap(class, algorithm)
                .map_or(UnixTime::MAX, |(cap, _)| cap);
            if issued && last_expiry > status_end {
                return Err(fault(status_end.plus_seconds(1)));
            }
        }
        Ok(())
    }

    fn class_keys(&self) -> impl Iterator<Item = (Class, KeyAlgorithm)> {
        Class::ALL
            .into_iter()
            .flat_map(|class| self.keys.iter().map(move |key| (class, *key)))
    }

    fn issuing_rule(&self, class: Class, key: KeyAlgorithm, at: UnixTime) -> Option<&Rule> {
        [Act::IssueNew, Act::Renew].into_iter().find_map(|act| {
            self.timeline
                .deciding(class, act, Asked::Key(key), at)
                .filter(|rule| rule.effect != Effect::Refuse)
        })
    }

    fn ever_issued(&self, class: Class, key: KeyAlgorithm) -> Option<&Rule> {
        self.timeline
            .breakpoints
            .iter()
            .find_map(|at| self.issuing_rule(class, key, *at))
    }

    /// Whether a key is accepted under at least one signature.
    fn accepted(&self, class: Class, key: KeyAlgorithm, at: UnixTime) -> bool {
        let permits = |asked| {
            self.timeline
                .deciding(class, Act::AcceptOnline, asked, at)
                .is_some_and(|rule| rule.effect != Effect::Refuse)
        };
        permits(Asked::Key(key))
            && SignatureAlgorithm::ALL
                .into_iter()
                .any(|s| permits(Asked::Signature(s)))
    }

    /// The instant from which a key is refused for good; `None` if it is accepted at the end.
    fn refused_from(&self, class: Class, key: KeyAlgorithm) -> Option<UnixTime> {
        let mut refused_from = None;
        for at in self.timeline.breakpoints.iter().copied() {
            if self.accepted(class, key, at) {
                refused_from = None;
            } else if refused_from.is_none() {
                refused_from = Some(at);
            }
        }
        refused_from
    }

    fn last_cap(&self, class: Class, key: KeyAlgorithm) -> Option<(UnixTime, &Rule)> {
        self.timeline
            .deciding(class, Act::Cap, Asked::Key(key), UnixTime::MAX)
            .and_then(|rule| match rule.effect {
                Effect::Cap(last) => Some((last, rule)),
                _ => None,
            })
    }

    /// The last second of the longest-lived issuable key of `class` in the family of `like`;
    /// `None` when nothing ends it.
    fn family_end(&self, class: Class, like: KeyAlgorithm) -> Option<UnixTime> {
        let ends: Vec<Option<UnixTime>> = self
            .keys
            .iter()
            .filter(|key| key.family() == like.family())
            .filter(|key| self.ever_issued(class, **key).is_some())
            .map(|key| {
                let cap = self.last_cap(class, *key).map(|(cap, _)| cap);
                let refused = self.refused_from(class, *key).map(|at| at.plus_seconds(-1));
                cap.into_iter().chain(refused).min()
            })
            .collect();
        // No CA of the family at all: it ended before it began.
        if ends.is_empty() {
            return Some(UnixTime::from_seconds(0));
        }
        ends.into_iter()
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .max()
    }
}
