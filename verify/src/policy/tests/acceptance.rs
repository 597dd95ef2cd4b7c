//! What is accepted, to the second.

use super::*;

#[test]
fn subscribers_ecc_is_accepted_three_months_before_it_is_issued() {
    for class in SUBSCRIBERS {
        let accepted = |at| verdict(online(class, KeyAlgorithm::P384, at));
        assert_eq!(accepted("2026-12-31T14:59:59Z"), AcceptanceVerdict::Refuse);
        assert_eq!(accepted("2026-12-31T15:00:00Z"), AcceptanceVerdict::Accept);
        assert!(!decided(&ecc(class, "2027-03-31T14:59:59Z")).0);
        let opened = decided(&ecc(class, "2027-03-31T15:00:00Z"));
        assert_eq!(opened, (true, "ecc-issuance-opens".to_owned()));
    }
}

#[test]
fn the_authoritys_own_side_is_ecc_from_the_ceremony_on() {
    for class in [Class::Ca, Class::Status, Class::Operator, Class::Probe] {
        assert!(decided(&ecc(class, "2026-11-20")).0, "{class}");
        let accepted = verdict(online(class, KeyAlgorithm::P384, "2026-11-20"));
        assert_eq!(accepted, AcceptanceVerdict::Accept, "{class}");
    }
}

#[test]
fn rsa_logins_are_warned_about_from_july_2030() {
    let accepted = |at| verdict(online(Class::Terminal, KeyAlgorithm::RSA_2048, at));
    assert_eq!(accepted("2030-06-30T14:59:59Z"), AcceptanceVerdict::Accept);
    assert_eq!(accepted("2030-06-30T15:00:00Z"), AcceptanceVerdict::Warn);
    // ECC is not.
    let ecc = verdict(online(Class::Terminal, KeyAlgorithm::P256, "2030-07-01"));
    assert_eq!(ecc, AcceptanceVerdict::Accept);
}

#[test]
fn rsa_2048_is_refused_in_paths_but_not_in_the_status_of_its_own_ca() {
    let at = "2030-12-31T15:00:00Z";
    for position in [Position::Intermediate, Position::Anchor] {
        let mut question = online(Class::Ca, KeyAlgorithm::RSA_2048, at);
        question.position = position;
        assert_eq!(verdict(question), AcceptanceVerdict::Refuse);
        question.key = KeyAlgorithm::RSA_3072;
        assert_eq!(verdict(question), AcceptanceVerdict::Accept);
    }
    let status = |at| verdict(online(Class::Status, KeyAlgorithm::RSA_2048, at));
    assert_eq!(status(at), AcceptanceVerdict::Accept);
    assert_eq!(status("2031-03-31T14:59:59Z"), AcceptanceVerdict::Accept);
    assert_eq!(status("2031-03-31T15:00:00Z"), AcceptanceVerdict::Refuse);
}

#[test]
fn from_april_2031_no_rsa_key_or_signature_is_accepted_anywhere() {
    let before = "2031-03-31T14:59:59Z";
    let after = "2031-03-31T15:00:00Z";
    for class in Class::ALL {
        for position in [
            Position::EndEntity,
            Position::Intermediate,
            Position::Anchor,
        ] {
            let mut question = online(class, KeyAlgorithm::RSA_4096, after);
            question.position = position;
            assert_eq!(
                verdict(question),
                AcceptanceVerdict::Refuse,
                "{class} {position:?}"
            );
        }
    }
    // The ECC root certified by the RSA root: its key is fine, the signature over it is not.
    let mut cross = online(Class::Ca, KeyAlgorithm::P384, before);
    cross.signature = RSA_SIGNATURE;
    assert_eq!(verdict(cross), AcceptanceVerdict::Accept);
    cross.at = t(after);
    let timeline = overlap();
    let refused = timeline.acceptance(&cross);
    assert_eq!(refused.verdict, AcceptanceVerdict::Refuse);
    assert_eq!(refused.rule.as_str(), "rsa-signatures-refused");
    cross.signature = ECC_SIGNATURE;
    assert_eq!(verdict(cross), AcceptanceVerdict::Accept);
    // An anchor's signature over itself is not judged.
    let anchor = AcceptanceQuestion {
        position: Position::Anchor,
        signature: RSA_SIGNATURE,
        ..cross
    };
    assert_eq!(verdict(anchor), AcceptanceVerdict::Accept);
}

#[test]
fn old_rsa_signatures_count_only_if_proven_older() {
    let historical = |key, at, proven: Option<&str>| {
        let mut question = online(Class::Terminal, key, at);
        question.mode = Mode::Historical {
            proven: proven.map(t),
        };
        verdict(question)
    };
    use AcceptanceVerdict::{Accept, Refuse};
    let rsa = KeyAlgorithm::RSA_2048;
    assert_eq!(historical(rsa, "2030-12-31T14:59:59Z", None), Accept);
    assert_eq!(historical(rsa, "2030-12-31T15:00:00Z", None), Refuse);
    assert_eq!(
        historical(rsa, "2031-02-01", Some("2030-12-31T14:59:59Z")),
        Accept
    );
    assert_eq!(
        historical(rsa, "2031-02-01", Some("2030-12-31T15:00:00Z")),
        Refuse
    );
    assert_eq!(historical(rsa, "2040-01-01", Some("2029-01-01")), Accept);
    assert_eq!(
        historical(
            KeyAlgorithm::Rsa { bits: 1024 },
            "2040-01-01",
            Some("2009-01-01")
        ),
        Refuse
    );
    assert_eq!(historical(KeyAlgorithm::P384, "2040-01-01", None), Accept);
}

#[test]
fn what_no_rule_names_is_refused() {
    for key in [
        KeyAlgorithm::Rsa { bits: 1024 },
        KeyAlgorithm::Ed25519,
        KeyAlgorithm::P521,
    ] {
        for class in Class::ALL {
            assert_eq!(
                verdict(online(class, key, "2028-01-01")),
                AcceptanceVerdict::Refuse
            );
            let question = IssuanceQuestion {
                key,
                ..ecc(class, "2028-01-01")
            };
            assert_eq!(decided(&question), (false, "no-rule".to_owned()));
        }
    }
    let act = Act::AcceptOnline;
    let no_issuance = IssuanceQuestion {
        act,
        ..ecc(Class::Terminal, "2028-01-01")
    };
    assert!(!decided(&no_issuance).0);
    let backwards = IssuanceQuestion {
        not_after: t("2027-12-31"),
        ..ecc(Class::Terminal, "2028-01-01")
    };
    assert!(!decided(&backwards).0);
}
