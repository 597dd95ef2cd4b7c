//! Which thread makes a call, and devices without a free session.

use std::thread;

use super::*;

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
