//! Each kind of key, and the list of keys.

use kasane_hsm::config::{Access, ForeignKey};
use kasane_hsm::{BackendKind, Device, Error, KeyBackend, KeyRole, Priority, SignRequest};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::support::{PATIENCE, Site, config, device_with, label, sign, sign_well, signing_key};

#[test]
fn each_algorithm_signs_what_aws_lc_verifies() {
    let site = Site::commissioned();
    // One of each: a device drops a session only 30 s after its process has gone.
    let ceremony = site.device(Access::Ceremony);
    let signing = site.device(Access::Signing);
    for (name, role, algorithm) in [
        ("p256", KeyRole::IssuingCa, KeyAlgorithm::P256),
        ("p384", KeyRole::IssuingCa, KeyAlgorithm::P384),
        ("ledger", KeyRole::Ledger, KeyAlgorithm::Ed25519),
        ("rsa-2048", KeyRole::IssuingCa, KeyAlgorithm::RSA_2048),
        ("rsa-3072", KeyRole::IssuingCa, KeyAlgorithm::RSA_3072),
        ("rsa-4096", KeyRole::IssuingCa, KeyAlgorithm::RSA_4096),
    ] {
        let made = ceremony.generate(&label(name), role, algorithm).unwrap();
        let key = signing.open(&label(name), role).unwrap();
        assert_eq!(*key.info(), made);
        assert_eq!(made.algorithm, algorithm);
        for message in [&b""[..], b"message", &[7; 1500]] {
            sign_well(key.as_ref(), message);
        }
        assert_eq!(signing.key_id(&label(name)).unwrap().len(), 2);
        crate::support::drain(&signing);
    }
    let keys = signing.keys().unwrap();
    let labels: Vec<_> = keys.iter().map(|key| key.label.as_str()).collect();
    let sorted = ["ledger", "p256", "p384", "rsa-2048", "rsa-3072", "rsa-4096"];
    assert_eq!(labels, sorted);
}

#[test]
fn signature_that_the_backend_cannot_make_is_refused_before_anything_is_sent() {
    let site = Site::commissioned();
    let (_device, rsa) = signing_key(&site, "rsa", KeyRole::IssuingCa, KeyAlgorithm::RSA_2048);
    for algorithm in [
        SignatureAlgorithm::RsaPkcs1Sha384,
        SignatureAlgorithm::RsaPkcs1Sha512,
        SignatureAlgorithm::EcdsaSha256,
    ] {
        let error = rsa
            .sign(&SignRequest {
                algorithm,
                message: b"x",
                priority: Priority::Bulk,
                deadline: PATIENCE,
            })
            .unwrap_err();
        assert_eq!(error.code(), "key.signature-unsupported");
    }
    let (_device, ledger) = signing_key(&site, "log", KeyRole::Ledger, KeyAlgorithm::Ed25519);
    sign_well(ledger.as_ref(), &[1; 2026]);
    let error = sign(ledger.as_ref(), &[1; 2027]).unwrap_err();
    assert_eq!(error.code(), "device.not-permitted");
    assert!(!error.was_attempted());
    assert_eq!(site.executed(0x47), 0);
}

#[test]
fn label_is_never_made_twice_and_unknown_algorithms_are_refused() {
    let site = Site::commissioned();
    let device = site.device(Access::Ceremony);
    let make = |algorithm| device.generate(&label("one"), KeyRole::RootCa, algorithm);
    let made = make(KeyAlgorithm::P384).unwrap();
    assert_eq!(made.role, KeyRole::RootCa);
    for role in KeyRole::ALL {
        let error = device
            .generate(&label("one"), role, KeyAlgorithm::P256)
            .unwrap_err();
        assert!(matches!(error, Error::KeyExists { .. }), "{error}");
    }
    let error = device
        .generate(&label("two"), KeyRole::RootCa, KeyAlgorithm::P521)
        .unwrap_err();
    assert_eq!(error.code(), "key.algorithm-unsupported");
    assert_eq!(device.keys().unwrap(), [made]);
    let error = device.open(&label("one"), KeyRole::Ledger).unwrap_err();
    assert!(matches!(error, Error::RoleMismatch { .. }), "{error}");
    let error = device.open(&label("none"), KeyRole::RootCa).unwrap_err();
    assert!(matches!(error, Error::KeyNotFound { .. }), "{error}");
}

