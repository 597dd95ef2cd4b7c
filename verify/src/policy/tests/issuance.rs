//! What may be issued, to the second.

use super::*;

#[test]
fn rsa_end_entities_end_with_the_last_second_of_2030_in_japan() {
    for class in SUBSCRIBERS {
        for now in ["2026-11-20", "2027-10-01", "2028-03-31"] {
            let mut question = rsa_terminal(Act::IssueNew, now, Circumstances::default());
            question.class = class;
            question.not_after = t("2030-12-31T14:59:59Z");
            let timeline = overlap();
            assert_eq!(
                timeline.issuance(&question).verdict,
                Verdict::Permit {
                    not_after_cap: Some(t("2030-12-31T14:59:59Z"))
                }
            );
            question.not_after = t("2030-12-31T15:00:00Z");
            let refused = timeline.issuance(&question);
            assert_eq!(refused.verdict, Verdict::Refuse, "{class} {now}");
            let rule = if now == "2026-11-20" {
                "ecc-only"
            } else {
                "rsa-end-entity-cap"
            };
            assert_eq!(refused.rule.as_str(), rule);
        }
        let accepted = |at| verdict(online(class, KeyAlgorithm::RSA_3072, at));
        assert_eq!(accepted("2030-12-31T14:59:59Z"), AcceptanceVerdict::Warn);
        assert_eq!(accepted("2030-12-31T15:00:00Z"), AcceptanceVerdict::Refuse);
    }
}

#[test]
fn the_whole_rsa_life_of_39_months_fits_until_the_cap_begins() {
    let mut question = rsa_terminal(
        Act::IssueNew,
        "2027-09-30 23:59:59 JST",
        Circumstances::default(),
    );
    question.not_after = question.now.plus_months_jst(39).plus_seconds(-1);
    assert!(decided(&question).0);
    question.now = t("2027-10-02");
    question.not_after = question.now.plus_months_jst(39).plus_seconds(-1);
    assert_eq!(decided(&question), (false, "rsa-end-entity-cap".to_owned()));
}

#[test]
fn rsa_enrolment_ends_and_renewal_needs_a_record_of_incapability() {
    let asked = |act, now, circumstances| decided(&rsa_terminal(act, now, circumstances));
    let plain = Circumstances::default;
    assert!(asked(Act::IssueNew, "2028-03-31T14:59:59Z", plain()).0);
    assert!(asked(Act::Renew, "2028-03-31T14:59:59Z", plain()).0);
    let ended = asked(Act::IssueNew, "2028-03-31T15:00:00Z", incapable());
    assert_eq!(ended, (false, "rsa-enrolment-ends".to_owned()));
    let capable = asked(Act::Renew, "2028-03-31T15:00:00Z", plain());
    assert_eq!(capable, (false, "rsa-renewal-if-incapable".to_owned()));
    assert!(asked(Act::Renew, "2028-03-31T15:00:00Z", incapable()).0);
    assert!(asked(Act::Renew, "2029-03-31T14:59:59Z", incapable()).0);
    assert!(!asked(Act::Renew, "2029-03-31T15:00:00Z", incapable()).0);
}

#[test]
fn break_glass_needs_two_people_a_reason_and_lasts_90_days() {
    let now = "2029-03-31T15:00:00Z";
    let good = break_glass(
        &["sato", "suzuki"],
        "terminal broke, no ECC hardware until May",
    );
    for act in [Act::IssueNew, Act::Renew] {
        let mut question = rsa_terminal(act, now, good.clone());
        let last = t(now).plus_days(90).plus_seconds(-1);
        question.not_after = last;
        let permitted = Verdict::Permit {
            not_after_cap: Some(last),
        };
        assert_eq!(overlap().issuance(&question).verdict, permitted);
        question.not_after = last.plus_seconds(1);
        assert_eq!(decided(&question), (false, "rsa-break-glass".to_owned()));
    }
    for lacking in [
        Circumstances::default(),
        incapable(),
        break_glass(&["sato"], "reason"),
        break_glass(&["sato", " sato "], "reason"),
        break_glass(&["sato", ""], "reason"),
        break_glass(&["sato", "suzuki"], "  "),
    ] {
        let refused = decided(&rsa_terminal(Act::Renew, now, lacking.clone()));
        assert_eq!(
            refused,
            (false, "rsa-break-glass".to_owned()),
            "{lacking:?}"
        );
    }
    assert!(
        decided(&rsa_terminal(
            Act::Renew,
            "2030-09-30T14:59:59Z",
            good.clone()
        ))
        .0
    );
    let ended = decided(&rsa_terminal(Act::Renew, "2030-09-30T15:00:00Z", good));
    assert_eq!(ended, (false, "rsa-issuance-ends".to_owned()));
}

#[test]
fn the_rsa_ca_and_its_status_end_with_march_2031() {
    for (class, key) in [
        (Class::Ca, KeyAlgorithm::RSA_4096),
        (Class::Status, KeyAlgorithm::RSA_3072),
    ] {
        let mut question = rsa_terminal(Act::Renew, "2031-03-01", Circumstances::default());
        (question.class, question.key) = (class, key);
        question.not_after = t("2031-03-31T14:59:59Z");
        assert!(decided(&question).0, "{class}");
        question.not_after = t("2031-03-31T15:00:00Z");
        assert_eq!(decided(&question), (false, "rsa-ca-cap".to_owned()));
    }
    // The ECC root certified by the RSA root ends there too, although its key does not.
    let mut cross = ecc(Class::Ca, "2027-01-01");
    cross.signature = RSA_SIGNATURE;
    assert_eq!(
        overlap().not_after_cap(&cross),
        Some(t("2031-03-31T14:59:59Z"))
    );
    cross.signature = ECC_SIGNATURE;
    assert_eq!(overlap().not_after_cap(&cross), None);
}

#[test]
fn ecdsa_issuance_for_authentication_ends_with_2035() {
    for class in [
        Class::Operator,
        Class::Probe,
        Class::Server,
        Class::Terminal,
    ] {
        assert!(decided(&ecc(class, "2035-12-31T14:59:59Z")).0, "{class}");
        let ended = decided(&ecc(class, "2035-12-31T15:00:00Z"));
        assert_eq!(ended, (false, "ecdsa-issuance-ends".to_owned()));
    }
    assert!(decided(&ecc(Class::Status, "2036-06-01")).0);
    let accepted = verdict(online(Class::Terminal, KeyAlgorithm::P384, "2037-01-01"));
    assert_eq!(accepted, AcceptanceVerdict::Accept);
}
