//! Backup, and a second device with the same keys.

use kasane_hsm::config::Access;
use kasane_hsm::device::WrappedKey;
use kasane_hsm::{Device, Error, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::support::{Site, drain, label, sign_well};

#[test]
fn keys_of_every_kind_come_into_a_second_device_with_label_role_and_id() {
    let (first, second) = (Site::commissioned(), Site::commissioned());
    let (from, to) = (
        first.device(Access::Ceremony),
        second.device(Access::Ceremony),
    );
    let error = from.wrapping().unwrap().export(&label("p256")).unwrap_err();
    assert_eq!(error.code(), "key.not-found");
    for device in [&from, &to] {
        device.wrapping().unwrap().put_wrap_key(&[7; 32]).unwrap();
        let again = device.wrapping().unwrap().put_wrap_key(&[8; 32]);
        assert!(matches!(again, Err(Error::KeyExists { .. })), "{again:?}");
    }
    for (name, role, algorithm) in [
        ("p256", KeyRole::IssuingCa, KeyAlgorithm::P256),
        ("p384", KeyRole::RootCa, KeyAlgorithm::P384),
        ("ed", KeyRole::Ledger, KeyAlgorithm::Ed25519),
        ("rsa-2048", KeyRole::IssuingCa, KeyAlgorithm::RSA_2048),
        ("rsa-4096", KeyRole::RootCa, KeyAlgorithm::RSA_4096),
    ] {
        let made = from.generate(&label(name), role, algorithm).unwrap();
        let wrapped = from.wrapping().unwrap().export(&label(name)).unwrap();
        assert_eq!(wrapped.label, label(name));
        let imported = to.wrapping().unwrap().import(&wrapped).unwrap();
        assert_eq!(imported, made);
        let again = to.wrapping().unwrap().import(&wrapped);
        assert!(matches!(again, Err(Error::KeyExists { .. })), "{again:?}");
        assert_eq!(
            to.key_id(&label(name)).unwrap(),
            from.key_id(&label(name)).unwrap()
        );
        for device in [&from, &to] {
            let key = device.open(&label(name), role).unwrap();
            sign_well(key.as_ref(), b"message");
            drain(device);
        }
    }
}

#[test]
fn key_of_another_wrap_key_or_a_changed_octet_is_refused() {
    let (first, second) = (Site::commissioned(), Site::commissioned());
    let (from, to) = (
        first.device(Access::Ceremony),
        second.device(Access::Ceremony),
    );
    from.wrapping().unwrap().put_wrap_key(&[7; 32]).unwrap();
    to.wrapping().unwrap().put_wrap_key(&[8; 32]).unwrap();
    from.generate(&label("p256"), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    let wrapped = from.wrapping().unwrap().export(&label("p256")).unwrap();
    for octets in [wrapped.octets.clone(), vec![1; 13], vec![], vec![9; 60]] {
        let key = WrappedKey {
            octets,
            ..wrapped.clone()
        };
        let error = to.wrapping().unwrap().import(&key).unwrap_err();
        assert!(matches!(error, Error::Device { .. }), "{error}");
    }
    let error = to.wrapping().unwrap().put_wrap_key(&[1; 16]).unwrap_err();
    assert!(matches!(error, Error::Device { .. }), "{error}");
    assert!(to.keys().unwrap().is_empty());
}
