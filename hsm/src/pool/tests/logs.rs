//! Logs of commands: drained in time, and never in the way of a deadline.

use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::thread;

use super::*;
use crate::device::LogPage;
use crate::pool::{DrainError, LogSink, SinkError};
use crate::{DeviceIdentity, KeyLabel};

/// Keeps entries; fails and stands still when told.
#[derive(Default)]
struct Sink {
    numbers: Mutex<Vec<u16>>,
    labels: Mutex<Vec<(u16, KeyLabel)>>,
    fails: Mutex<bool>,
    still: Mutex<bool>,
    moves: parking_lot::Condvar,
    inside: Mutex<usize>,
    pool: Mutex<Weak<Pool>>,
}

impl LogSink for Sink {
    fn store(
        &self,
        device: &DeviceName,
        identity: &DeviceIdentity,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        assert_eq!(identity.serial, device.to_string());
        *self.inside.lock() += 1;
        // Would never return if a lock of the pool were held.
        if let Some(pool) = self.pool.lock().upgrade() {
            assert!(!pool.snapshot().devices.is_empty());
            pool.refresh(&label());
        }
        let mut still = self.still.lock();
        while *still {
            self.moves.wait(&mut still);
        }
        if *self.fails.lock() {
            return Err(SinkError {
                reason: "on purpose".to_owned(),
            });
        }
        let numbers = page.entries.iter().map(|entry| entry.number);
        self.numbers.lock().extend(numbers);
        *self.labels.lock() = labels.to_vec();
        Ok(())
    }
}

impl Sink {
    fn on(pool: &Arc<Pool>) -> Arc<Self> {
        let sink = Arc::new(Self::default());
        *sink.pool.lock() = Arc::downgrade(pool);
        pool.set_log_sink(Arc::<Self>::clone(&sink));
        sink
    }

    fn stored(&self) -> usize {
        self.numbers.lock().len()
    }

    fn release(&self) {
        *self.still.lock() = false;
        self.moves.notify_all();
    }
}

fn logging(name: &str, capacity: usize) -> FakeDevice {
    FakeDevice::with(name, &shared_keys(), 1, Some(capacity))
}

#[test]
fn log_is_drained_every_so_many_commands_with_the_labels_of_keys() {
    let a = logging("a", 62);
    let options = PoolOptions {
        drain_after_commands: 10,
        ..PoolOptions::default()
    };
    let pool = pool_of(&[(&a, 0)], options, &clock());
    let sink = Sink::on(&pool);
    let key = open(&pool);
    for _ in 0..100 {
        sign(&*key, b"m").unwrap();
    }
    // The next one finds the drain of those before it done.
    sign(&*key, b"m").unwrap();
    assert!(sink.stored() >= 90, "{}", sink.stored());
    assert_eq!(*sink.labels.lock(), [(7, label())]);
    let drained = pool.drain_now();
    assert!(matches!(drained[..], [(_, Ok(_))]));
    assert_eq!(*sink.numbers.lock(), (1..=101).collect::<Vec<u16>>());
    assert_eq!(pool.snapshot().devices[0].drained_entries, 101);
}

#[test]
fn full_log_is_drained_at_once_and_the_request_served_by_the_same_call() {
    let a = logging("a", 5);
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock());
    let sink = Sink::on(&pool);
    let key = open(&pool);
    for _ in 0..12 {
        sign(&*key, b"m").unwrap();
    }
    assert_eq!(a.signed(b"m"), 12);
    assert_eq!(sink.stored(), 10);
}

#[test]
fn idle_log_is_drained_after_its_time() {
    let a = logging("a", 62);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let sink = Sink::on(&pool);
    let key = open(&pool);
    sign(&*key, b"m").unwrap();
    eventually("drained", || {
        clock.advance(Duration::from_secs(1));
        sink.stored() == 1
    });
    assert!(clock.now() >= PoolOptions::default().drain_idle);
    // Nothing happened since: the device is left alone.
    let inside = *sink.inside.lock();
    clock.advance(PoolOptions::default().drain_idle * 3);
    sign(&*key, b"m").unwrap();
    assert_eq!(*sink.inside.lock(), inside);
}

#[test]
fn device_signs_on_without_its_sink_until_the_log_is_full_and_again_once_it_works() {
    let a = logging("a", 8);
    let options = PoolOptions {
        drain_after_commands: 4,
        ..PoolOptions::default()
    };
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], options, &clock);
    let sink = Sink::on(&pool);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    *sink.fails.lock() = true;
    for _ in 0..8 {
        sign(&*key, b"m").unwrap();
    }
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            let long = SignRequest {
                deadline: Duration::from_secs(1_000_000),
                ..request(b"n", Priority::Issuance)
            };
            key.sign(&long)
        });
        eventually("full", || {
            clock.advance(Duration::from_secs(1));
            heard.has("pool.log-full", "a")
        });
        assert!(heard.has("pool.sink-failed", "a"));
        assert_eq!(a.signed(b"n"), 0);
        *sink.fails.lock() = false;
        eventually("signed", || {
            clock.advance(Duration::from_secs(1));
            a.signed(b"n") == 1
        });
        call.join().unwrap().unwrap();
    });
    assert_eq!(heard.codes().len(), 2, "an alarm for each cause, once");
    assert_eq!(*sink.numbers.lock(), (1..=8).collect::<Vec<u16>>());
}