#[test]
fn two_that_make_the_same_key_at_once_do_not_both_succeed() {
    let site = Site::commissioned();
    let made = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    site.device(Access::Ceremony).generate(
                        &label("contested"),
                        KeyRole::IssuingCa,
                        KeyAlgorithm::RSA_2048,
                    )
                })
            })
            .collect();
        makers
            .into_iter()
            .map(|maker| maker.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(made.iter().filter(|it| it.is_ok()).count(), 1, "{made:?}");
    for error in made.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), "key.exists", "{error}");
    }
    assert_eq!(site.device(Access::Ceremony).keys().unwrap().len(), 1);
}

#[test]
fn key_that_was_there_before_is_found_under_its_own_name() {
    let site = Site::fresh();
    // Made by another program, in another domain, under the default credential.
    let client = yubihsm::Client::open(
        yubihsm::Connector::http(&yubihsm::HttpConfig {
            port: site.simulator.listening().connector.port(),
            ..yubihsm::HttpConfig::default()
        }),
        yubihsm::Credentials::default(),
        false,
    )
    .unwrap();
    client
        .generate_asymmetric_key(
            0x0a01,
            "OLD ROOT KEY".into(),
            yubihsm::Domain::DOM2 | yubihsm::Domain::DOM9,
            yubihsm::Capability::SIGN_PKCS,
            yubihsm::asymmetric::Algorithm::Rsa2048,
        )
        .unwrap();
    drop(client);
    site.commission().unwrap();
    let config = config(&site.simulator.url());
    let key = ForeignKey {
        label: "rsa-old".to_owned(),
        role: "issuing-ca".to_owned(),
        device_id: Some("0a01".to_owned()),
        device_label: Some("OLD ROOT KEY".to_owned()),
    };
    let by_label = ForeignKey {
        device_id: None,
        ..key.clone()
    };
    let by_id = ForeignKey {
        device_label: None,
        ..key.clone()
    };
    for key in [&key, &by_label, &by_id] {
        let device = device_with(&config, std::slice::from_ref(key), Access::Signing).unwrap();
        let opened = device.open(&label("rsa-old"), KeyRole::IssuingCa).unwrap();
        sign_well(opened.as_ref(), b"message");
        assert_eq!(device.key_id(&label("rsa-old")).unwrap(), [0x0a, 0x01]);
    }
    let other = ForeignKey {
        device_label: Some("NEW".to_owned()),
        ..key.clone()
    };
    let device = device_with(&config, &[other], Access::Signing).unwrap();
    let error = device
        .open(&label("rsa-old"), KeyRole::IssuingCa)
        .unwrap_err();
    assert_eq!(error.code(), "key.not-found");
    let device = device_with(&config, &[], Access::Signing).unwrap();
    assert!(device.keys().unwrap().is_empty());
    let odd = ForeignKey {
        device_id: Some("0a0102".to_owned()),
        ..key
    };
    let error = device_with(&config, &[odd], Access::Signing).unwrap_err();
    assert_eq!(error.code(), "device.bad-configuration");
}

#[test]
fn simulator_is_told_from_a_device_by_configuration_and_by_its_own_word() {
    let site = Site::commissioned();
    let mut config = config(&site.simulator.url());
    let device = device_with(&config, &[], Access::Signing).unwrap();
    assert_eq!(device.kind(), BackendKind::Simulator);
    config.simulator = false;
    let device = device_with(&config, &[], Access::Signing).unwrap();
    assert_eq!(device.kind(), BackendKind::Simulator);
    assert!(
        device.describe().contains("simulated"),
        "{}",
        device.describe()
    );
    let identity = device.identity().unwrap();
    assert_eq!(
        identity.serial,
        site.simulator.listening().serial.to_string()
    );
    assert_eq!(identity.firmware, "2.4.0");
    assert!(identity.model.contains("simulator"));
}
