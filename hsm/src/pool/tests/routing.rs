//! Which device is asked, and what an error leads to.

use std::thread;

use super::fake::Fault;
use super::*;
use crate::pool::DeviceState;

#[test]
fn lower_preference_is_asked_first_and_the_next_helps_while_it_is_busy() {
    let keys = shared_keys();
    let (first, second) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(
        &[(&second, 1), (&first, 0)],
        PoolOptions::default(),
        &clock(),
    );
    let key = open(&pool);
    for _ in 0..5 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
    }
    first.shut_gate(true);
    thread::scope(|scope| {
        let held = scope.spawn(|| sign(&*key, b"held").unwrap());
        eventually("a is busy", || first.asked().len() == 6);
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        first.shut_gate(false);
        assert_eq!(held.join().unwrap().device, name("a"));
    });
}

#[test]
fn equal_devices_share_the_work() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    for _ in 0..10 {
        sign(&*key, b"m").unwrap();
    }
    assert_eq!((a.signed(b"m"), b.signed(b"m")), (5, 5));
}

#[test]
fn error_that_certainly_did_not_sign_costs_no_attempt() {
    for fault in [Fault::Unreachable, Fault::Busy, Fault::KeyNotFound] {
        let keys = shared_keys();
        let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
        let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
        let key = open(&pool);
        a.script([fault]);
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"), "{fault:?}");
        assert_eq!((a.signed(b"m"), b.signed(b"m")), (0, 1));
    }
}

#[test]
fn error_after_which_the_device_may_have_signed_goes_to_the_caller_and_the_next_call_elsewhere() {
    for fault in [Fault::LostSigned, Fault::LostUnsigned, Fault::Refused] {
        let keys = shared_keys();
        let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
        let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
        let key = open(&pool);
        a.script([fault]);
        let error = sign(&*key, b"m").unwrap_err();
        assert!(error.was_attempted(), "{error}");
        assert_eq!(b.asked().len(), 0, "a second device within one call");
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"), "{fault:?}");
    }
}

#[test]
fn error_that_nothing_helps_against_goes_to_the_caller_at_once() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let key = open(&pool);
    a.script([Fault::NotPermitted]);
    let error = sign(&*key, b"m").unwrap_err();
    assert!(matches!(error, Error::NotPermitted { .. }), "{error}");
    assert_eq!(b.asked().len(), 0);
    // It says nothing about the device.
    assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
}

#[test]
fn wrong_credential_is_never_tried_again_until_people_say_so() {
    for (fault, time) in [(Fault::WrongCredential, 3_600), (Fault::WrongDevice, 3_600)] {
        let keys = shared_keys();
        let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
        let clock = clock();
        let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
        let heard = Heard::on(&pool);
        let key = open(&pool);
        a.script([fault]);
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        clock.advance(Duration::from_secs(time));
        for _ in 0..5 {
            assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        }
        assert_eq!((a.asked().len(), a.probes()), (1, 0));
        assert_eq!(heard.codes(), [("pool.disabled", "a".to_owned())]);
        let before = pool.enable(&name("a"));
        assert!(matches!(before, Some(DeviceState::Disabled { .. })));
        eventually("back in service", || heard.has("pool.back-in-service", "a"));
        assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
    }
}

#[test]
fn wrong_signature_quarantines_the_device_and_the_others_go_on() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    a.script([Fault::Corrupt]);
    let wrong = sign(&*key, b"m").unwrap();
    assert_eq!(wrong.device, name("a"));
    key.reject(&wrong.device);
    clock.advance(Duration::from_secs(3_600));
    for _ in 0..5 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    }
    assert_eq!((a.asked().len(), a.probes()), (1, 0));
    assert_eq!(heard.codes(), [("pool.quarantined", "a".to_owned())]);
    let snapshot = pool.snapshot();
    let seen = snapshot.device(&name("a")).unwrap();
    assert!(matches!(seen.state, DeviceState::Quarantined { .. }));
    assert_eq!(seen.keys[&label()].rejections, 1);
    pool.enable(&name("a"));
    eventually("back in service", || heard.has("pool.back-in-service", "a"));
    assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
}

#[test]
fn request_that_no_device_will_ever_serve_ends_at_once_with_the_state_of_each() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let key = open(&pool);
    key.reject(&name("a"));
    b.script([Fault::WrongCredential]);
    for _ in 0..2 {
        let error = sign(&*key, b"m").unwrap_err();
        assert!(matches!(error, Error::NoDevice { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("a is quarantined"), "{text}");
        assert!(text.contains("b is disabled"), "{text}");
    }
}

#[test]
fn driver_that_panics_ends_one_request_and_no_worker() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let key = open(&pool);
    a.script([Fault::Panic]);
    assert!(sign(&*key, b"m").unwrap_err().was_attempted());
    clock.advance(Duration::from_secs(1));
    sign(&*key, b"m").unwrap();
}

#[test]
fn counters_name_device_key_and_code() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let key = open(&pool);
    sign(&*key, b"m").unwrap();
    a.script([Fault::LostSigned]);
    sign(&*key, b"m").unwrap_err();
    sign(&*key, b"m").unwrap();
    let snapshot = pool.snapshot();
    let of = |device| &snapshot.device(&name(device)).unwrap().keys[&label()];
    assert_eq!((of("a").signatures, of("b").signatures), (1, 1));
    assert_eq!(of("a").failures["device.answer-lost"], 1);
    assert_eq!((of("a").service.count, of("b").service.count), (1, 1));
    assert!(of("b").failures.is_empty());
}
