//! Which key a label is, in which device.

use super::*;
use crate::pool::DeviceState;
use crate::pool::job::Otherwise;
use crate::{BackendKind, KeyLabel, RoutedBackend};

#[test]
fn key_is_looked_up_once_per_device_and_not_per_signature() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    for _ in 0..50 {
        sign(&*key, b"m").unwrap();
        open(&pool);
    }
    assert_eq!((a.opens(), b.opens()), (1, 1));
}

#[test]
fn device_without_the_key_is_skipped_until_it_is_asked_again() {
    let (keys, empty) = (shared_keys(), Arc::new(InMemoryBackend::new()));
    let (a, b) = (FakeDevice::new("a", &empty), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    for _ in 0..10 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    }
    assert_eq!(a.opens(), 1);
    pool.refresh(&label());
    assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    assert_eq!(a.opens(), 2);
    clock.advance(PoolOptions::default().key_recheck);
    assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    assert_eq!(a.opens(), 3);
    assert_eq!(heard.codes(), []);
}

#[test]
fn key_that_no_device_holds_is_not_found_and_found_when_it_was_made() {
    let empty = Arc::new(InMemoryBackend::new());
    let (a, b) = (FakeDevice::new("a", &empty), FakeDevice::new("b", &empty));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let absent = pool.open(&label(), KeyRole::IssuingCa).unwrap_err();
    assert!(matches!(absent, Error::KeyNotFound { .. }), "{absent}");
    pool.generate(&label(), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    sign(&*open(&pool), b"m").unwrap();
}

#[test]
fn role_is_checked_also_when_the_key_is_open_already() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    for _ in 0..2 {
        let refused = pool.open(&label(), KeyRole::Ledger).unwrap_err();
        assert!(matches!(refused, Error::RoleMismatch { .. }), "{refused}");
        open(&pool);
    }
}

#[test]
fn device_whose_key_is_not_the_recorded_one_is_quarantined_and_never_asked() {
    let (right, wrong) = (shared_keys(), shared_keys());
    let spki = right.keys().unwrap()[0].spki.clone();
    let (a, b) = (FakeDevice::new("a", &wrong), FakeDevice::new("b", &right));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let heard = Heard::on(&pool);
    pool.expect(&label(), &spki);
    let key = open(&pool);
    assert_eq!(key.info().spki, spki);
    for _ in 0..5 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    }
    assert!(a.asked().is_empty());
    assert_eq!(heard.codes(), [("pool.quarantined", "a".to_owned())]);
    // It stays so however often it is enabled.
    pool.enable(&name("a"));
    eventually("asked for its key again", || {
        sign(&*key, b"m").unwrap();
        heard.codes().len() == 3
    });
    assert!(heard.has("pool.back-in-service", "a"));
    assert!(matches!(
        pool.snapshot().devices[0].state,
        DeviceState::Quarantined { .. }
    ));
    assert!(a.asked().is_empty());
}

#[test]
fn recorded_key_that_is_told_late_ends_handles_of_another_key() {
    let (right, wrong) = (shared_keys(), shared_keys());
    let spki = right.keys().unwrap()[0].spki.clone();
    let (a, b) = (FakeDevice::new("a", &wrong), FakeDevice::new("b", &right));
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let before = open(&pool);
    pool.expect(&label(), &spki);
    let error = sign(&*before, b"m").unwrap_err();
    assert!(matches!(error, Error::NoDevice { .. }), "{error}");
    let key = open(&pool);
    assert_eq!(key.info().spki, spki);
    assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    assert!(matches!(
        sign(&*before, b"m").unwrap_err(),
        Error::NoDevice { .. }
    ));
}

#[test]
fn without_a_recorded_key_the_one_of_most_devices_counts_and_the_other_is_reported() {
    let (most, other) = (shared_keys(), shared_keys());
    let a = FakeDevice::new("a", &other);
    let (b, c) = (FakeDevice::new("b", &most), FakeDevice::new("c", &most));
    let members = [(&a, 0), (&b, 1), (&c, 1)];
    let pool = pool_of(&members, PoolOptions::default(), &clock());
    let heard = Heard::on(&pool);
    let key = open(&pool);
    assert_eq!(key.info().spki, most.keys().unwrap()[0].spki);
    for _ in 0..4 {
        assert_ne!(sign(&*key, b"m").unwrap().device, name("a"));
    }
    assert_eq!(heard.codes(), [("pool.key-differs", "a".to_owned())]);
}

#[test]
fn of_two_devices_that_differ_the_first_by_preference_counts() {
    let (first, second) = (shared_keys(), shared_keys());
    let (a, b) = (FakeDevice::new("a", &first), FakeDevice::new("b", &second));
    let pool = pool_of(&[(&b, 1), (&a, 0)], PoolOptions::default(), &clock());
    let heard = Heard::on(&pool);
    assert_eq!(open(&pool).info().spki, first.keys().unwrap()[0].spki);
    assert_eq!(heard.codes(), [("pool.key-differs", "b".to_owned())]);
}

