//! The PIN, and that the token's counter of wrong ones is respected.

use std::sync::Barrier;

use kasane_hsm::{Device, DeviceName, KeyBackend, KeyRole, Pkcs11Device};

use kasane_verify::KeyAlgorithm;

use crate::signing;
use crate::world::{self, Given, PIN, TOKEN, World, alone, label};

/// `CKF_USER_PIN_COUNT_LOW`, `CKF_USER_PIN_FINAL_TRY` and `CKF_USER_PIN_LOCKED`.
const COUNT_LOW: &str = "10000";
const FINAL_TRY: &str = "20000";
const LOCKED: &str = "40000";

/// `CKR_PIN_INCORRECT`, `CKR_FUNCTION_FAILED`, `CKR_USER_ALREADY_LOGGED_IN` and `CKR_DEVICE_ERROR`.
const PIN_INCORRECT: u64 = 0xa0;
const FUNCTION_FAILED: u64 = 0x06;
const ALREADY_LOGGED_IN: u64 = 0x100;
const DEVICE_ERROR: u64 = 0x30;

fn unconnected(world: &World, pin: &'static str) -> Pkcs11Device {
    let config = world.config(&world.faulty());
    let name = DeviceName::new("token-a").unwrap();
    Pkcs11Device::unconnected(name, &config, &[], &Given(pin)).unwrap()
}

/// Whether the token remembers a wrong PIN since the last right one (`CKF_USER_PIN_COUNT_LOW`).
fn count_is_low(world: &World) -> bool {
    let library = cryptoki::context::Pkcs11::new(world.library()).unwrap();
    let slots = library.get_slots_with_token().unwrap();
    let mut tokens = slots
        .into_iter()
        .map(|slot| library.get_token_info(slot).unwrap());
    tokens
        .find(|info| info.label() == TOKEN)
        .unwrap()
        .user_pin_count_low()
}

#[test]
fn wrong_pin_costs_one_try_whatever_is_asked_of_it() {
    alone(
        "credentials::wrong_pin_costs_one_try_whatever_is_asked_of_it",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let device = unconnected(world, "wrong-pin");
            assert!(!count_is_low(world));
            let begin = Barrier::new(50);
            std::thread::scope(|scope| {
                for number in 0..50 {
                    let (device, begin) = (&device, &begin);
                    scope.spawn(move || {
                        begin.wait();
                        let label = label("one");
                        let error = match number % 3 {
                            0 => device.probe().unwrap_err(),
                            1 => device.keys().map(drop).unwrap_err(),
                            _ => device.open(&label, KeyRole::RootCa).map(drop).unwrap_err(),
                        };
                        assert_eq!(error.code(), "device.wrong-credential", "{error}");
                        assert!(!error.was_attempted());
                    });
                }
            });
            assert!(count_is_low(world));
            assert_eq!(world.calls("C_Login"), 1);
            // The right one, as another value, resets the token's counter.
            unconnected(world, PIN).probe().unwrap();
            assert!(!count_is_low(world));
            assert_eq!(
                device.probe().unwrap_err().code(),
                "device.wrong-credential"
            );
            assert_eq!(world.calls("C_Login"), 2);
        },
    );
}

#[test]
fn pin_that_was_changed_behind_fifty_signatures_costs_one_try() {
    alone(
        "credentials::pin_that_was_changed_behind_fifty_signatures_costs_one_try",
        |world| {
            let device = world.faulty_device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            world::sign(key.as_ref()).unwrap();
            let change = ["--change-pin", "--new-pin", "another-pin"];
            if world.opensc("changed PIN", &change).is_none() {
                return;
            }
            // SoftHSM keeps what it has read: it has to begin anew to see the new PIN.
            signing::restart(world);
            let before = world.calls("C_Login");
            let begin = Barrier::new(50);
            std::thread::scope(|scope| {
                for _ in 0..50 {
                    scope.spawn(|| {
                        begin.wait();
                        let error = world::sign(key.as_ref()).unwrap_err();
                        assert_eq!(error.code(), "device.wrong-credential", "{error}");
                    });
                }
            });
            assert_eq!(world.calls("C_Login"), before + 1);
            assert!(count_is_low(world));
        },
    );
}

#[test]
fn locked_token_and_last_try_are_left_alone_until_mended() {
    alone(
        "credentials::locked_token_and_last_try_are_left_alone_until_mended",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let device = unconnected(world, PIN);
            for (flag, said) in [(FINAL_TRY, "FINAL_TRY"), (LOCKED, "LOCKED")] {
                world.tell("token-flags", flag);
                for _ in 0..3 {
                    let error = device.probe().unwrap_err();
                    assert_eq!(error.code(), "device.wrong-credential");
                    assert!(error.to_string().contains(said), "{error}");
                }
            }
            assert_eq!(world.calls("C_Login"), 0);
            world.untell("token-flags");
            device.probe().unwrap();
            assert_eq!(world.calls("C_Login"), 1);
        },
    );
}

