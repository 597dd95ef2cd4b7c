//! Sessions are lost and come back without a restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_hsm::config::{Access, Credential};
use kasane_hsm::pool::{DeviceState, Member, PoolOptions, SystemMonotonicClock};
use kasane_hsm::{Device, Error, KeyBackend, KeyRole, Pool, YubiHsmDevice, yubihsm};
use kasane_hsm_simulator::Options;
use kasane_verify::KeyAlgorithm;

use crate::support::{
    PATIENCE, Site, config, device, device_with, drain, label, sign, sign_well, signing_key,
};

#[test]
fn lost_session_is_reopened_without_restart_and_the_signature_made_once() {
    let site = Site::commissioned();
    let (_device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    sign_well(key.as_ref(), b"one");
    let before = site.executed(0x56);
    for _ in 0..3 {
        site.misbehave(r#"{"do":"drop_sessions"}"#);
        sign_well(key.as_ref(), b"two");
    }
    assert_eq!(site.executed(0x56), before + 3);
}

#[test]
fn each_error_of_the_channel_renews_the_session_once() {
    let site = Site::commissioned();
    let (_device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    for error in ["invalid_session", "authentication_failed", "session_failed"] {
        let once = format!(r#"{{"do":"refuse","error":"{error}","command":86,"count":1}}"#);
        site.misbehave(&once);
        sign_well(key.as_ref(), b"message");
        let twice = format!(r#"{{"do":"refuse","error":"{error}","command":86,"count":2}}"#);
        site.misbehave(&twice);
        let refused = sign(key.as_ref(), b"message").unwrap_err();
        let lost = matches!(refused, Error::AnswerLost { .. });
        assert!(lost && refused.was_attempted(), "{error}: {refused}");
        sign_well(key.as_ref(), b"message");
    }
}

#[test]
fn session_that_idled_out_in_the_device_is_renewed() {
    let site = Site::with(Options {
        session_timeout: Duration::from_millis(300),
        ..Options::default()
    });
    site.commission().unwrap();
    let (_device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    sign_well(key.as_ref(), b"one");
    while site.status()["sessions"] != 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    sign_well(key.as_ref(), b"two");
}

#[test]
fn connector_and_device_that_start_again_are_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = |listen| Options {
        state: Some(folder.path().to_owned()),
        listen,
        ..Options::default()
    };
    let first = Site::with(options(Options::default().listen));
    first.commission().unwrap();
    let (device, key) = signing_key(&first, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P384);
    sign_well(key.as_ref(), b"one");
    let place = first.simulator.listening().connector;
    first.simulator.stop();

    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(
        !error.was_attempted() || matches!(error, Error::AnswerLost { .. }),
        "{error}"
    );
    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(device.probe().is_err());

    let _second = Site::with(options(place));
    sign_well(key.as_ref(), b"three");
    device.probe().unwrap();
}

#[test]
fn key_that_was_replaced_by_another_signs_nothing() {
    let site = Site::commissioned();
    let (_device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    sign_well(key.as_ref(), b"one");
    let signed = site.executed(0x56);
    // Another device with the same credentials and labels, and other keys, at the same address.
    let place = site.simulator.listening().connector;
    site.simulator.stop();
    let other = Site::with(Options {
        listen: place,
        ..Options::default()
    });
    other.commission().unwrap();
    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(
        matches!(error, Error::KeyNotFound { .. } | Error::AnswerLost { .. }),
        "{error}"
    );
    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
    other
        .device(Access::Ceremony)
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    let error = sign(key.as_ref(), b"two").unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
    assert!(error.to_string().contains("another key"), "{error}");
    assert_eq!(other.executed(0x56), 0);
    assert!(signed > 0);
}

/// What examinations do, many times, beside a service that signs.
#[test]
fn forty_processes_that_come_and_go_leave_no_session_and_stall_nobody() {
    let site = Site::commissioned();
    let (device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    drain(&device);
    let own = device.sessions().unwrap();
    assert_eq!((own.open, own.lost), (2, 0));
    std::thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            for _ in 0..40 {
                for access in [Access::Ceremony, Access::Signing, Access::Audit] {
                    site.device(access).probe().unwrap();
                }
            }
        });
        while !visitor.is_finished() {
            // Sessions fill the log, which is the service's to drain.
            drain(&device);
            match sign(key.as_ref(), b"meanwhile") {
                Ok(_) | Err(Error::LogFull { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert_eq!(site.status()["sessions"], 2);
    // Each session that was opened but the service's own two.
    assert_eq!(site.executed(0x03) - 2, site.executed(0x40));
}

#[test]
fn setting_a_device_up_leaves_no_session_behind() {
    let site = Site::fresh();
    site.commission().unwrap();
    assert_eq!(site.status()["sessions"], 0);
    site.commission().unwrap();
    assert_eq!(site.status()["sessions"], 0);
}

#[test]
fn device_of_another_serial_number_is_told_before_a_password_is_shown_to_it() {
    let site = Site::commissioned();
    let serial = site.simulator.listening().serial;
    let mut right = config(&site.simulator.url());
    right.serial = Some(serial.to_string());
    assert!(device(&right, Access::Signing).keys().is_ok());
    let mut wrong = right.clone();
    wrong.serial = Some("0012345678".to_owned());
    // As where two devices were swapped: its password is another one.
    let signing = wrong.signing.as_mut().unwrap();
    signing.password = Credential::File("the other device's".into());
    let asked = site.executed(0x03);
    let stranger = device(&wrong, Access::Signing);
    for _ in 0..2 {
        let error = stranger.keys().unwrap_err();
        assert!(matches!(error, Error::WrongDevice { .. }), "{error}");
        assert!(!error.was_attempted());
        for number in [format!("{serial:010}"), "0012345678".to_owned()] {
            assert!(error.to_string().contains(&number), "{error}");
        }
    }
    assert_eq!(site.executed(0x03), asked);
}

#[test]
fn serial_number_that_was_garbled_once_is_no_other_device() {
    let site = Site::commissioned();
    let mut config = config(&site.simulator.url());
    config.serial = Some(site.simulator.listening().serial.to_string());
    for kind in ["noise", "truncated", "empty", "bad_gateway"] {
        site.misbehave(&format!(
            r#"{{"do":"garbage","kind":"{kind}","command":6,"count":1}}"#
        ));
        assert!(device(&config, Access::Signing).keys().is_ok(), "{kind}");
    }
}

#[test]
fn device_says_to_anybody_who_it_is_and_how_full_its_log_is() {
    let site = Site::commissioned();
    let listening = site.simulator.listening().serial;
    let asked = site.executed(0x03);
    let announced = yubihsm::announced(&config(&site.simulator.url())).unwrap();
    assert_eq!(announced.serial, listening);
    assert_eq!((announced.firmware, announced.log_entries), ([2, 4, 0], 62));
    assert_eq!(u64::from(announced.log_used), site.status()["log_used"]);
    assert_eq!(site.executed(0x03), asked);
}

#[test]
fn wrong_configuration_is_refused_and_an_absent_device_is_not() {
    let mut config = config("http://127.0.0.1:1");
    let absent = device(&config, Access::Signing);
    let error = absent.keys().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    let faults: [fn(&mut kasane_hsm::config::YubiHsmConfig); 6] = [
        |it| it.serial = Some("none".to_owned()),
        |it| it.connector = "https://127.0.0.1:1".to_owned(),
        |it| it.connector = "http://127.0.0.1".to_owned(),
        |it| it.connector = "http://user@127.0.0.1:1".to_owned(),
        |it| it.connector = "http://127.0.0.1:1/path".to_owned(),
        |it| it.signing = None,
    ];
    let good = config.clone();
    for fault in faults {
        config = good.clone();
        fault(&mut config);
        let error = device_with(&config, &[], Access::Signing).unwrap_err();
        assert_eq!(error.code(), "device.bad-configuration", "{error}");
    }
}

#[test]
fn password_that_a_garbled_answer_condemned_is_tried_again_once_people_enable_the_device() {
    let site = Site::commissioned();
    site.device(Access::Ceremony)
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    let device = Arc::new(site.device(Access::Signing));
    let name = device.name().clone();
    let members = vec![Member::new(Arc::<YubiHsmDevice>::clone(&device))];
    let clock = Arc::new(SystemMonotonicClock::new());
    let pool = Pool::new(members, PoolOptions::default(), clock).unwrap();
    // The last octets of this answer are the device's cryptogram.
    site.misbehave(r#"{"do":"garbage","kind":"wrong_mac","command":3,"count":1}"#);
    let open = || pool.open(&label("issuing"), KeyRole::IssuingCa);
    let error = open().unwrap_err();
    assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
    let error = device.probe().unwrap_err();
    assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
    let before = pool.enable(&name);
    assert!(matches!(before, Some(DeviceState::Disabled { .. })));
    let until = Instant::now() + PATIENCE;
    while pool.snapshot().device(&name).unwrap().state != DeviceState::InService {
        assert!(Instant::now() < until, "{:?}", pool.snapshot());
        std::thread::sleep(Duration::from_millis(10));
    }
    sign_well(open().unwrap().as_ref(), b"message");
}

#[test]
fn wrong_password_is_tried_once_more_for_each_time_that_people_enable_the_device() {
    let site = Site::commissioned();
    let mut config = config(&site.simulator.url());
    let signing = config.signing.as_mut().unwrap();
    signing.password = Credential::File("another password".into());
    let device = device(&config, Access::Signing);
    let before = site.executed(0x03);
    for round in 1..=3 {
        for _ in 0..3 {
            let error = device.keys().unwrap_err();
            assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
        }
        assert_eq!(site.executed(0x03), before + round);
        device.forget_refusal();
    }
}