#[test]
fn request_behind_a_drain_that_stands_still_keeps_its_deadline() {
    let a = logging("a", 62);
    let options = PoolOptions {
        drain_after_commands: 2,
        ..PoolOptions::default()
    };
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], options, &clock);
    let sink = Sink::on(&pool);
    let key = open(&pool);
    *sink.still.lock() = true;
    sign(&*key, b"m").unwrap();
    eventually("the sink stands still", || *sink.inside.lock() > 0);
    thread::scope(|scope| {
        let call = scope.spawn(|| sign(&*key, b"n"));
        eventually("waits", || !pool.snapshot().queued.is_empty());
        clock.advance(Duration::from_secs(30));
        let error = call.join().unwrap().unwrap_err();
        assert!(
            matches!(
                error,
                Error::TimedOut {
                    attempted: false,
                    ..
                }
            ),
            "{error}"
        );
    });
    sink.release();
    sign(&*key, b"o").unwrap();
    assert_eq!(a.signed(b"n"), 0);
}

#[test]
fn entries_come_again_when_the_device_did_not_hear_that_they_were_stored() {
    let a = logging("a", 62);
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], PoolOptions::default(), &clock);
    let sink = Sink::on(&pool);
    let key = open(&pool);
    for _ in 0..3 {
        sign(&*key, b"m").unwrap();
    }
    a.log().lose_acknowledgements.store(1, Ordering::SeqCst);
    let drained = pool.drain_now();
    assert!(matches!(drained[..], [(_, Err(DrainError::Device(_)))]));
    clock.advance(Duration::from_secs(5));
    assert!(matches!(pool.drain_now()[..], [(_, Ok(3))]));
    assert_eq!(*sink.numbers.lock(), [1, 2, 3, 1, 2, 3]);
}

#[test]
fn quarantined_device_is_drained_all_the_same_and_one_without_a_log_left_out() {
    let (a, b) = (logging("a", 62), FakeDevice::new("b", &shared_keys()));
    let pool = pool_of(&[(&a, 0), (&b, 0)], PoolOptions::default(), &clock());
    let key = open(&pool);
    assert!(matches!(
        pool.drain_now()[..],
        [(_, Err(DrainError::NoSink))]
    ));
    sign(&*key, b"m").unwrap();
    let sink = Sink::on(&pool);
    key.reject(&name("a"));
    pool.drain_now();
    assert_eq!(*sink.numbers.lock(), [1]);
}

#[test]
fn full_log_without_a_sink_pauses_the_device_and_alarms_once() {
    let keys = shared_keys();
    let a = FakeDevice::with("a", &keys, 1, Some(2));
    let b = FakeDevice::new("b", &keys);
    let pool = pool_of(&[(&a, 0), (&b, 1)], PoolOptions::default(), &clock());
    let heard = Heard::on(&pool);
    let key = open(&pool);
    let devices: Vec<_> = (0..5)
        .map(|_| sign(&*key, b"m").unwrap().device.to_string())
        .collect();
    assert_eq!(devices, ["a", "a", "b", "b", "b"]);
    assert_eq!(heard.codes(), [("pool.log-full", "a".to_owned())]);
}

#[test]
fn log_that_cannot_be_read_is_told_once_and_again_that_nothing_goes_on() {
    let a = logging("a", 6);
    let options = PoolOptions {
        drain_after_commands: 2,
        ..PoolOptions::default()
    };
    let clock = clock();
    let pool = pool_of(&[(&a, 0)], options, &clock);
    let heard = Heard::on(&pool);
    let key = open(&pool);
    a.log().unreadable.store(2, Ordering::SeqCst);
    let sink = Sink::on(&pool);
    sign(&*key, b"m").unwrap();
    eventually("read in the end", || {
        clock.advance(Duration::from_secs(1));
        sink.stored() == 1
    });
    assert_eq!(heard.codes(), [], "two failures may be an accident");
    // One that the device never gives.
    a.log().unreadable.store(usize::MAX, Ordering::SeqCst);
    for _ in 0..6 {
        sign(&*key, b"m").unwrap();
    }
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            let long = SignRequest {
                deadline: Duration::from_secs(1_000_000),
                ..request(b"n", Priority::Issuance)
            };
            key.sign(&long)
        });
        eventually("told", || {
            clock.advance(Duration::from_secs(1));
            heard.has("pool.log-unreadable", "a") && heard.has("pool.log-full", "a")
        });
        a.log().unreadable.store(0, Ordering::SeqCst);
        eventually("signed", || {
            clock.advance(Duration::from_secs(1));
            a.signed(b"n") == 1
        });
        call.join().unwrap().unwrap();
    });
    assert_eq!(heard.codes().len(), 2, "each once");
}
