//! Which token it is.

use kasane_hsm::config::Pkcs11Config;
use kasane_hsm::{BackendKind, Device, KeyBackend, KeyRole, pkcs11};
use kasane_tests::tools::{self, Tool};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, PIN, SO_PIN, TOKEN, alone, label};

/// `CKF_HW_SLOT`.
const HARDWARE_SLOT: &str = "4";

#[test]
fn tokens_of_one_library_are_told_apart_by_label_and_serial() {
    alone(
        "tokens::tokens_of_one_library_are_told_apart_by_label_and_serial",
        |world| {
            let first = world.device();
            let serial = world.init(world.library(), "second");
            let mut config = world.config(world.library());
            config.token_label = None;
            config.token_serial = Some(serial.clone());
            let second = world::open(&config, &[]).unwrap();
            assert_eq!(second.identity().unwrap().serial, serial);
            assert_ne!(first.identity().unwrap().serial, serial);
            let label = label("same");
            let keys = [&first, &second].map(|device| {
                device
                    .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                    .unwrap()
            });
            assert_ne!(keys[0].spki, keys[1].spki);
            for (device, info) in [&first, &second].into_iter().zip(&keys) {
                assert_eq!(device.keys().unwrap(), std::slice::from_ref(info));
                let key = device.open(&label, KeyRole::RootCa).unwrap();
                world::sign(key.as_ref()).unwrap();
            }

            config.token_label = Some(TOKEN.to_owned());
            let error = world::open(&config, &[]).unwrap_err();
            assert_eq!(error.code(), "device.unreachable");
            for part in ["kasane", "second", serial.as_str()] {
                assert!(error.to_string().contains(part), "{error}");
            }
        },
    );
}

#[test]
fn two_tokens_of_one_label_need_a_serial() {
    alone("tokens::two_tokens_of_one_label_need_a_serial", |world| {
        let Some(tool) = Tool::SoftHsm2Util.or_skip("two tokens of one label") else {
            return;
        };
        for _ in 0..2 {
            let output = tool.run([
                "--init-token",
                "--free",
                "--label",
                TOKEN,
                "--so-pin",
                SO_PIN,
                "--pin",
                PIN,
            ]);
            let _ = tools::succeed("softhsm2-util --init-token", &output);
        }
        let error = world::open(&world.config(world.library()), &[]).unwrap_err();
        assert_eq!(error.code(), "device.wrong-device");
        assert!(error.to_string().contains("2 tokens fit"), "{error}");
    });
}

#[test]
fn what_is_no_pkcs11_library_is_said() {
    alone("tokens::what_is_no_pkcs11_library_is_said", |world| {
        let text = world.folder().join("softhsm2.conf");
        let missing = world.folder().join("missing.so");
        for path in [&text, &missing] {
            let error = world::open(&world.config(path), &[]).unwrap_err();
            assert_eq!(error.code(), "device.wrong-device");
            assert!(
                error.to_string().contains(path.to_str().unwrap()),
                "{error}"
            );
        }
    });
}

#[test]
fn softhsm_is_software_whoever_vouches_for_it() {
    alone(
        "tokens::softhsm_is_software_whoever_vouches_for_it",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let mut config = world.config(&world.faulty());
            config.vouched_hardware = true;
            world.tell("slot-flags", HARDWARE_SLOT);
            let device = world::open(&config, &[]).unwrap();
            assert_eq!(device.kind(), BackendKind::Software);
            let text = device.describe();
            assert!(
                text.starts_with("development keys in software: SoftHSM"),
                "{text}"
            );
            assert!(text.contains("\"kasane\""), "{text}");
            let identity = device.identity().unwrap();
            assert!(identity.manufacturer.contains("SoftHSM"), "{identity:?}");
            assert!(identity.model.contains("SoftHSM"), "{identity:?}");
            assert!(!identity.serial.is_empty() && !identity.firmware.is_empty());
        },
    );
}

#[test]
fn hardware_is_what_the_slot_or_the_operator_says() {
    alone(
        "tokens::hardware_is_what_the_slot_or_the_operator_says",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let mut config = world.config(&world.faulty());
            world.tell("maker", "X");
            let kind = |config: &Pkcs11Config| world::open(config, &[]).unwrap().kind();
            assert_eq!(kind(&config), BackendKind::Software);
            config.vouched_hardware = true;
            assert_eq!(kind(&config), BackendKind::Hardware);
            config.vouched_hardware = false;
            world.tell("slot-flags", HARDWARE_SLOT);
            assert_eq!(kind(&config), BackendKind::Hardware);
        },
    );
}

#[test]
fn token_that_exists_is_never_initialised_again() {
    alone(
        "tokens::token_that_exists_is_never_initialised_again",
        |world| {
            let device = world.device();
            let label = label("one");
            let made = device.generate(&label, KeyRole::RootCa, KeyAlgorithm::P256);
            let error = pkcs11::provision::init_token(world.library(), TOKEN, SO_PIN, PIN);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("there already"), "{error}");
            assert_eq!(device.keys().unwrap(), [made.unwrap()]);
            let long = "x".repeat(33);
            for (label, pin) in [
                ("", PIN),
                (long.as_str(), PIN),
                ("blank ", PIN),
                ("short", "1"),
            ] {
                let result = pkcs11::provision::init_token(world.library(), label, SO_PIN, pin);
                let error = result.unwrap_err();
                assert!(!error.to_string().contains(SO_PIN), "{error}");
            }
        },
    );
}
