//! The device itself keeps the credentials apart.

use kasane_hsm::config::{Access, OcspSignerKeys};
use kasane_hsm::device::WrappedKey;
use kasane_hsm::yubihsm::provision::{self, CommissionPlan};
use kasane_hsm::{Device, Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{Site, default_login, label, place, plan, sign, sign_well};

#[test]
fn signing_credential_has_no_root_makes_no_key_and_exports_none() {
    let site = Site::commissioned();
    let ceremony = site.device(Access::Ceremony);
    for (name, role) in [("root", KeyRole::RootCa), ("issuing", KeyRole::IssuingCa)] {
        ceremony
            .generate(&label(name), role, KeyAlgorithm::P384)
            .unwrap();
    }
    ceremony.wrapping().unwrap().put_wrap_key(&[3; 32]).unwrap();
    let root = ceremony.open(&label("root"), KeyRole::RootCa).unwrap();
    sign_well(root.as_ref(), b"certificate");

    let signing = site.device(Access::Signing);
    let error = signing.open(&label("root"), KeyRole::RootCa).unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
    let error = signing
        .generate(&label("new"), KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    assert!(!error.was_attempted());
    let wrapping = signing.wrapping().unwrap();
    let error = wrapping.export(&label("issuing")).unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    let forged = WrappedKey {
        label: label("forged"),
        wrap_key_id: vec![0, 1],
        octets: vec![1; 90],
    };
    let error = wrapping.import(&forged).unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    let error = signing.attestation(&label("issuing")).unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    let issuing = signing.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    sign_well(issuing.as_ref(), b"certificate");
}

#[test]
fn signing_credential_that_makes_ocsp_signers_still_has_no_root_and_exports_none() {
    let site = Site::fresh();
    let plan = CommissionPlan {
        ocsp_signers: OcspSignerKeys::Device,
        ..plan()
    };
    provision::commission(&place(&site.simulator.url()), &default_login(), &plan).unwrap();
    let ceremony = site.device(Access::Ceremony);
    for (name, role) in [("root", KeyRole::RootCa), ("issuing", KeyRole::IssuingCa)] {
        ceremony
            .generate(&label(name), role, KeyAlgorithm::P256)
            .unwrap();
    }
    ceremony.wrapping().unwrap().put_wrap_key(&[3; 32]).unwrap();
    let signing = site.device(Access::Signing);
    let error = signing.attestation(&label("root")).unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
    let error = signing.open(&label("root"), KeyRole::RootCa).unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
    let wrapping = signing.wrapping().unwrap();
    let error = wrapping.export(&label("issuing")).unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    assert!(wrapping.put_wrap_key(&[1; 32]).is_err());
    // What it may beyond signing tells only what a key is.
    assert!(signing.attestation(&label("issuing")).unwrap().is_some());
}

#[test]
fn audit_credential_sees_keys_and_uses_none() {
    let site = Site::commissioned();
    site.device(Access::Ceremony)
        .generate(&label("issuing"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    let audit = site.device(Access::Audit);
    let key = audit.open(&label("issuing"), KeyRole::IssuingCa).unwrap();
    let error = sign(key.as_ref(), b"x").unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    let error = audit
        .generate(&label("new"), KeyRole::IssuingCa, KeyAlgorithm::P384)
        .unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    assert!(
        !audit
            .command_log()
            .unwrap()
            .read()
            .unwrap()
            .entries
            .is_empty()
    );
}

#[test]
fn signing_key_of_the_log_cannot_read_it_by_itself() {
    let site = Site::commissioned();
    let mut config = crate::support::config(&site.simulator.url());
    config.audit = None;
    let device = crate::support::device(&config, Access::Signing);
    assert!(device.command_log().is_none());
}
