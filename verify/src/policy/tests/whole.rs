//! Phases, shifted timelines, explanations.

use super::*;

#[test]
fn each_phase_begins_on_its_second() {
    let timeline = overlap();
    for pair in timeline.phases().windows(2) {
        let [before, after] = pair else {
            unreachable!()
        };
        assert_eq!(timeline.phase_at(after.from()), after);
        assert_eq!(timeline.phase_at(after.from().plus_seconds(-1)), before);
    }
    assert_eq!(
        timeline.phase_at(UnixTime::from_seconds(0)).id(),
        "rsa-only"
    );
    assert_eq!(
        timeline.phase_at(t("2028-05-01")).id(),
        "ecc-enrolment-only"
    );
}

#[test]
fn a_shifted_policy_answers_as_the_real_one_did_so_many_days_before() {
    let real = overlap();
    let moved = real.shifted(-400).shifted(33);
    assert_eq!(moved.shift_days(), -367);
    let date = moved.date("rsa-end-entity-cap").unwrap();
    assert_eq!(date.plus_days(367), t("2030-12-31T14:59:59Z"));
    for day in (0..4000).step_by(7) {
        let at = t("2026-01-01").plus_days(day);
        let asked = online(Class::Terminal, KeyAlgorithm::RSA_2048, "2026-01-01");
        let there = moved
            .acceptance(&AcceptanceQuestion { at, ..asked })
            .verdict;
        let here = real
            .acceptance(&AcceptanceQuestion {
                at: at.plus_days(367),
                ..asked
            })
            .verdict;
        assert_eq!(there, here, "{at}");
        assert_eq!(
            moved.phase_at(at).id(),
            real.phase_at(at.plus_days(367)).id()
        );
    }
}

#[test]
fn a_demonstration_opened_ecc_the_day_before_its_ceremony() {
    let real = overlap();
    for ceremony in [
        "2026-11-20 00:00 JST",
        "2026-11-20 23:59:59 JST",
        "2031-05-05 12:00 UTC",
    ] {
        let ceremony = t(ceremony);
        let timeline = real.demonstration(ceremony);
        let opened = timeline.date("ecc-issuance-opens").unwrap();
        assert_eq!(opened, ceremony.start_of_day_jst().plus_days(-1));
        assert_ne!(timeline.shift_days(), 0);
    }
    assert_eq!(
        real.demonstration(t("2027-04-02 09:00 JST")).shift_days(),
        0
    );
}

#[test]
fn an_explanation_says_decision_phase_rule_and_reason_in_both_languages() {
    let explanation = overlap().explain(&ExplainQuestion {
        class: Class::Terminal,
        key: KeyAlgorithm::RSA_2048,
        signature: RSA_SIGNATURE,
        not_after: None,
        circumstances: Circumstances::default(),
        at: t("2028-05-01"),
    });
    assert_eq!(explanation.phase.id(), "ecc-enrolment-only");
    let decisions: Vec<_> = explanation
        .answers
        .iter()
        .map(|a| (a.act.as_str(), a.decision, a.rule.as_str()))
        .collect();
    assert_eq!(
        decisions,
        [
            ("issue-new", "refuse", "rsa-enrolment-ends"),
            ("renew", "refuse", "rsa-renewal-if-incapable"),
            ("accept-online", "accept", "rsa-accepted"),
            ("accept-historically", "accept", "historical-rsa"),
        ]
    );
    for answer in &explanation.answers {
        assert!(
            !answer.reason.en.is_empty() && !answer.reason.ja.is_ascii(),
            "{answer:?}"
        );
    }
    let json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(json["answers"][0]["act"], "issue-new");
    assert_eq!(json["at"], "2028-04-30T15:00:00Z");
}
