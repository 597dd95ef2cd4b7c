//! A fresh device is set up once, and setting it up again changes nothing.

use kasane_hsm::config::{Access, OcspSignerKeys};
use kasane_hsm::yubihsm::provision::{self, CommissionPlan, Login, Outcome, Place};
use kasane_hsm::{Device, Error, KeyBackend, KeyRole};
use kasane_hsm_simulator::{Firmware, Options};
use kasane_verify::KeyAlgorithm;
use zeroize::Zeroizing;

use crate::support::{Site, default_login, drain, label, place, plan, sign_well};

#[test]
fn second_time_finds_everything_there() {
    let site = Site::fresh();
    let first = site.commission().unwrap();
    assert_eq!(first.ceremony, Outcome::Done);
    assert_eq!(first.audit_options, Outcome::Done);
    assert_eq!(first.default_key, Outcome::Done);
    assert_eq!(first.identity.manufacturer, "Kasane");
    assert_eq!(first.identity.model, "YubiHSM 2 simulator");
    let second = site.commission().unwrap();
    assert_eq!(second.identity, first.identity);
    for outcome in [
        second.ceremony,
        second.signing,
        second.audit,
        second.audit_options,
        second.default_key,
    ] {
        assert_eq!(outcome, Outcome::There);
    }
}

#[test]
fn device_of_old_firmware_that_logs_everything_is_set_up_within_its_log() {
    let site = Site::with(Options {
        firmware: Firmware(2, 2, 0),
        ..Options::default()
    });
    site.commission().unwrap();
    let device = site.device(Access::Ceremony);
    assert!(drain(&device).len() < 62);
    device
        .generate(&label("root"), KeyRole::RootCa, KeyAlgorithm::P384)
        .unwrap();
}

#[test]
fn each_interruption_is_taken_up_where_it_was() {
    // The commands that change something: store, option, delete.
    for code in [0x44, 0x4f, 0x58] {
        for lost in ["lose_request", "lose_answer"] {
            let site = Site::fresh();
            site.misbehave(&format!(r#"{{"do":"{lost}","command":{code},"count":1}}"#));
            let error = site.commission().unwrap_err();
            assert!(error.was_attempted(), "{code:02x} {lost}: {error}");
            site.commission().unwrap();
            let error = open_default(&site);
            assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
            site.device(Access::Ceremony)
                .generate(&label("root"), KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
        }
    }
}

fn open_default(site: &Site) -> Error {
    let mut config = crate::support::config(&site.simulator.url());
    let ceremony = config.ceremony.as_mut().unwrap();
    ceremony.key_id = 1;
    ceremony.password = kasane_hsm::config::Credential::File("password".into());
    crate::support::device(&config, Access::Ceremony)
        .keys()
        .unwrap_err()
}

#[test]
fn credential_of_other_rights_under_the_same_id_is_refused() {
    let site = Site::fresh();
    let commission = |plan: &CommissionPlan| {
        provision::commission(&place(&site.simulator.url()), &default_login(), plan)
    };
    let swapped = CommissionPlan {
        ceremony: plan().signing,
        signing: plan().ceremony,
        ..plan()
    };
    // Stops before the default credential is gone.
    site.misbehave(r#"{"do":"refuse","error":"storage_failed","command":88,"count":1}"#);
    commission(&plan()).unwrap_err();
    let error = commission(&swapped).unwrap_err();
    assert!(matches!(error, Error::Device { .. }), "{error}");
    commission(&plan()).unwrap();
}

#[test]
fn weak_or_clashing_plans_and_unknown_devices_are_refused() {
    let site = Site::fresh();
    let short = CommissionPlan {
        audit: Login {
            key_id: 4,
            password: Zeroizing::new(b"short".to_vec()),
        },
        ..plan()
    };
    let clash = CommissionPlan {
        audit: Login {
            key_id: 1,
            password: Zeroizing::new(b"a long password".to_vec()),
        },
        ..plan()
    };
    for plan in [short, clash] {
        let url = site.simulator.url();
        let error = provision::commission(&place(&url), &default_login(), &plan).unwrap_err();
        assert!(matches!(error, Error::BadConfiguration { .. }), "{error}");
        assert!(!format!("{plan:?} {error}").contains("long password"));
    }
    let url = site.simulator.url();
    let error = provision::commission(
        &Place {
            serial: Some(12),
            ..place(&url)
        },
        &default_login(),
        &plan(),
    )
    .unwrap_err();
    assert!(matches!(error, Error::WrongDevice { .. }), "{error}");
    let unknown = Login {
        key_id: 1,
        password: Zeroizing::new(b"changed by another".to_vec()),
    };
    let error = provision::commission(&place(&url), &unknown, &plan()).unwrap_err();
    assert!(matches!(error, Error::WrongCredential { .. }), "{error}");
}

/// A plan whose signing credential makes OCSP signers.
fn with_ocsp_signers() -> CommissionPlan {
    CommissionPlan {
        ocsp_signers: OcspSignerKeys::Device,
        ..plan()
    }
}

/// A signer takes over from another while nobody of the ceremony is there: made, attested with the
/// device's own certificate behind it, and used, all with the credential of the service.
#[test]
fn signing_credential_rolls_ocsp_signers_over_by_itself() {
    let site = Site::fresh();
    let url = site.simulator.url();
    provision::commission(&place(&url), &default_login(), &with_ocsp_signers()).unwrap();
    let device = site.device(Access::Signing);
    for name in ["ocsp-1", "ocsp-2"] {
        let role = KeyRole::OcspResponder;
        device
            .generate(&label(name), role, KeyAlgorithm::P256)
            .unwrap();
        let attestation = device.attestation(&label(name)).unwrap().unwrap();
        assert_eq!(attestation.chain.len(), 1, "{name}");
        let key = device.open(&label(name), role).unwrap();
        sign_well(key.as_ref(), b"response");
    }
}

#[test]
fn ocsp_signers_in_the_device_are_made_by_the_signing_credential_and_stay_apart_from_roots() {
    let site = Site::fresh();
    let url = site.simulator.url();
    provision::commission(&place(&url), &default_login(), &with_ocsp_signers()).unwrap();
    let device = site.device(Access::Signing);
    device
        .generate(&label("ocsp-1"), KeyRole::OcspResponder, KeyAlgorithm::P256)
        .unwrap();
    let key = device
        .open(&label("ocsp-1"), KeyRole::OcspResponder)
        .unwrap();
    sign_well(key.as_ref(), b"response");
    let error = device
        .generate(&label("root"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    assert!(device.wrapping().unwrap().put_wrap_key(&[1; 32]).is_err());
}
