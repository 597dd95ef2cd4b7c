//! A device that fails rests, is probed, and comes back by itself.

use std::thread;

use super::fake::Fault;
use super::*;
use crate::pool::DeviceState;

#[test]
fn device_rests_after_failures_in_a_row_and_returns_after_a_probe_without_restart() {
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let clock = clock();
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    a.plug(false);
    for _ in 0..20 {
        assert_eq!(sign(&*key, b"m").unwrap().device, name("b"));
        clock.advance(Duration::from_secs(1));
    }
    eventually("rests", || heard.has("pool.resting", "a"));
    let failures = pool.snapshot().devices[0].failures["device.unreachable"];
    eventually("probed while it rests", || {
        clock.advance(Duration::from_secs(10));
        a.probes() >= 3
    });
    assert!(!heard.has("pool.back-in-service", "a"));
    // A resting device is probed, and never tried with a request.
    let after = pool.snapshot().devices[0].keys[&label()].failures["device.unreachable"];
    assert!(after <= failures);
    a.plug(true);
    eventually("back", || {
        clock.advance(Duration::from_secs(10));
        heard.has("pool.back-in-service", "a")
    });
    assert_eq!(sign(&*key, b"m").unwrap().device, name("a"));
}

#[test]
fn request_waits_for_the_only_device_to_come_back_until_its_deadline() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    a.plug(false);
    thread::scope(|scope| {
        let long = SignRequest {
            deadline: Duration::from_secs(1_000_000),
            ..request(b"m", Priority::Issuance)
        };
        let call = scope.spawn({
            let key = &key;
            move || key.sign(&long)
        });
        eventually("rests", || {
            clock.advance(Duration::from_millis(100));
            heard.has("pool.resting", "a")
        });
        a.plug(true);
        eventually("served", || {
            clock.advance(Duration::from_millis(100));
            a.signed(b"m") == 1
        });
        call.join().unwrap().unwrap();
    });
    a.plug(false);
    thread::scope(|scope| {
        let call = scope.spawn(|| sign(&*key, b"n"));
        eventually("over", || {
            clock.advance(Duration::from_secs(1));
            call.is_finished()
        });
        let error = call.join().unwrap().unwrap_err();
        assert!(!error.was_attempted(), "{error}");
    });
}

#[test]
fn unplugging_one_of_two_devices_under_load_loses_no_request() {
    const CALLERS: usize = 8;
    const EACH: usize = 50;
    let keys = shared_keys();
    let (a, b) = (FakeDevice::new("a", &keys), FakeDevice::new("b", &keys));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (key, a) = (&key, &a);
            scope.spawn(move || {
                for number in 0..EACH {
                    if caller == 0 && number == EACH / 2 {
                        a.plug(false);
                    }
                    let message = format!("{caller} {number}");
                    sign(&**key, message.as_bytes()).unwrap();
                }
            });
        }
    });
    let snapshot = pool.snapshot();
    let signatures = snapshot
        .devices
        .iter()
        .map(|it| it.keys[&label()].signatures);
    assert_eq!(signatures.sum::<u64>(), (CALLERS * EACH) as u64);
}

#[test]
fn busy_device_pauses_and_stays_in_service() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let key = open(&pool);
    a.script([Fault::Busy; 10]);
    thread::scope(|scope| {
        let long = SignRequest {
            deadline: Duration::from_secs(1_000_000),
            ..request(b"m", Priority::Issuance)
        };
        let call = scope.spawn({
            let key = &key;
            move || key.sign(&long)
        });
        eventually("served", || {
            clock.advance(Duration::from_secs(1));
            a.signed(b"m") == 1
        });
        call.join().unwrap().unwrap();
    });
    assert_eq!(a.asked().len(), 11);
    assert_eq!(a.probes(), 0);
    assert_eq!(pool.snapshot().devices[0].state, DeviceState::InService);
}

/// Panics over each alarm.
#[derive(Default)]
struct Stumbles(Mutex<usize>);

impl AlarmHook for Stumbles {
    fn alarm(&self, _: &Alarm) {
        *self.0.lock() += 1;
        panic!("on purpose");
    }
}

#[test]
fn hook_that_panics_ends_no_lane() {
    let keys = shared_keys();
    let a = FakeDevice::new("a", &keys);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let hook = Arc::new(Stumbles::default());
    pool.set_alarm_hook(Arc::<Stumbles>::clone(&hook));
    let key = open(&pool);
    for round in 1..=3 {
        a.script([Fault::WrongDevice]);
        sign(&*key, b"m").unwrap_err();
        // Disabled, and back in service.
        eventually("disabled", || *hook.0.lock() == 2 * round - 1);
        pool.enable(&name("a"));
        eventually("back", || {
            clock.advance(Duration::from_secs(1));
            *hook.0.lock() == 2 * round
        });
        sign(&*key, b"m").unwrap();
    }
}
