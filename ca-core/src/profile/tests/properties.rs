//! At no instant does a profile issue what the policy forbids or what outlives the cap.

use kasane_verify::policy::{
    AcceptanceQuestion, Act, BreakGlass, Circumstances, Class, IssuanceQuestion, Mode, Position,
};
use proptest::prelude::*;

use super::*;

/// Every end-entity or signer profile with each of its keys and each issuer's key.
fn cases() -> Vec<(&'static Profile, KeyAlgorithm, KeyAlgorithm)> {
    let mut cases = Vec::new();
    for profile in embedded().iter().filter(|profile| !profile.is_ca()) {
        for key in profile.key_algorithms() {
            for issuer in embedded().issuers_for(profile, *key) {
                let issuer_keys = issuer.key_algorithms().iter();
                for issuer_key in issuer_keys.chain(issuer.import_key_algorithms()) {
                    cases.push((profile, *key, *issuer_key));
                }
            }
        }
    }
    cases
}

fn instants() -> impl Strategy<Value = UnixTime> {
    let dates: Vec<UnixTime> = overlap().rule_dates().iter().skip(1).copied().collect();
    prop_oneof![
        (t("2026-01-01").seconds()..t("2036-12-31").seconds()).prop_map(UnixTime::from_seconds),
        (prop::sample::select(dates), -2_i64..3).prop_map(|(date, near)| date.plus_seconds(near)),
    ]
}

fn circumstances(ecc_incapable: bool, emergency: bool) -> Circumstances {
    let approvers = vec!["a".to_owned(), "b".to_owned()];
    let approval = BreakGlass {
        approvers,
        reason: "r".to_owned(),
    };
    Circumstances {
        ecc_incapable,
        break_glass: emergency.then_some(approval),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_a_profile_issues_is_capped_and_accepted_for_its_whole_life(
        (profile, key, issuer_key) in prop::sample::select(cases()),
        now in instants(),
        renew in any::<bool>(),
        ecc_incapable in any::<bool>(),
        emergency in any::<bool>(),
        somewhere in 0.0_f64..1.0,
        own_end_only in any::<bool>(),
    ) {
        let timeline = overlap();
        let circumstances = circumstances(ecc_incapable, emergency);
        let act = if renew { Act::Renew } else { Act::IssueNew };
        let signature = issuer_key.default_signature();
        let question = NotAfterQuestion {
            act, key, signature, now, issuer_not_after: None, circumstances: &circumstances,
        };
        // With the profile's end alone the policy must still catch what is too long.
        let end = if own_end_only {
            profile.validity().not_after(now, timeline)
        } else {
            profile.not_after(&question, timeline)
        };
        let Ok(not_after) = end else { return Ok(()) };
        let class = profile.class();
        let decision = timeline.issuance(&IssuanceQuestion {
            class, act, key, signature, now, not_after, circumstances: circumstances.clone(),
        });
        if !decision.is_permitted() {
            return Ok(());
        }
        if matches!(key, KeyAlgorithm::Rsa { .. }) {
            let cap = if class == Class::Status { "2031-03-31T14:59:59Z" } else { "2030-12-31T14:59:59Z" };
            prop_assert!(not_after <= t(cap), "{} until {not_after}", profile.name());
        } else if class != Class::Operator && class != Class::Status {
            prop_assert!(now >= t("2027-04-01"), "{} at {now}", profile.name());
        }
        let length = not_after.seconds_since(now) as f64;
        let random = now.plus_seconds((length * somewhere) as i64);
        let edges = timeline.rule_dates().iter().flat_map(|date| [date.plus_seconds(-1), *date]);
        for at in [now, random, not_after].into_iter().chain(edges) {
            if at < now || at > not_after {
                continue;
            }
            let position = Position::EndEntity;
            let mode = Mode::Online;
            let answer = timeline
                .acceptance(&AcceptanceQuestion { class, position, key, signature, at, mode });
            prop_assert!(answer.is_accepted(), "{} is refused at {at}", profile.name());
        }
    }

    #[test]
    fn the_end_a_profile_computes_is_one_the_policy_permits(
        (profile, key, issuer_key) in prop::sample::select(cases()),
        now in instants(),
    ) {
        let timeline = overlap();
        let circumstances = circumstances(true, true);
        let (act, signature) = (Act::Renew, issuer_key.default_signature());
        let asked = |not_after| IssuanceQuestion {
            class: profile.class(), act, key, signature, now, not_after,
            circumstances: circumstances.clone(),
        };
        // If a single second may be issued, so may the whole computed life.
        if !timeline.issuance(&asked(now)).is_permitted() {
            return Ok(());
        }
        let question = NotAfterQuestion {
            act, key, signature, now, issuer_not_after: None, circumstances: &circumstances,
        };
        let not_after = profile.not_after(&question, timeline).unwrap();
        prop_assert!(timeline.issuance(&asked(not_after)).is_permitted(), "{}", profile.name());
    }
}
