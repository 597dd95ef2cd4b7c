//! Each way to fail, at each place, is told apart; the next call succeeds.

use kasane_hsm::{Disposition, KeyBackend, KeyRole, SigningKey};
use kasane_verify::KeyAlgorithm;

use crate::world::{self, World, alone, label};

/// Values of `CKR_`.
const HOST_MEMORY: u64 = 0x02;
const SLOT_ID_INVALID: u64 = 0x03;
const GENERAL_ERROR: u64 = 0x05;
const FUNCTION_FAILED: u64 = 0x06;
const DATA_INVALID: u64 = 0x20;
const DEVICE_ERROR: u64 = 0x30;
const DEVICE_REMOVED: u64 = 0x32;
const KEY_HANDLE_INVALID: u64 = 0x60;
const KEY_FUNCTION_NOT_PERMITTED: u64 = 0x68;
const MECHANISM_INVALID: u64 = 0x70;
const OBJECT_HANDLE_INVALID: u64 = 0x82;
const OPERATION_ACTIVE: u64 = 0x90;
const SESSION_CLOSED: u64 = 0xb0;
const SESSION_COUNT: u64 = 0xb1;
const SESSION_HANDLE_INVALID: u64 = 0xb3;
const TOKEN_NOT_PRESENT: u64 = 0xe0;
const USER_NOT_LOGGED_IN: u64 = 0x101;
const NOT_INITIALIZED: u64 = 0x190;
const VENDOR_DEFINED: u64 = 0x8000_0042;

fn key(world: &World, check: impl FnOnce(&dyn SigningKey)) {
    let device = world.faulty_device();
    let label = label("one");
    device
        .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    let key = device.open(&label, KeyRole::RootCa).unwrap();
    world::sign(key.as_ref()).unwrap();
    check(key.as_ref());
}

/// The signature was made, or not, and the answer does not say: never tried again by the device.
#[test]
fn answer_that_does_not_exclude_a_signature_is_an_attempt_and_is_not_repeated() {
    alone(
        "faults::answer_that_does_not_exclude_a_signature_is_an_attempt_and_is_not_repeated",
        |world| {
            key(world, |key| {
                for (value, code, disposition) in [
                    (DEVICE_REMOVED, "device.answer-lost", Disposition::Retry),
                    (DEVICE_ERROR, "device.answer-lost", Disposition::Retry),
                    (SESSION_CLOSED, "device.answer-lost", Disposition::Retry),
                    (HOST_MEMORY, "device.answer-lost", Disposition::Retry),
                    (FUNCTION_FAILED, "key.device", Disposition::Retry),
                    (GENERAL_ERROR, "key.device", Disposition::OtherDevice),
                    (VENDOR_DEFINED, "key.device", Disposition::OtherDevice),
                ] {
                    for action in ["before", "after"] {
                        let before = world.calls("C_Sign");
                        world.plan("C_Sign", action, value, 1);
                        let error = world::sign(key).unwrap_err();
                        assert_eq!(error.code(), code, "{value:x} {error}");
                        assert_eq!(error.disposition(), disposition, "{value:x}");
                        assert!(error.was_attempted(), "{value:x}");
                        assert_eq!(world.calls("C_Sign"), before + 1, "{value:x}");
                        world::sign(key).unwrap();
                    }
                }
            });
        },
    );
}

/// The value says that the token was not even asked: what was lost is made anew in the same call.
#[test]
fn answer_that_excludes_a_signature_is_overcome_in_the_same_call() {
    alone(
        "faults::answer_that_excludes_a_signature_is_overcome_in_the_same_call",
        |world| {
            key(world, |key| {
                for value in [
                    SESSION_HANDLE_INVALID,
                    USER_NOT_LOGGED_IN,
                    KEY_HANDLE_INVALID,
                    OBJECT_HANDLE_INVALID,
                    TOKEN_NOT_PRESENT,
                    SLOT_ID_INVALID,
                    OPERATION_ACTIVE,
                    NOT_INITIALIZED,
                ] {
                    for function in ["C_SignInit", "C_Sign"] {
                        world.plan(function, "before", value, 1);
                        world::sign(key).unwrap_or_else(|error| panic!("{value:x} {error}"));
                    }
                }
                // Before the key is used, nothing was signed whatever the value.
                for value in [DEVICE_REMOVED, DEVICE_ERROR, FUNCTION_FAILED, GENERAL_ERROR] {
                    world.plan("C_SignInit", "before", value, 1);
                    world::sign(key).unwrap_or_else(|error| panic!("{value:x} {error}"));
                }
            });
        },
    );
}

