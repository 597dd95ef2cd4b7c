//! Each error of the device becomes the error that says what is certain.

use kasane_hsm::{Device, Disposition, Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{Site, sign, sign_well, signing_key};

#[test]
fn each_code_has_its_variant_when_a_command_is_refused() {
    let site = Site::commissioned();
    let (_device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    let device = |disposition| move |error: &Error| matches!(error, Error::Device { disposition: is, .. } if *is == disposition);
    type Is = Box<dyn Fn(&Error) -> bool>;
    let cases: [(&str, Is); 14] = [
        (
            "invalid_command",
            Box::new(|it| matches!(it, Error::NotPermitted { .. })),
        ),
        (
            "insufficient_permissions",
            Box::new(|it| matches!(it, Error::NotPermitted { .. })),
        ),
        (
            "algorithm_disabled",
            Box::new(|it| matches!(it, Error::NotPermitted { .. })),
        ),
        // Of a session that is open already it comes from outside of it, and proves nothing.
        (
            "sessions_full",
            Box::new(|it| matches!(it, Error::AnswerLost { .. })),
        ),
        (
            "log_full",
            Box::new(|it| matches!(it, Error::LogFull { .. })),
        ),
        (
            "object_not_found",
            Box::new(|it| matches!(it, Error::KeyNotFound { .. })),
        ),
        ("invalid_data", Box::new(device(Disposition::Stop))),
        ("wrong_length", Box::new(device(Disposition::Stop))),
        ("invalid_id", Box::new(device(Disposition::Stop))),
        (
            "ssh_ca_constraint_violation",
            Box::new(device(Disposition::Stop)),
        ),
        ("invalid_otp", Box::new(device(Disposition::Stop))),
        ("storage_failed", Box::new(device(Disposition::OtherDevice))),
        ("demo_mode", Box::new(device(Disposition::OtherDevice))),
        ("command_unexecuted", Box::new(device(Disposition::Retry))),
    ];
    for (code, is) in cases {
        site.misbehave(&format!(
            r#"{{"do":"refuse","error":"{code}","command":86,"count":2}}"#
        ));
        let error = sign(key.as_ref(), b"x").unwrap_err();
        assert!(is(&error), "{code}: {error:?}");
        // What is left of the two.
        site.misbehave(r#"{"do":"behave"}"#);
        sign_well(key.as_ref(), b"y");
    }
}

#[test]
fn each_code_has_its_variant_when_a_session_is_refused() {
    let site = Site::commissioned();
    for (code, expected) in [
        ("sessions_full", "device.busy"),
        ("log_full", "device.log-full"),
        ("storage_failed", "device.unreachable"),
        ("session_failed", "device.unreachable"),
        ("invalid_command", "device.unreachable"),
        ("object_not_found", "device.wrong-credential"),
    ] {
        let device = site.device(kasane_hsm::config::Access::Signing);
        site.misbehave(&format!(
            r#"{{"do":"refuse","error":"{code}","command":3,"count":1}}"#
        ));
        let error = device.probe().unwrap_err();
        assert_eq!(error.code(), expected, "{code}: {error}");
        assert!(!error.was_attempted(), "{code}");
        if expected != "device.wrong-credential" {
            device.keys().unwrap();
        }
        site.misbehave(r#"{"do":"drop_sessions"}"#);
    }
}