#[test]
fn session_that_is_opened_anew_logs_in_with_the_pin_that_worked() {
    alone(
        "credentials::session_that_is_opened_anew_logs_in_with_the_pin_that_worked",
        |world| {
            let device = world.faulty_device();
            let label = label("one");
            device
                .generate(&label, KeyRole::RootCa, KeyAlgorithm::P256)
                .unwrap();
            let key = device.open(&label, KeyRole::RootCa).unwrap();
            for round in 1..=3 {
                world.plan("C_SignInit", "close", 0, 1);
                world::sign(key.as_ref()).unwrap();
                assert_eq!(world.calls("C_Login"), 1 + round);
            }
            // An answer that says nothing of PINs does not condemn one that has worked.
            world.plan("C_SignInit", "close", 0, 1);
            world.plan("C_Login", "before", FUNCTION_FAILED, 1);
            assert_eq!(world::sign(key.as_ref()).unwrap_err().code(), "device.busy");
            world::sign(key.as_ref()).unwrap();
            // One that does condemns it.
            world.plan("C_SignInit", "close", 0, 1);
            world.plan("C_Login", "before", PIN_INCORRECT, 1);
            for _ in 0..5 {
                let error = world::sign(key.as_ref()).unwrap_err();
                assert_eq!(error.code(), "device.wrong-credential");
            }
            assert_eq!(world.calls("C_Login"), 7);
        },
    );
}

#[test]
fn pin_that_never_worked_is_tried_once_more_after_an_unclear_answer() {
    alone(
        "credentials::pin_that_never_worked_is_tried_once_more_after_an_unclear_answer",
        |world| {
            world.init(&world.faulty(), TOKEN);
            // The token was not there: no try.
            let device = unconnected(world, PIN);
            world.plan("C_Login", "before", DEVICE_ERROR, 2);
            assert_eq!(device.probe().unwrap_err().code(), "device.unreachable");
            device.probe().unwrap();
            drop(device);
            let before = world.calls("C_Login");
            let device = unconnected(world, PIN);
            world.plan("C_Login", "before", FUNCTION_FAILED, 100);
            assert_eq!(device.probe().unwrap_err().code(), "device.busy");
            for _ in 0..3 {
                assert_eq!(
                    device.probe().unwrap_err().code(),
                    "device.wrong-credential"
                );
            }
            assert_eq!(world.calls("C_Login"), before + 2);
            // The token counted a wrong PIN: that was it.
            let device = unconnected(world, PIN);
            world.tell("token-flags", COUNT_LOW);
            for _ in 0..3 {
                assert_eq!(
                    device.probe().unwrap_err().code(),
                    "device.wrong-credential"
                );
            }
            assert_eq!(world.calls("C_Login"), before + 3);
        },
    );
}

#[test]
fn pins_are_never_printed() {
    alone("credentials::pins_are_never_printed", |world| {
        world.init(&world.faulty(), TOKEN);
        let wrong = unconnected(world, "very-secret-pin");
        let error = wrong.probe().unwrap_err();
        let right = unconnected(world, PIN);
        right.probe().unwrap();
        let printed = format!("{wrong:?} {error:?} {error} {right:?} {}", right.describe());
        let bytes = format!("{:?}", PIN.as_bytes());
        for secret in ["very-secret-pin", PIN, bytes.trim_matches(['[', ']'])] {
            assert!(!printed.contains(secret), "{printed}");
        }
        let name = DeviceName::new("token-a").unwrap();
        let config = world.config(world.library());
        let error = Pkcs11Device::open(name, &config, &[], &Given("")).unwrap_err();
        assert_eq!(error.code(), "device.wrong-credential");
    });
}

#[test]
fn pin_that_another_logged_in_before_has_not_been_proven() {
    alone(
        "credentials::pin_that_another_logged_in_before_has_not_been_proven",
        |world| {
            world.init(&world.faulty(), TOKEN);
            let device = unconnected(world, PIN);
            world.plan("C_Login", "after", ALREADY_LOGGED_IN, 1);
            device.probe().unwrap();
            // The login is lost, and no answer to the PIN says anything: after two it is not shown again.
            world.plan("C_GetSessionInfo", "close", 0, 1);
            world.plan("C_Login", "before", FUNCTION_FAILED, 100);
            for _ in 0..5 {
                device.probe().unwrap_err();
            }
            assert_eq!(
                device.probe().unwrap_err().code(),
                "device.wrong-credential"
            );
            assert_eq!(world.calls("C_Login"), 3);
        },
    );
}
