//! The rules of a pool, over devices that fail on purpose.

mod breaker;
mod callers;
mod deadlines;
mod fake;
mod fake_log;
mod keys;
mod logs;
mod on_record;
mod priorities;
mod routing;
mod stress;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use parking_lot::Mutex;

use super::{Alarm, AlarmHook, ManualMonotonicClock, Member, MonotonicClock, Pool, PoolOptions};
use crate::{
    DeviceName, Error, InMemoryBackend, KeyBackend, KeyRole, Priority, SignRequest, Signature,
    SigningKey,
};
use fake::{FakeDevice, label};

/// Far longer than anything takes: ends a test that would hang.
const FOREVER: Duration = Duration::from_secs(120);

/// Keys that several devices hold, with one P-256 key.
fn shared_keys() -> Arc<InMemoryBackend> {
    let keys = Arc::new(InMemoryBackend::new());
    keys.generate(&label(), KeyRole::IssuingCa, KeyAlgorithm::P256)
        .unwrap();
    keys
}

fn clock() -> Arc<ManualMonotonicClock> {
    Arc::new(ManualMonotonicClock::new())
}

fn pool_of(
    devices: &[(&FakeDevice, u8)],
    options: PoolOptions,
    clock: &Arc<ManualMonotonicClock>,
) -> Arc<Pool> {
    let members = devices.iter().map(|(device, preference)| Member {
        device: Arc::new((*device).clone()),
        preference: *preference,
    });
    let clock: Arc<dyn MonotonicClock> = Arc::<ManualMonotonicClock>::clone(clock);
    Pool::new(members.collect(), options, clock).unwrap()
}

fn open(pool: &Pool) -> Arc<dyn SigningKey> {
    pool.open(&label(), KeyRole::IssuingCa).unwrap()
}

fn request(message: &[u8], priority: Priority) -> SignRequest<'_> {
    SignRequest {
        algorithm: SignatureAlgorithm::EcdsaSha256,
        message,
        priority,
        deadline: Duration::from_secs(30),
    }
}

fn sign(key: &dyn SigningKey, message: &[u8]) -> Result<Signature, Error> {
    key.sign(&request(message, Priority::Issuance))
}

fn name(device: &str) -> DeviceName {
    DeviceName::new(device).unwrap()
}

/// Waits until something that other threads bring about holds.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + FOREVER;
    while !holds() {
        assert!(Instant::now() < until, "never: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Keeps alarms.
#[derive(Default)]
struct Heard(Mutex<Vec<Alarm>>);

impl AlarmHook for Heard {
    fn alarm(&self, alarm: &Alarm) {
        self.0.lock().push(alarm.clone());
    }
}

impl Heard {
    fn on(pool: &Pool) -> Arc<Self> {
        let heard = Arc::new(Self::default());
        pool.set_alarm_hook(Arc::<Self>::clone(&heard));
        heard
    }

    fn codes(&self) -> Vec<(&'static str, String)> {
        let alarms = self.0.lock();
        alarms
            .iter()
            .map(|alarm| (alarm.code(), alarm.device().to_string()))
            .collect()
    }

    fn has(&self, code: &str, device: &str) -> bool {
        self.codes()
            .iter()
            .any(|(it, of)| *it == code && of == device)
    }
}
