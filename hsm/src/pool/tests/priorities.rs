//! The urgent first.

use std::thread;

use super::*;
use crate::pool::SystemMonotonicClock;

#[test]
fn revocation_behind_a_thousand_queued_issuances_is_served_next() {
    const WAITING: usize = 1_000;
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    // A thousand threads that look at a manual clock would be busy with that alone.
    let members = vec![Member::new(Arc::new(a.clone()))];
    let clock = Arc::new(SystemMonotonicClock::new());
    let pool = Pool::new(members, PoolOptions::default(), clock).unwrap();
    let key = open(&pool);
    a.shut_gate(true);
    let queued = |priority| {
        let queued = pool.snapshot().queued;
        queued.get(&priority).copied().unwrap_or(0)
    };
    thread::scope(|scope| {
        let ask = |message: &'static [u8], priority| {
            let key = &key;
            thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn_scoped(scope, move || {
                    let patient = SignRequest {
                        deadline: FOREVER,
                        ..request(message, priority)
                    };
                    key.sign(&patient).unwrap();
                })
                .unwrap();
        };
        ask(b"in flight", Priority::Issuance);
        eventually("in flight", || a.asked().len() == 1);
        ask(b"bulk", Priority::Bulk);
        for _ in 0..WAITING {
            ask(b"issuance", Priority::Issuance);
        }
        eventually("all wait", || {
            queued(Priority::Issuance) == WAITING && queued(Priority::Bulk) == 1
        });
        ask(b"status", Priority::Status);
        ask(b"revocation", Priority::Revocation);
        eventually("urgent ones wait", || {
            queued(Priority::Revocation) == 1 && queued(Priority::Status) == 1
        });
        a.shut_gate(false);
    });
    let asked = a.asked();
    let order: Vec<&[u8]> = asked.iter().map(Vec::as_slice).collect();
    assert_eq!(
        &order[..4],
        [b"in flight" as &[u8], b"revocation", b"status", b"issuance"]
    );
    assert_eq!(order[order.len() - 1], b"bulk");
    assert_eq!(order.len(), WAITING + 4);
}

#[test]
fn first_in_is_first_out_among_equals() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        for number in 0..20_u8 {
            let (key, seen) = (&key, &pool);
            scope.spawn(move || sign(&**key, &[number]).unwrap());
            eventually("in its place", || {
                let waiting: usize = seen.snapshot().queued.values().sum();
                waiting == usize::from(number) && a.asked().len() == 1
            });
        }
        a.shut_gate(false);
    });
    let expected: Vec<_> = (0..20_u8).map(|number| vec![number]).collect();
    assert_eq!(a.asked(), expected);
}

#[test]
fn as_many_commands_are_in_flight_as_the_device_has_lanes() {
    let keys = shared_keys();
    let a = FakeDevice::with("a", &keys, 3, None);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    a.shut_gate(true);
    thread::scope(|scope| {
        for number in 0..5_u8 {
            let key = &key;
            scope.spawn(move || sign(&**key, &[number]).unwrap());
        }
        eventually("three run, two wait", || {
            let seen = pool.snapshot();
            seen.queued.get(&Priority::Issuance) == Some(&2) && a.asked().len() == 3
        });
        assert_eq!(pool.snapshot().devices[0].in_flight, 3);
        a.shut_gate(false);
    });
}
