//! Answers that are lost, late, split or nonsense.

use std::time::Duration;

use kasane_hsm::config::{Access, Credential};
use kasane_hsm::{Device, Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{
    Site, config, device, drain, label, sign, sign_well, sign_within, signing_key,
};

fn key(
    site: &Site,
) -> (
    kasane_hsm::YubiHsmDevice,
    std::sync::Arc<dyn kasane_hsm::SigningKey>,
) {
    let (device, key) = signing_key(site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    sign_well(key.as_ref(), b"first");
    (device, key)
}

#[test]
fn lost_answer_says_that_the_device_may_have_signed() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    let signed = site.executed(0x56);
    site.misbehave(r#"{"do":"lose_answer","command":86,"count":1}"#);
    let error = sign(key.as_ref(), b"x").unwrap_err();
    assert!(matches!(error, Error::AnswerLost { .. }), "{error}");
    assert!(error.was_attempted());
    assert_eq!(site.executed(0x56), signed + 1);
    sign_well(key.as_ref(), b"y");
}

#[test]
fn lost_request_is_no_better_known() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    site.misbehave(r#"{"do":"lose_request","command":86,"count":1}"#);
    let error = sign(key.as_ref(), b"x").unwrap_err();
    assert!(matches!(error, Error::AnswerLost { .. }), "{error}");
    sign_well(key.as_ref(), b"y");
}

#[test]
fn garbage_is_a_lost_answer_and_costs_one_session() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    for kind in ["noise", "truncated", "wrong_mac", "empty", "bad_gateway"] {
        site.misbehave(&format!(
            r#"{{"do":"garbage","kind":"{kind}","command":86,"count":1}}"#
        ));
        let error = sign(key.as_ref(), b"x").unwrap_err();
        assert!(matches!(error, Error::AnswerLost { .. }), "{kind}: {error}");
        sign_well(key.as_ref(), b"y");
    }
}

#[test]
fn garbage_while_a_session_opens_leaves_the_device_unreachable_and_its_password_untouched() {
    let site = Site::commissioned();
    for code in [3, 4] {
        for kind in ["noise", "truncated", "empty", "bad_gateway"] {
            let device = site.device(Access::Signing);
            site.misbehave(&format!(
                r#"{{"do":"garbage","kind":"{kind}","command":{code},"count":1}}"#
            ));
            let error = device.keys().unwrap_err();
            assert!(
                matches!(error, Error::Unreachable { .. } | Error::AnswerLost { .. }),
                "{code} {kind}: {error}"
            );
            device.keys().unwrap();
            site.misbehave(r#"{"do":"drop_sessions"}"#);
        }
    }
}

#[test]
fn slow_device_ends_at_the_callers_deadline() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    site.misbehave(r#"{"do":"delay","milliseconds":1500,"command":86,"count":1}"#);
    let error = sign_within(key.as_ref(), b"x", Duration::from_millis(300)).unwrap_err();
    let timed_out = matches!(
        error,
        Error::TimedOut {
            attempted: true,
            ..
        }
    );
    assert!(timed_out, "{error}");
    sign_well(key.as_ref(), b"y");
}

#[test]
fn session_that_opens_slowly_was_no_attempt() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    site.misbehave(r#"{"do":"drop_sessions"}"#);
    site.misbehave(r#"{"do":"delay","milliseconds":1500,"command":3,"count":1}"#);
    let error = sign_within(key.as_ref(), b"x", Duration::from_millis(300)).unwrap_err();
    assert!(!error.was_attempted(), "{error}");
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    sign_well(key.as_ref(), b"y");
}

#[test]
fn who_waits_for_the_lane_in_vain_has_attempted_nothing() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    site.misbehave(r#"{"do":"delay","milliseconds":2000,"command":86,"count":1}"#);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| sign(key.as_ref(), b"slow"));
        // The slow one is at the device when the delay was taken.
        std::thread::sleep(Duration::from_millis(500));
        let error = sign_within(key.as_ref(), b"x", Duration::from_millis(50)).unwrap_err();
        let waited = matches!(
            error,
            Error::TimedOut {
                attempted: false,
                ..
            }
        );
        assert!(waited, "{error}");
        slow.join().unwrap().unwrap();
    });
}

#[test]
fn answer_in_two_pieces_survives() {
    let site = Site::commissioned();
    site.misbehave(r#"{"do":"split","on":true}"#);
    let (device, key) = key(&site);
    for _ in 0..5 {
        sign_well(key.as_ref(), b"split");
    }
    assert!(device.command_log().unwrap().read().unwrap().entries.len() > 5);
}

#[test]
fn connector_that_goes_away_is_unreachable_and_comes_back() {
    let site = Site::commissioned();
    let device = site.device(Access::Signing);
    site.misbehave(r#"{"do":"go_away","milliseconds":60000}"#);
    let error = device.keys().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    site.misbehave(r#"{"do":"behave"}"#);
    device.keys().unwrap();
}

#[test]
fn wrong_password_is_tried_once() {
    let site = Site::commissioned();
    let mut config = config(&site.simulator.url());
    let signing = config.signing.as_mut().unwrap();
    signing.password = Credential::File("another password".into());
    let device = device(&config, Access::Signing);
    let before = site.executed(0x03);
    for _ in 0..3 {
        let error = device.keys().unwrap_err();
        assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
        assert!(!error.to_string().contains("another password"), "{error}");
    }
    assert!(site.executed(0x03) <= before + 1);
    assert!(!format!("{device:?}").contains("another"));
    // The log's reader has a credential of its own.
    device.command_log().unwrap().read().unwrap();
}

#[test]
fn authentication_key_that_is_not_there_is_a_wrong_credential() {
    let site = Site::commissioned();
    let mut config = config(&site.simulator.url());
    config.signing.as_mut().unwrap().key_id = 99;
    let error = device(&config, Access::Signing).keys().unwrap_err();
    assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
}

#[test]
fn generation_whose_answer_is_lost_is_looked_up() {
    let site = Site::commissioned();
    let device = site.device(Access::Ceremony);
    site.misbehave(r#"{"do":"lose_answer","command":70,"count":1}"#);
    let made = device
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap();
    assert_eq!(device.keys().unwrap(), [made]);
    site.misbehave(r#"{"do":"lose_request","command":70,"count":1}"#);
    let error = device
        .generate(&label("second"), KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap_err();
    assert!(error.was_attempted(), "{error}");
    assert_eq!(device.keys().unwrap().len(), 1);
}

#[test]
fn generation_beyond_the_clients_20_seconds_is_waited_for() {
    let site = Site::commissioned();
    let device = site.device(Access::Ceremony);
    site.misbehave(r#"{"do":"delay","milliseconds":21000,"command":70,"count":1}"#);
    let made = device
        .generate(&label("slow"), KeyRole::IssuingCa, KeyAlgorithm::RSA_2048)
        .unwrap();
    assert_eq!(device.keys().unwrap(), [made]);
    assert_eq!(site.executed(0x46), 1);
}

#[test]
fn session_is_closed_after_its_answer_was_lost() {
    let site = Site::commissioned();
    let (device, key) = key(&site);
    let before = site.status()["sessions"].as_u64().unwrap();
    site.misbehave(r#"{"do":"lose_answer","command":86}"#);
    for _ in 0..14 {
        let error = sign(key.as_ref(), b"x").unwrap_err();
        assert!(matches!(error, Error::AnswerLost { .. }), "{error}");
    }
    site.misbehave(r#"{"do":"behave"}"#);
    sign_well(key.as_ref(), b"y");
    assert_eq!(site.status()["sessions"].as_u64().unwrap(), before);
    let sessions = device.sessions().unwrap();
    assert_eq!((sessions.lost, sessions.most), (0, 16));
}

#[test]
fn sessions_that_were_lost_are_not_taken_from_others_without_end() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    site.misbehave(r#"{"do":"lose_answer","command":86}"#);
    // Nor can they be closed.
    site.misbehave(r#"{"do":"lose_request","command":64}"#);
    let mut busy = false;
    for _ in 0..14 {
        let error = sign(key.as_ref(), b"x").unwrap_err();
        busy = matches!(error, Error::Busy { .. });
        if busy {
            break;
        }
        assert!(matches!(error, Error::AnswerLost { .. }), "{error}");
    }
    assert!(busy);
    assert!(site.status()["sessions"].as_u64().unwrap() < 16);
    // Another process still gets in.
    site.device(Access::Audit).keys().unwrap();
}

#[test]
fn refusal_outside_of_the_channel_does_not_prove_that_nothing_was_signed() {
    let site = Site::commissioned();
    let (device, key) = key(&site);
    for said in [
        "invalid_command",
        "sessions_full",
        "insufficient_permissions",
        "log_full",
        "object_not_found",
        "object_exists",
        "algorithm_disabled",
        "storage_failed",
        "command_unexecuted",
    ] {
        let signed = site.executed(0x56);
        site.misbehave(&format!(
            r#"{{"do":"lie","error":"{said}","command":86,"count":1}}"#
        ));
        let error = sign(key.as_ref(), b"x").unwrap_err();
        assert!(matches!(error, Error::AnswerLost { .. }), "{said}: {error}");
        assert!(error.was_attempted());
        assert_eq!(site.executed(0x56), signed + 1, "{said}");
        sign_well(key.as_ref(), b"y");
        site.misbehave(r#"{"do":"drop_sessions"}"#);
        drain(&device);
    }
}

#[test]
fn connector_that_calls_every_session_gone_gets_two_signatures_and_an_attempt_is_told() {
    let site = Site::commissioned();
    let (_device, key) = key(&site);
    for said in ["invalid_session", "authentication_failed", "session_failed"] {
        let signed = site.executed(0x56);
        site.misbehave(&format!(r#"{{"do":"lie","error":"{said}","command":86}}"#));
        let error = sign(key.as_ref(), b"x").unwrap_err();
        assert!(error.was_attempted(), "{said}: {error}");
        assert_eq!(site.executed(0x56), signed + 2, "{said}");
        site.misbehave(r#"{"do":"behave"}"#);
        sign_well(key.as_ref(), b"y");
    }
}
