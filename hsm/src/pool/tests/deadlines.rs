//! No call waits longer than its deadline, and a timed-out call says whether a device was asked.

use std::thread;

use super::*;

fn within(seconds: u64) -> SignRequest<'static> {
    SignRequest {
        deadline: Duration::from_secs(seconds),
        ..request(b"short", Priority::Issuance)
    }
}

const fn attempted(error: &Error) -> Option<bool> {
    match error {
        Error::TimedOut { attempted, .. } => Some(*attempted),
        _ => None,
    }
}

#[test]
fn hung_device_does_not_hang_its_caller_and_the_late_signature_is_not_let_out() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let call = scope.spawn(|| key.sign(&within(5)));
        eventually("asked", || a.asked().len() == 1);
        clock.advance(Duration::from_secs(5));
        assert_eq!(attempted(&call.join().unwrap().unwrap_err()), Some(true));
    });
    let seen = pool.snapshot();
    assert_eq!((seen.devices[0].in_flight, seen.devices[0].overdue), (1, 1));
    a.shut_gate(false);
    eventually("the lane is free again", || {
        pool.snapshot().devices[0].in_flight == 0
    });
    let counters = pool.snapshot().devices[0].keys[&label()].clone();
    assert_eq!((counters.signatures, counters.late_signatures), (0, 1));
    clock.advance(Duration::from_secs(1));
    sign(&*key, b"next").unwrap();
}

#[test]
fn request_that_still_waits_at_its_deadline_is_removed_unasked() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let held = scope.spawn(|| sign(&*key, b"held"));
        eventually("asked", || a.asked().len() == 1);
        let call = scope.spawn(|| key.sign(&within(5)));
        eventually("queued", || {
            pool.snapshot().queued.get(&Priority::Issuance) == Some(&1)
        });
        clock.advance(Duration::from_secs(5));
        assert_eq!(attempted(&call.join().unwrap().unwrap_err()), Some(false));
        assert!(pool.snapshot().queued.is_empty());
        a.shut_gate(false);
        held.join().unwrap().unwrap();
    });
    sign(&*key, b"next").unwrap();
    assert_eq!(a.asked(), [b"held".to_vec(), b"next".to_vec()]);
}

#[test]
fn deadline_of_nothing_asks_no_device() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    assert_eq!(attempted(&key.sign(&within(0)).unwrap_err()), Some(false));
    assert!(a.asked().is_empty());
}

#[test]
fn another_device_serves_while_one_hangs() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let call = scope.spawn(|| key.sign(&within(5)));
        eventually("asked", || a.asked().len() == 1);
        for _ in 0..20 {
            assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        }
        clock.advance(Duration::from_secs(5));
        assert_eq!(attempted(&call.join().unwrap().unwrap_err()), Some(true));
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        a.shut_gate(false);
    });
}

#[test]
fn queue_has_a_limit_that_keeps_no_revocation_out() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let options = PoolOptions {
        queue_limit: 1,
        ..PoolOptions::default()
    };
    let pool = pool_of(&[(&a, 0)], options, &clock());
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let held = scope.spawn(|| sign(&*key, b"held"));
        eventually("asked", || a.asked().len() == 1);
        let waits = scope.spawn(|| sign(&*key, b"waits"));
        eventually("queued", || !pool.snapshot().queued.is_empty());
        let error = sign(&*key, b"too many").unwrap_err();
        assert!(matches!(error, Error::Busy { .. }), "{error}");
        // What revokes is let in all the same.
        let urgent = scope.spawn(|| key.sign(&request(b"revokes", Priority::Revocation)));
        eventually("waits before the other", || {
            pool.snapshot().queued.get(&Priority::Revocation) == Some(&1)
        });
        a.shut_gate(false);
        held.join().unwrap().unwrap();
        waits.join().unwrap().unwrap();
        urgent.join().unwrap().unwrap();
    });
}

#[test]
fn dropped_pool_leaves_a_stuck_device_behind_and_refuses_what_comes_later() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let options = PoolOptions {
        shutdown_grace: Duration::from_millis(10),
        ..PoolOptions::default()
    };
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], options, &clock);
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let held = scope.spawn(|| key.sign(&within(5)));
        eventually("asked", || a.asked().len() == 1);
        let waits = scope.spawn(|| sign(&*key, b"waits"));
        eventually("queued", || !pool.snapshot().queued.is_empty());
        let dropped = scope.spawn(|| drop(pool));
        let error = waits.join().unwrap().unwrap_err();
        assert!(!error.was_attempted(), "{error}");
        eventually("the grace is over", || {
            clock.advance(Duration::from_millis(10));
            dropped.is_finished()
        });
        assert!(matches!(sign(&*key, b"m"), Err(Error::Unreachable { .. })));
        a.shut_gate(false);
        // The device was asked in time: its signature is still let out.
        held.join().unwrap().unwrap();
    });
}
