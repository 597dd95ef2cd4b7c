//! Whether the profiles and the dated policy fit together.

use std::collections::BTreeSet;

use kasane_verify::policy::{Act, BreakGlass, Circumstances, IssuanceQuestion, Timeline};
use kasane_verify::{KeyAlgorithm, UnixTime};

use super::error::{ProfileError, ProfileFault};
use super::{Length, NotAfterQuestion, Profile, ProfileKind, Profiles};

/// Between the policy's dates, validity is tried out this often.
const STEP_DAYS: i64 = 14;
/// So far beyond the last date.
const BEYOND_DAYS: i64 = 366;
/// So far before the first phase that is followed by another.
const BEFORE_DAYS: i64 = 366;
/// A policy over centuries is tried out at its dates alone.
const MAX_STEPS: usize = 2_000;

impl Profiles {
    /// Checks the profiles against a policy: every date exists, every key may be issued at some
    /// time, and what may be issued never outlives an issuer made at the same time.
    ///
    /// # Errors
    /// [`ProfileError`] with file, key and rule.
    pub fn check(&self, timeline: &Timeline) -> Result<(), ProfileError> {
        let instants = instants(timeline);
        let circumstances = permissive();
        for profile in self.iter() {
            check_dates(profile, timeline)?;
        }
        for profile in self.iter() {
            for key in profile.key_algorithms().iter().copied() {
                self.check_lives(profile, key, timeline, &instants, &circumstances)?;
            }
        }
        Ok(())
    }

    fn check_lives(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
        timeline: &Timeline,
        instants: &BTreeSet<UnixTime>,
        circumstances: &Circumstances,
    ) -> Result<(), ProfileError> {
        let mut ever = false;
        for now in instants.iter().copied() {
            if profile.kind() == ProfileKind::Root {
                let signature = key.default_signature();
                let life = life(profile, key, signature, now, timeline, circumstances);
                ever |= life.is_some();
                continue;
            }
            for issuer in self.issuers_for(profile, key) {
                let Some(issuer_key) = issuer.key_algorithms().first() else {
                    continue;
                };
                let signature = issuer_key.default_signature();
                let Some(not_after) = life(profile, key, signature, now, timeline, circumstances)
                else {
                    continue;
                };
                ever = true;
                // An issuer that can no longer be made has its dates from an earlier time.
                let Ok(issuer_end) = issuer.validity().not_after(now, timeline) else {
                    continue;
                };
                if not_after > issuer_end {
                    let fault = ProfileFault::OutlivesIssuer {
                        algorithm: key,
                        at: now,
                        not_after,
                        issuer: issuer.name().to_owned(),
                        issuer_end,
                    };
                    return Err(ProfileError::new(&profile.file, "validity", fault));
                }
            }
        }
        if ever {
            return Ok(());
        }
        let fault = ProfileFault::NeverPermitted { algorithm: key };
        Err(ProfileError::new(&profile.file, "key_algorithms", fault))
    }
}

/// The last second of what may be issued at `now`, if it may.
fn life(
    profile: &Profile,
    key: KeyAlgorithm,
    signature: kasane_verify::SignatureAlgorithm,
    now: UnixTime,
    timeline: &Timeline,
    circumstances: &Circumstances,
) -> Option<UnixTime> {
    [Act::IssueNew, Act::Renew].into_iter().find_map(|act| {
        let question = NotAfterQuestion {
            act,
            key,
            signature,
            now,
            issuer_not_after: None,
            circumstances,
        };
        let not_after = profile.not_after(&question, timeline).ok()?;
        let asked = IssuanceQuestion {
            class: profile.class(),
            act,
            key,
            signature,
            now,
            not_after,
            circumstances: circumstances.clone(),
        };
        timeline
            .issuance(&asked)
            .is_permitted()
            .then_some(not_after)
    })
}

fn check_dates(profile: &Profile, timeline: &Timeline) -> Result<(), ProfileError> {
    let until = match profile.validity().length() {
        Length::Until(name) => Some(("validity.until", name.as_str())),
        Length::Months(_) | Length::Days(_) => None,
    };
    let cap = profile.validity().cap().map(|name| ("validity.cap", name));
    match until
        .into_iter()
        .chain(cap)
        .find(|(_, name)| timeline.date(name).is_none())
    {
        Some((key, name)) => {
            let fault = ProfileFault::UnknownDate {
                name: name.to_owned(),
            };
            Err(ProfileError::new(&profile.file, key, fault))
        }
        None => Ok(()),
    }
}

/// Each date of the policy with the seconds around it, and steps between.
fn instants(timeline: &Timeline) -> BTreeSet<UnixTime> {
    let mut instants = BTreeSet::new();
    for (_, date) in timeline.dates() {
        instants.extend([date.plus_seconds(-1), date, date.plus_seconds(1)]);
    }
    let mut phases = timeline.phases().iter().map(|phase| phase.from());
    let first = phases.next().unwrap_or_default();
    let first = phases
        .next()
        .map_or(first, |second| second.plus_days(-BEFORE_DAYS));
    let last = timeline
        .phases()
        .last()
        .map_or(first, |phase| phase.from().plus_days(BEYOND_DAYS));
    // Dates that mean "always" lie before anything that is issued here.
    instants.retain(|at| *at >= first);
    let steps = std::iter::successors(Some(first), |at| Some(at.plus_days(STEP_DAYS)));
    instants.extend(steps.take_while(|at| *at <= last).take(MAX_STEPS));
    instants
}

/// A case that meets every condition, so that each rule is tried out.
fn permissive() -> Circumstances {
    Circumstances {
        ecc_incapable: true,
        break_glass: Some(BreakGlass {
            approvers: (1..=16)
                .map(|number| format!("approver {number}"))
                .collect(),
            reason: "trial".to_owned(),
        }),
    }
}
