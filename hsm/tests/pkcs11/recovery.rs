//! What was lost comes back without a restart.

use std::fs;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use kasane_hsm::{Device, KeyBackend, KeyRole};
use kasane_verify::KeyAlgorithm;

use crate::signing::restart;
use crate::world::{self, World, alone, label};

#[test]
fn lost_sessions_are_reopened_without_restart() {
    alone(
        "recovery::lost_sessions_are_reopened_without_restart",
        |world| {
            let device = world.faulty_device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            for round in 1..=5 {
                // SoftHSM itself closes them all, between the wait for a session and its use.
                world.plan("C_SignInit", "close", 0, 1);
                world::sign(key.as_ref()).unwrap();
                world.plan("C_GetSessionInfo", "close", 0, 1);
                device.probe().unwrap();
                world.plan("C_FindObjectsInit", "close", 0, 1);
                assert_eq!(device.keys().unwrap().len(), 1);
                assert_eq!(world.calls("C_Sign"), round);
            }
        },
    );
}

#[test]
fn library_that_another_part_of_the_process_ended_begins_anew() {
    alone(
        "recovery::library_that_another_part_of_the_process_ended_begins_anew",
        |world| {
            let device = world.device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            for _ in 0..5 {
                restart(world);
                world::sign(key.as_ref()).unwrap();
                restart(world);
                device.probe().unwrap();
            }
        },
    );
}

#[test]
fn library_that_another_part_of_the_process_owns_is_shared() {
    alone(
        "recovery::library_that_another_part_of_the_process_owns_is_shared",
        |world| {
            let theirs = Pkcs11::new(world.library()).unwrap();
            let args = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
            theirs.initialize(args).unwrap();
            let device = world.device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
            // They end it and begin it: our handles are void.
            theirs.clone().finalize().unwrap();
            theirs.initialize(args).unwrap();
            world::sign(key.as_ref()).unwrap();
        },
    );
}

fn hide(world: &World) {
    fs::rename(world.folder().join("tokens"), world.folder().join("hidden")).unwrap();
    fs::create_dir(world.folder().join("tokens")).unwrap();
}

fn show(world: &World) {
    fs::remove_dir_all(world.folder().join("tokens")).unwrap();
    fs::rename(world.folder().join("hidden"), world.folder().join("tokens")).unwrap();
}

#[test]
fn removed_token_serves_again_when_it_is_back() {
    alone(
        "recovery::removed_token_serves_again_when_it_is_back",
        |world| {
            let device = world.device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P384)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            for _ in 0..2 {
                hide(world);
                restart(world);
                for _ in 0..3 {
                    let error = world::sign(key.as_ref()).unwrap_err();
                    assert_eq!(error.code(), "device.unreachable");
                    assert!(!error.was_attempted());
                    assert_eq!(device.probe().unwrap_err().code(), "device.unreachable");
                    assert!(device.keys().is_err());
                }
                show(world);
                world::sign_again_and_again(key.as_ref());
                device.probe().unwrap();
            }
        },
    );
}

#[test]
fn device_whose_token_is_absent_at_the_start_joins_later() {
    alone(
        "recovery::device_whose_token_is_absent_at_the_start_joins_later",
        |world| {
            let device = world.device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            drop(device);
            hide(world);
            restart(world);
            let config = world.config(world.library());
            let name = kasane_hsm::DeviceName::new("token-a").unwrap();
            let pin = world::Given(world::PIN);
            let device = kasane_hsm::Pkcs11Device::unconnected(name, &config, &[], &pin).unwrap();
            let error = device.probe().unwrap_err();
            assert_eq!(error.code(), "device.unreachable");
            show(world);
            let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
            while let Err(error) = device.probe() {
                assert!(std::time::Instant::now() < end, "{error}");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
        },
    );
}

#[test]
fn token_that_is_gone_does_not_stop_another_of_the_same_library() {
    alone(
        "recovery::token_that_is_gone_does_not_stop_another_of_the_same_library",
        |world| {
            let healthy = world.device();
            let label = label("one");
            healthy
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = healthy.open(&label, KeyRole::RootCa).unwrap();
            let mut config = world.config(world.library());
            config.token_label = Some("gone".to_owned());
            let name = kasane_hsm::DeviceName::new("token-b").unwrap();
            let pin = world::Given(world::PIN);
            let gone = kasane_hsm::Pkcs11Device::unconnected(name, &config, &[], &pin).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..200 {
                            world::sign(key.as_ref()).unwrap();
                        }
                    });
                }
                for _ in 0..20 {
                    assert_eq!(gone.probe().unwrap_err().code(), "device.unreachable");
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
            });
        },
    );
}

#[test]
fn eight_threads_keep_signing_while_the_library_ends_again_and_again() {
    alone(
        "recovery::eight_threads_keep_signing_while_the_library_ends_again_and_again",
        |world| {
            let device = world.faulty_device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..100 {
                            // A loss in the renewal's own steps reaches the caller, unasked.
                            world::sign_again_and_again(key.as_ref());
                        }
                    });
                }
                for _ in 0..20 {
                    let before = world.calls("C_Sign");
                    world.plan("C_SignInit", "before", 0x190, 1);
                    while world.calls("C_Sign") == before && world.calls("C_Sign") < 700 {
                        std::thread::yield_now();
                    }
                }
            });
            assert_eq!(world.calls("C_Sign"), 800);
            assert!(world.calls("C_Finalize") > 0);
        },
    );
}

#[test]
fn key_that_was_exchanged_on_the_token_is_not_signed_with() {
    alone(
        "recovery::key_that_was_exchanged_on_the_token_is_not_signed_with",
        |world| {
            let device = world.faulty_device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            let mut deleted = true;
            for kind in ["privkey", "pubkey"] {
                let arguments = ["--delete-object", "--type", kind, "--label", "one"];
                deleted &= world.opensc("exchanged key", &arguments).is_some();
            }
            if !deleted {
                return;
            }
            world.plan("C_SignInit", "close", 0, 1);
            assert_eq!(
                world::sign(key.as_ref()).unwrap_err().code(),
                "key.not-found"
            );
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let error = world::sign(key.as_ref()).unwrap_err();
            assert_eq!(error.code(), "device.wrong-device", "{error}");
            let again = device.open(&label, KeyRole::RootCa).unwrap();
            world::sign(again.as_ref()).unwrap();
            assert_eq!(world.calls("C_Sign"), 1);
        },
    );
}
