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
    let rounds = in_turns(rounds, [&first, &second]);
    median(rounds.iter().map(|[first, second]| ratio(*second, *first)))
}

/// Runs all sides in every round, each round in the other direction; gives the times.
pub(crate) fn in_turns<const SIDES: usize>(
    rounds: usize,
    sides: [&dyn Fn() -> Duration; SIDES],
) -> Vec<[Duration; SIDES]> {
    let round = |round: usize| {
        let mut times = [Duration::ZERO; SIDES];
        for at in 0..SIDES {
            let side = if round.is_multiple_of(2) {
                at
            } else {
                SIDES - 1 - at
            };
            times[side] = sides[side]();
        }
        times
    };
    (0..rounds).map(round).collect()
}

pub(crate) fn ratio(over: Duration, under: Duration) -> f64 {
    over.as_secs_f64() / under.as_secs_f64()
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
