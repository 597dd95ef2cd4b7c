//! Times and medians.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kasane_hsm::pool::{Member, Pool, PoolOptions, SystemMonotonicClock};
use kasane_hsm::{Device, Priority, SignRequest, SigningKey};

pub(crate) fn pool(devices: Vec<Arc<dyn Device>>) -> Arc<Pool> {
    let members = devices.into_iter().map(Member::new).collect();
    let clock = Arc::new(SystemMonotonicClock::new());
    Pool::new(members, PoolOptions::default(), clock).unwrap()
}

pub(crate) fn sign(key: &dyn SigningKey, priority: Priority) {
    key.sign(&SignRequest {
        algorithm: key.info().algorithm.default_signature(),
        message: b"a certificate has about a thousand bytes; hashing them takes no time",
        priority,
        deadline: Duration::from_secs(3_600),
    })
    .unwrap();
}

/// How long `count` signatures of one caller take.
pub(crate) fn time_of(key: &dyn SigningKey, count: usize) -> Duration {
    let begun = Instant::now();
    for _ in 0..count {
        sign(key, Priority::Issuance);
    }
    begun.elapsed()
}

/// How long `count` signatures of several callers take.
pub(crate) fn time_of_many(key: &dyn SigningKey, callers: usize, count: usize) -> Duration {
    let left = AtomicUsize::new(count);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                    .is_ok()
                {
                    sign(key, Priority::Issuance);
                }
            });
        }
    });
    begun.elapsed()
}

/// Runs both sides in turns, the first side first in every other round; gives the median of
/// second over first.
pub(crate) fn paired(
    rounds: usize,
    first: impl Fn() -> Duration,
    second: impl Fn() -> Duration,
) -> f64 {
    let ratios = (0..rounds).map(|round| {
        let (a, b) = if round % 2 == 0 {
            let a = first();
            (a, second())
        } else {
            let b = second();
            (first(), b)
        };
        b.as_secs_f64() / a.as_secs_f64()
    });
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}