#[test]
fn token_that_stays_away_is_unreachable_and_nothing_was_attempted() {
    alone(
        "faults::token_that_stays_away_is_unreachable_and_nothing_was_attempted",
        |world| {
            key(world, |key| {
                let signed = world.calls("C_Sign");
                for value in [DEVICE_REMOVED, TOKEN_NOT_PRESENT, DEVICE_ERROR] {
                    world.plan("C_SignInit", "before", value, 100);
                    for _ in 0..5 {
                        let error = world::sign(key).unwrap_err();
                        assert_eq!(error.code(), "device.unreachable", "{error}");
                        assert_eq!(error.disposition(), Disposition::OtherDevice);
                        assert!(!error.was_attempted());
                    }
                    world.untell("C_SignInit");
                    assert_eq!(world.calls("C_Sign"), signed);
                    world.plan("C_GetSlotList", "before", value, 100);
                    world.plan("C_SignInit", "close", 0, 1);
                    let error = world::sign(key).unwrap_err();
                    assert_eq!(error.code(), "device.unreachable", "{error}");
                    world.untell("C_GetSlotList");
                    assert_eq!(world.calls("C_Sign"), signed);
                }
                world::sign(key).unwrap();
            });
        },
    );
}

#[test]
fn refusals_are_told_apart() {
    alone("faults::refusals_are_told_apart", |world| {
        key(world, |key| {
            let signed = world.calls("C_Sign");
            for (function, value, code) in [
                ("C_SignInit", MECHANISM_INVALID, "key.signature-unsupported"),
                (
                    "C_SignInit",
                    KEY_FUNCTION_NOT_PERMITTED,
                    "device.not-permitted",
                ),
                ("C_SignInit", DATA_INVALID, "key.device"),
                ("C_SignInit", HOST_MEMORY, "device.busy"),
            ] {
                world.plan(function, "before", value, 1);
                let error = world::sign(key).unwrap_err();
                assert_eq!(error.code(), code, "{error}");
            }
            // Another process holds all sessions.
            world.plan("C_SignInit", "close", 0, 1);
            world.plan("C_OpenSession", "before", SESSION_COUNT, 1);
            let error = world::sign(key).unwrap_err();
            assert_eq!(error.code(), "device.busy", "{error}");
            assert_eq!(world.calls("C_Sign"), signed);
            world::sign(key).unwrap();
        });
    });
}

#[test]
fn lost_answer_to_generate_is_not_repeated() {
    alone("faults::lost_answer_to_generate_is_not_repeated", |world| {
        let device = world.faulty_device();
        let make = |name: &str| device.generate(&label(name), KeyRole::RootCa, KeyAlgorithm::P256);
        world.plan("C_GenerateKeyPair", "after", DEVICE_REMOVED, 1);
        let error = make("one").unwrap_err();
        assert_eq!(error.code(), "device.answer-lost", "{error}");
        assert_eq!(world.calls("C_GenerateKeyPair"), 1);
        // It was made all the same, and is found.
        assert_eq!(make("one").unwrap_err().code(), "key.exists");
        assert_eq!(device.keys().unwrap().len(), 1);
        // Nothing was made: done in the same call.
        world.plan("C_GenerateKeyPair", "before", SESSION_HANDLE_INVALID, 1);
        make("two").unwrap();
        assert_eq!(device.keys().unwrap().len(), 2);
    });
}
