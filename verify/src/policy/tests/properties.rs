//! What holds at every instant, for every class and key.

use proptest::prelude::*;

use super::*;

const KEYS: [KeyAlgorithm; 7] = [
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::RSA_2048,
    KeyAlgorithm::RSA_3072,
    KeyAlgorithm::RSA_4096,
    KeyAlgorithm::P521,
    KeyAlgorithm::Rsa { bits: 1024 },
];

fn instants() -> impl Strategy<Value = UnixTime> {
    let first = t("2026-01-01").seconds();
    let last = t("2036-12-31").seconds();
    let dates: Vec<UnixTime> = overlap().rule_dates().iter().skip(1).copied().collect();
    // Boundaries are where mistakes are.
    prop_oneof![
        (first..last).prop_map(UnixTime::from_seconds),
        (prop::sample::select(dates), -2_i64..3).prop_map(|(date, near)| date.plus_seconds(near)),
    ]
}

fn circumstances() -> impl Strategy<Value = Circumstances> {
    (any::<bool>(), any::<bool>()).prop_map(|(ecc_incapable, emergency)| Circumstances {
        ecc_incapable,
        ..if emergency {
            break_glass(&["a", "b"], "r")
        } else {
            Circumstances::default()
        }
    })
}

fn questions() -> impl Strategy<Value = IssuanceQuestion> {
    (
        prop::sample::select(Class::ALL.to_vec()),
        prop::sample::select(vec![Act::IssueNew, Act::Renew]),
        prop::sample::select(KEYS.to_vec()),
        prop::sample::select(SignatureAlgorithm::ALL.to_vec()),
        instants(),
        prop_oneof![0_i64..200 * 86_400, 0_i64..5 * 366 * 86_400],
        circumstances(),
    )
        .prop_map(
            |(class, act, key, signature, now, length_seconds, circumstances)| {
                let not_after = now.plus_seconds(length_seconds);
                IssuanceQuestion {
                    class,
                    act,
                    key,
                    signature,
                    now,
                    not_after,
                    circumstances,
                }
            },
        )
}

/// The instants of a life at which an answer could change, and the seconds beside them.
fn seconds_of_life(timeline: &Timeline, from: UnixTime, to: UnixTime) -> Vec<UnixTime> {
    let edges = timeline
        .rule_dates()
        .iter()
        .flat_map(|date| [date.plus_seconds(-1), *date]);
    [from, to]
        .into_iter()
        .chain(edges)
        .filter(|at| (from..=to).contains(at))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_permitted_is_within_the_cap_and_accepted_for_its_whole_life(
        question in questions(),
        somewhere in 0.0_f64..1.0,
    ) {
        let timeline = overlap();
        if !timeline.issuance(&question).is_permitted() {
            return Ok(());
        }
        let (now, not_after) = (question.now, question.not_after);
        if matches!(question.key, KeyAlgorithm::Rsa { .. }) {
            let cap = match question.class {
                Class::Ca | Class::Status => t("2031-03-31T14:59:59Z"),
                _ => t("2030-12-31T14:59:59Z"),
            };
            prop_assert!(not_after <= cap);
        }
        let mut life = seconds_of_life(timeline, now, not_after);
        let length = not_after.seconds_since(now) as f64;
        life.push(now.plus_seconds((length * somewhere) as i64));
        for at in life {
            let answer = timeline.acceptance(&AcceptanceQuestion {
                class: question.class,
                position: Position::EndEntity,
                key: question.key,
                signature: question.signature,
                at,
                mode: Mode::Online,
            });
            prop_assert!(answer.is_accepted(), "{question:?} is refused at {at} by {}", answer.rule);
        }
    }

    #[test]
    fn sha1_is_neither_issued_nor_accepted_whatever_is_proven(
        question in questions(),
        signature in prop::sample::select(SignatureAlgorithm::LEGACY.to_vec()),
        proven in prop::option::of(instants()),
    ) {
        let timeline = overlap();
        let issuing = IssuanceQuestion { signature, ..question.clone() };
        prop_assert!(!timeline.issuance(&issuing).is_permitted());
        for mode in [Mode::Online, Mode::Historical { proven }] {
            let answer = timeline.acceptance(&AcceptanceQuestion {
                class: question.class,
                position: Position::EndEntity,
                key: question.key,
                signature,
                at: question.now,
                mode,
            });
            prop_assert!(!answer.is_accepted(), "{signature} by {}", answer.rule);
        }
    }

    #[test]
    fn the_cap_that_a_permit_names_is_exact(question in questions()) {
        let timeline = overlap();
        let at_once = IssuanceQuestion { not_after: question.now, ..question };
        let Verdict::Permit { not_after_cap: Some(cap) } = timeline.issuance(&at_once).verdict else {
            return Ok(());
        };
        prop_assert_eq!(timeline.not_after_cap(&at_once), Some(cap));
        let longest = IssuanceQuestion { not_after: cap, ..at_once };
        prop_assert!(timeline.issuance(&longest).is_permitted());
        let longer = IssuanceQuestion { not_after: cap.plus_seconds(1), ..longest };
        prop_assert!(!timeline.issuance(&longer).is_permitted());
    }

    #[test]
    fn proof_of_age_never_hurts(question in questions(), proven in instants()) {
        let timeline = overlap();
        let asked = |mode| timeline.acceptance(&AcceptanceQuestion {
            class: question.class,
            position: Position::EndEntity,
            key: question.key,
            signature: question.signature,
            at: question.now,
            mode,
        }).verdict;
        let without = asked(Mode::Historical { proven: None });
        let with_proof = asked(Mode::Historical { proven: Some(proven) });
        prop_assert!(with_proof <= without);
        // What counts in a live connection counts as evidence.
        if asked(Mode::Online) != AcceptanceVerdict::Refuse {
            prop_assert_eq!(without, AcceptanceVerdict::Accept);
        }
    }

    #[test]
    fn hostile_text_is_an_error_and_never_a_panic(text in ".{0,400}") {
        prop_assert!(Timeline::from_toml(&text).is_err());
    }
}

#[test]
fn the_properties_are_not_empty() {
    let timeline = overlap();
    let permitted = |class, key: KeyAlgorithm, now| {
        let signature = key.default_signature();
        let act = Act::IssueNew;
        let circumstances = Circumstances::default();
        let (now, not_after) = (t(now), t(now).plus_days(1));
        let question = IssuanceQuestion {
            class,
            act,
            key,
            signature,
            now,
            not_after,
            circumstances,
        };
        timeline.issuance(&question).is_permitted()
    };
    for class in SUBSCRIBERS {
        assert!(permitted(class, KeyAlgorithm::P384, "2028-01-01"));
        assert!(permitted(class, KeyAlgorithm::RSA_2048, "2028-01-01"));
    }
}
