//! Every algorithm, and many at once.

use std::sync::Barrier;
use std::time::Duration;

use kasane_hsm::config::HashOn;
use kasane_hsm::{Device, KeyBackend, KeyRole, SigningKey};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};

use crate::signatures;
use crate::world::{self, MESSAGE, World, alone, label};

const ALGORITHMS: [KeyAlgorithm; 6] = [
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::RSA_2048,
    KeyAlgorithm::RSA_3072,
    KeyAlgorithm::RSA_4096,
];

fn check_signatures(key: &dyn SigningKey) {
    let info = key.info();
    signatures::check((info.algorithm, &info.spki), MESSAGE, &|algorithm| {
        let made = key.sign(&world::request(algorithm));
        made.map(|it| it.octets)
            .map_err(|error| (error.code(), error.was_attempted()))
    });
}

#[test]
fn every_algorithm_signs_whoever_hashes_and_after_a_restart() {
    alone(
        "signing::every_algorithm_signs_whoever_hashes_and_after_a_restart",
        |world| {
            let device = world.device();
            let mut expected = Vec::new();
            for algorithm in ALGORITHMS {
                let label = label(&format!("key-{algorithm}"));
                let info = device
                    .generate(&label, KeyRole::IssuingCa, algorithm)
                    .unwrap();
                assert_eq!(
                    (&info.label, info.role, info.algorithm),
                    (&label, KeyRole::IssuingCa, algorithm)
                );
                assert_eq!(
                    device.key_id(&label).unwrap(),
                    format!("issuing-ca/{label}").into_bytes()
                );
                assert_eq!(device.attestation(&label).unwrap(), None);
                let key = device.open(&label, KeyRole::IssuingCa).unwrap();
                assert_eq!(key.info(), &info);
                check_signatures(key.as_ref());
                expected.push(info);
            }
            expected.sort_by(|a, b| a.label.cmp(&b.label));
            assert_eq!(device.keys().unwrap(), expected);
            drop(device);

            // Nothing of the process is left to the library.
            restart(world);
            let mut config = world.config(world.library());
            config.hash_on = HashOn::Token;
            let device = world::open(&config, &[]).unwrap();
            assert_eq!(device.keys().unwrap(), expected);
            for info in &expected {
                check_signatures(device.open(&info.label, info.role).unwrap().as_ref());
            }
        },
    );
}

/// Ends the library behind everybody's back, as another part of the process might.
pub(crate) fn restart(world: &World) {
    let library = cryptoki::context::Pkcs11::new(world.library()).unwrap();
    library.finalize().unwrap();
}

#[test]
fn names_and_roles_are_kept_apart() {
    alone("signing::names_and_roles_are_kept_apart", |world| {
        let device = world.device();
        let known = label("ledger");
        device
            .generate(&known, KeyRole::Ledger, KeyAlgorithm::Ed25519)
            .unwrap();
        let error = device.generate(&known, KeyRole::RootCa, KeyAlgorithm::P256);
        assert_eq!(error.unwrap_err().code(), "key.exists");
        let error = device.open(&known, KeyRole::RootCa).unwrap_err();
        assert_eq!(error.code(), "key.role-mismatch");
        let none = label("none");
        for code in [
            device.open(&none, KeyRole::RootCa).unwrap_err().code(),
            device.attestation(&none).unwrap_err().code(),
            device.key_id(&none).unwrap_err().code(),
        ] {
            assert_eq!(code, "key.not-found");
        }
        for algorithm in [KeyAlgorithm::P521, KeyAlgorithm::Rsa { bits: 1024 }] {
            let error = device.generate(&none, KeyRole::RootCa, algorithm);
            assert_eq!(error.unwrap_err().code(), "key.algorithm-unsupported");
        }
        let key = device.open(&known, KeyRole::Ledger).unwrap();
        let mut late = world::request(SignatureAlgorithm::Ed25519);
        late.deadline = Duration::ZERO;
        let error = key.sign(&late).unwrap_err();
        assert_eq!(error.code(), "key.timed-out");
        assert!(!error.was_attempted());
    });
}

#[test]
fn eight_threads_share_three_sessions() {
    alone("signing::eight_threads_share_three_sessions", |world| {
        world.init(&world.faulty(), world::TOKEN);
        let mut config = world.config(&world.faulty());
        config.sessions = 3;
        let device = world::open(&config, &[]).unwrap();
        assert_eq!(device.lanes().get(), 3);
        let label = label("one");
        device
            .generate(&label, KeyRole::IssuingCa, KeyAlgorithm::P256)
            .unwrap();
        let key = device.open(&label, KeyRole::IssuingCa).unwrap();
        let looked_up = world.calls("C_FindObjectsInit");
        let begin = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    begin.wait();
                    for _ in 0..50 {
                        world::sign(key.as_ref()).unwrap();
                    }
                });
            }
        });
        assert_eq!(world.calls("C_Sign"), 400);
        assert!(world.calls("C_OpenSession") <= 3);
        assert_eq!(world.calls("C_Login"), 1);
        assert_eq!(world.calls("C_FindObjectsInit"), looked_up);
    });
}

#[test]
fn who_waits_too_long_for_a_session_has_not_asked_the_token() {
    alone(
        "signing::who_waits_too_long_for_a_session_has_not_asked_the_token",
        |world| {
            world.init(&world.faulty(), world::TOKEN);
            let mut config = world.config(&world.faulty());
            config.sessions = 1;
            let device = world::open(&config, &[]).unwrap();
            let label = label("one");
            device
                .generate(&label, KeyRole::IssuingCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::IssuingCa).unwrap();
            world.plan("C_Sign", "hold", 0, 1);
            std::thread::scope(|scope| {
                let first = scope.spawn(|| world::sign(key.as_ref()));
                while world.calls("held") == 0 {
                    std::thread::yield_now();
                }
                let mut hurried = world::request(SignatureAlgorithm::EcdsaSha256);
                hurried.deadline = Duration::from_millis(30);
                let error = key.sign(&hurried).unwrap_err();
                assert_eq!(error.code(), "key.timed-out");
                assert!(!error.was_attempted());
                world.untell("C_Sign");
                first.join().unwrap().unwrap();
            });
            assert_eq!(world.calls("C_Sign"), 1);
        },
    );
}