#[test]
fn device_that_was_away_at_the_opening_joins_when_it_is_back() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    a.plug(false);
    let key = open(&pool);
    assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    a.plug(true);
    clock.advance(Duration::from_secs(1));
    assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
}

#[test]
fn key_is_made_in_the_first_device_and_no_label_twice_in_the_pool() {
    let (in_a, in_b) = (shared_keys(), Arc::new(InMemoryBackend::new()));
    let (a, b) = (FakeDevice::new("a", &in_a), FakeDevice::new("b", &in_b));
    let pool = pool_of(&[(&b, 0), (&a, 1)], PoolOptions::default(), &clock());
    let again = pool.generate(&label(), KeyRole::IssuingCa, KeyAlgorithm::P256);
    assert!(matches!(again, Err(Error::KeyExists { .. })), "{again:?}");
    let new = KeyLabel::new("new").unwrap();
    pool.generate(&new, KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    assert_eq!(in_b.keys().unwrap().len(), 1);
    let labels: Vec<_> = pool
        .keys()
        .unwrap()
        .into_iter()
        .map(|it| it.label)
        .collect();
    assert_eq!(labels, [label(), new]);
    assert!(pool.attestation(&label()).unwrap().is_none());
}

#[test]
fn no_key_is_made_while_a_device_cannot_say_whether_it_holds_the_label() {
    let (in_a, in_b) = (shared_keys(), Arc::new(InMemoryBackend::new()));
    let (a, b) = (FakeDevice::new("a", &in_a), FakeDevice::new("b", &in_b));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let make = || pool.generate(&label(), KeyRole::IssuingCa, KeyAlgorithm::P256);
    a.plug(false);
    let refused = make().unwrap_err();
    assert!(matches!(refused, Error::NoDevice { .. }), "{refused}");
    assert!(refused.to_string().contains("said by a ("), "{refused}");
    // The same once it rests: the call ends at its deadline.
    eventually("rests", || {
        clock.advance(Duration::from_secs(1));
        let short = Duration::from_millis(1);
        let probed = pool
            .inner
            .call(0, "probe", short, Otherwise::Waits, |it| it.probe());
        assert!(probed.is_err());
        pool.snapshot().devices[0].state != DeviceState::InService
    });
    thread::scope(|scope| {
        let asked = || pool.snapshot().devices[1].undrained_commands;
        let before = asked();
        let call = scope.spawn(make);
        eventually("the other has answered", || asked() > before);
        clock.advance(PoolOptions::default().call_deadline);
        let refused = call.join().unwrap().unwrap_err();
        assert!(matches!(refused, Error::NoDevice { .. }), "{refused}");
    });
    assert_eq!(in_b.keys().unwrap(), []);
    // Back again, it says that the label is taken.
    a.plug(true);
    eventually("back", || {
        clock.advance(Duration::from_secs(1));
        pool.snapshot().devices[0].state == DeviceState::InService
    });
    let taken = make().unwrap_err();
    assert!(matches!(taken, Error::KeyExists { .. }), "{taken}");
}

#[test]
fn a_pool_is_the_least_of_its_devices_and_routes_roles_beside_it() {
    let keys = shared_keys();
    let a = FakeDevice::with("a", &keys, 1, Some(62));
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    assert_eq!(pool.kind(), BackendKind::Simulator);
    let beside = Arc::new(InMemoryBackend::new());
    let roles = vec![KeyRole::OcspResponder];
    let routed = RoutedBackend::new(pool, roles, Arc::<InMemoryBackend>::clone(&beside));
    assert_eq!(routed.kind(), BackendKind::Simulator);
    let ocsp = KeyLabel::new("ocsp").unwrap();
    routed
        .generate(&ocsp, KeyRole::OcspResponder, KeyAlgorithm::P256)
        .unwrap();
    assert_eq!(beside.keys().unwrap()[0].label, ocsp);
    assert_eq!(keys.keys().unwrap().len(), 1);
    assert_eq!(routed.keys().unwrap().len(), 2);
    let twice = routed.generate(&ocsp, KeyRole::RootCa, KeyAlgorithm::P256);
    assert!(matches!(twice, Err(Error::KeyExists { .. })));
    let wrong = routed.open(&ocsp, KeyRole::IssuingCa).unwrap_err();
    assert!(matches!(wrong, Error::RoleMismatch { .. }), "{wrong}");
    routed.open(&ocsp, KeyRole::OcspResponder).unwrap();
    routed.open(&label(), KeyRole::IssuingCa).unwrap();
    // Only the main backend has devices that log: what is signed beside it is in nobody's log.
    assert!(routed.keeps_command_log());
    assert!(routed.logs_commands_of(KeyRole::Ledger));
    assert!(!routed.logs_commands_of(KeyRole::OcspResponder));
}
