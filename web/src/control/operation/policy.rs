//! What the dated policy decides.

use kasane_ca_core::Error;
use kasane_ca_core::profile::Profiles;
use kasane_verify::policy::{Circumstances, ExplainQuestion, Timeline};
use kasane_verify::{KeyAlgorithm, UnixTime};

use crate::control::{PolicyAnswer, PolicyExplain, PolicyExplained, Problem};

/// What the policy decides for a profile and a key at a time.
///
/// # Errors
/// When there is no such profile.
pub fn explain(
    timeline: &Timeline,
    profiles: &Profiles,
    question: &PolicyExplain,
    now: UnixTime,
) -> Result<PolicyExplained, Problem> {
    let profile = profiles.get(&question.profile).ok_or_else(|| {
        let (kind, name) = ("profile", question.profile.clone());
        Error::NotFound {
            kind,
            name,
            hint: ": see policy/profiles",
        }
    })?;
    let first = || profile.key_algorithms().first().copied();
    let key = question.key.or_else(first).ok_or_else(|| {
        Problem::argument(format!(
            "profile {:?} takes its key from another certificate: name --key",
            question.profile
        ))
    })?;
    let issuer_key = profiles
        .issuers_for(profile, key)
        .find_map(|issuer| issuer.key_algorithms().first().copied());
    let answer = timeline.explain(&ExplainQuestion {
        class: profile.class(),
        key,
        signature: issuer_key
            .map_or_else(|| key.default_signature(), KeyAlgorithm::default_signature),
        not_after: question.not_after,
        circumstances: Circumstances {
            ecc_incapable: question.ecc_incapable,
            break_glass: None,
        },
        at: question.at.unwrap_or(now),
    });
    Ok(PolicyExplained {
        policy: answer.policy,
        policy_serial: answer.policy_serial,
        shift_days: answer.shift_days,
        at: answer.at,
        phase: answer.phase.id().to_owned(),
        phase_title: answer.phase.title().en.clone(),
        phase_title_ja: answer.phase.title().ja.clone(),
        profile: question.profile.clone(),
        class: profile.class(),
        key,
        profile_takes_key: profile.key_algorithms().contains(&key),
        answers: answer
            .answers
            .into_iter()
            .map(|it| PolicyAnswer {
                act: it.act,
                decision: it.decision.to_owned(),
                not_after_cap: it.not_after_cap,
                rule: it.rule,
                reason: it.reason.en,
                reason_ja: it.reason.ja,
            })
            .collect(),
    })
}
