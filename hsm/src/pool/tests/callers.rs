//! Which thread makes a call: never one that could not leave a device behind that hangs.

use std::thread;

use super::fake::Fault;
use super::*;

#[test]
fn call_that_ends_by_itself_is_made_by_the_thread_that_asks() {
    let keys = shared_keys();
    let a = FakeDevice::with("a", &keys, 2, None);
    a.keep_deadlines();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    for _ in 0..3 {
        sign(&*key, b"m").unwrap();
    }
    assert_eq!(a.callers(), [thread::current().id(); 3]);
    let counters = &pool.snapshot().devices[0].keys[&label()];
    assert_eq!((counters.signatures, counters.service.count), (3, 3));
    assert_eq!(pool.snapshot().devices[0].in_flight, 0);
}

#[test]
fn device_that_may_hang_is_called_by_a_thread_of_the_pool() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    sign(&*key, b"m").unwrap();
    assert_ne!(a.callers(), [thread::current().id()]);
}

#[test]
fn who_waits_for_a_lane_is_served_in_order_though_others_call_by_themselves() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    a.keep_deadlines();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        let held = scope.spawn(|| sign(&*key, b"held").map(|_| thread::current().id()));
        eventually("asked", || a.asked().len() == 1);
        let waits = scope.spawn(|| sign(&*key, b"waits"));
        eventually("queued", || {
            pool.snapshot().queued.get(&Priority::Issuance) == Some(&1)
        });
        let urgent = scope.spawn(|| key.sign(&request(b"urgent", Priority::Revocation)));
        eventually("queued", || {
            pool.snapshot().queued.get(&Priority::Revocation) == Some(&1)
        });
        assert_eq!(pool.snapshot().devices[0].in_flight, 1);
        a.shut_gate(false);
        let holder = held.join().unwrap().unwrap();
        waits.join().unwrap().unwrap();
        urgent.join().unwrap().unwrap();
        assert_eq!(a.callers()[0], holder);
    });
    assert_eq!(
        a.asked(),
        [b"held".to_vec(), b"urgent".to_vec(), b"waits".to_vec()]
    );
}

#[test]
fn call_that_fails_on_the_thread_that_asks_goes_to_another_device() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    a.keep_deadlines();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let key = open(&pool);
    a.script([Fault::Unreachable]);
    assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    assert_eq!((a.signed(b"m"), b.signed(b"m")), (0, 1));
}

#[test]
fn error_after_which_a_device_may_have_signed_ends_the_call_on_that_thread_too() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    a.keep_deadlines();
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let key = open(&pool);
    for fault in [Fault::LostSigned, Fault::Panic] {
        a.script([fault]);
        assert!(sign(&*key, b"m").unwrap_err().was_attempted(), "{fault:?}");
        assert_eq!(sign(&*key, b"n").unwrap().device, name("b"));
        // Its pause is over.
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(b.signed(b"m"), 0);
}

#[test]
fn key_is_open_as_soon_as_one_device_has_a_session_for_it() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    a.be_busy_for_opens(usize::MAX);
    // No time passes: who waited for `a` would wait for ever.
    let key = open(&pool);
    for _ in 0..3 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
    }
    assert!(a.asked().is_empty());
    // Once there is a session, the device opens the key with its first signature.
    a.be_busy_for_opens(0);
    eventually("shares the work", || {
        clock.advance(Duration::from_secs(1));
        sign(&*key, b"m").unwrap().device == name("a")
    });
}

#[test]
fn only_device_is_waited_for_until_it_has_a_session() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    a.be_busy_for_opens(3);
    thread::scope(|scope| {
        let opened = scope.spawn(|| pool.open(&label(), KeyRole::IssuingCa).map(|_| ()));
        eventually("opened", || {
            clock.advance(Duration::from_millis(200));
            a.opens() == 4
        });
        opened.join().unwrap().unwrap();
    });
}
