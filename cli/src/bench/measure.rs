//! Counting what several threads do in a span of time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::BenchError;

/// How fast something went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// How many a second, all threads together.
    pub(super) per_second: f64,
    /// Processor time of the whole process for each, in microseconds: what others do on the machine
    /// changes it little.
    pub(super) processor_us: f64,
}

/// Runs `work` on `threads` threads for about `span`; returns how many a second were done in
/// all, and the processor time that each took.
/// Each thread makes its own state with `prepare` before the clock starts.
pub(super) fn per_second<S>(
    threads: usize,
    span: Duration,
    prepare: impl Fn(usize) -> Result<S, BenchError> + Sync,
    work: impl Fn(&mut S) -> Result<u64, BenchError> + Sync,
) -> Result<Rate, BenchError> {
    let barrier = Barrier::new(threads + 1);
    let stop = AtomicBool::new(false);
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                let (barrier, stop, done) = (&barrier, &stop, &done);
                let (prepare, work) = (&prepare, &work);
                scope.spawn(move || -> Result<(), BenchError> {
                    let state = prepare(thread);
                    barrier.wait();
                    let mut state = state?;
                    while !stop.load(Ordering::Relaxed) {
                        done.fetch_add(work(&mut state)?, Ordering::Relaxed);
                    }
                    Ok(())
                })
            })
            .collect();
        barrier.wait();
        let (begun, processor) = (Instant::now(), processor_seconds(None));
        std::thread::sleep(span);
        let count = done.load(Ordering::Relaxed);
        let (elapsed, used) = (begun.elapsed(), processor_seconds(None) - processor);
        stop.store(true, Ordering::Relaxed);
        for handle in handles {
            handle
                .join()
                .map_err(|_| BenchError::Prepare("a thread panicked".into()))??;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let count = count as f64;
        Ok(Rate {
            per_second: count / elapsed.as_secs_f64(),
            processor_us: used * 1e6 / count,
        })
    })
}

/// The middle of several runs, by either measure.
pub(super) fn median(rates: &[Rate]) -> Rate {
    Rate {
        per_second: middle(rates.iter().map(|rate| rate.per_second).collect()),
        processor_us: middle(rates.iter().map(|rate| rate.processor_us).collect()),
    }
}

/// The middle value.
pub(super) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Two digits after the point, for people and JSON alike.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Processor time of a process so far, this one if none is named, user and system
/// (`/proc/PID/stat`, 100 ticks a second).
pub(super) fn processor_seconds(process: Option<u32>) -> f64 {
    let process = process.map_or_else(|| "self".to_owned(), |process| process.to_string());
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name of the program may hold blanks: fields are counted after it.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// Resident memory of this process in MiB (`VmRSS`), or its peak (`VmHWM`).
pub(super) fn resident_mib(field: &str) -> Option<f64> {
    resident_mib_of(std::process::id(), field)
}

/// The same of another process.
pub(super) fn resident_mib_of(process: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(rounded(kib / 1024.0))
}
