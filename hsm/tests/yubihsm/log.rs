//! The command log: drained, chained, and what a full one means.

use std::time::Duration;

use kasane_hsm::config::Access;
use kasane_hsm::device::LogEntry;
use kasane_hsm::{Device, Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{AUDIT, SIGNING, Site, drain, label, sign, sign_well, signing_key};

#[test]
fn entries_chain_over_several_drains_and_name_the_key() {
    let site = Site::commissioned();
    let (device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    let mut entries: Vec<LogEntry> = Vec::new();
    for round in 0..4 {
        for _ in 0..20 {
            sign_well(key.as_ref(), b"message");
        }
        if round == 2 {
            // An error among them.
            device
                .generate(&label("no"), KeyRole::IssuingCa, KeyAlgorithm::P256)
                .unwrap_err();
            site.misbehave(r#"{"do":"drop_sessions"}"#);
        }
        entries.extend(drain(&device));
    }
    for pair in entries.windows(2) {
        assert!(pair[1].follows(&pair[0]), "{pair:?}");
    }
    let signed: Vec<_> = entries.iter().filter(|it| it.command == 0x56).collect();
    assert_eq!(signed.len(), 80);
    let log = device.command_log().unwrap();
    let id = device.key_id(&label("issuing")).unwrap();
    for entry in signed {
        assert_eq!(entry.result, 0xd6);
        assert_eq!(entry.session_key, SIGNING);
        assert_eq!(entry.target_key.to_be_bytes().to_vec(), id);
        assert_eq!(
            log.label_of(entry.target_key).unwrap(),
            Some(label("issuing"))
        );
    }
    assert!(
        entries
            .iter()
            .any(|it| it.command == 0x46 && it.result < 0x80)
    );
    assert_eq!(log.label_of(0x7777).unwrap(), None);
    // What only looks leaves no trace, so that a drained log stays empty.
    let rest = drain(&device);
    assert!(rest.iter().all(|it| it.session_key == AUDIT), "{rest:?}");
    assert!(log.read().unwrap().entries.is_empty());
}

#[test]
fn full_log_stops_signatures_until_it_was_drained() {
    let site = Site::commissioned();
    let (device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    let mut refused = None;
    for _ in 0..70 {
        match sign(key.as_ref(), b"x") {
            Ok(_) => {}
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let error = refused.unwrap();
    assert!(matches!(error, Error::LogFull { .. }), "{error}");
    assert!(!error.was_attempted());
    let signed = site.executed(0x56);
    assert!(sign(key.as_ref(), b"x").is_err());
    assert_eq!(site.executed(0x56), signed);
    // Its reader gets in although opening a session would be logged.
    let entries = drain(&device);
    assert_eq!(entries.len(), 62);
    sign_well(key.as_ref(), b"goes on");
}

#[test]
fn reader_gets_in_and_signers_come_back_after_a_log_was_full_before_any_session() {
    let site = Site::commissioned();
    let (_device, _key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    site.misbehave(r#"{"do":"fill_log"}"#);
    let device = site.device(Access::Signing);
    let refused = device.probe();
    assert!(
        matches!(refused, Ok(()) | Err(Error::LogFull { .. })),
        "{refused:?}"
    );
    assert_eq!(drain(&device).len(), 62);
    let key = device.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    sign_well(key.as_ref(), b"goes on");
}

#[test]
fn reading_is_not_kept_from_a_busy_device() {
    let site = Site::commissioned();
    let (device, key) = signing_key(&site, "issuing", KeyRole::IssuingCa, KeyAlgorithm::P256);
    site.misbehave(r#"{"do":"delay","milliseconds":50,"command":86}"#);
    std::thread::scope(|scope| {
        let signer = scope.spawn(|| {
            for _ in 0..20 {
                sign_well(key.as_ref(), b"x");
            }
        });
        for _ in 0..5 {
            drain(&device);
            std::thread::sleep(Duration::from_millis(20));
        }
        signer.join().unwrap();
    });
}
