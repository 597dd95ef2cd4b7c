//! Appends alone: one caller at a time, 64 callers at once, and big batches; and reopening.
//!
//! Prints the ratio that group commit gives before the single figures.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop on a failure")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use kasane_ledger::{Batch, Ledger, NoProjection, Options};

/// About what a certificate record needs.
const ENTRY_BYTES: usize = 400;

/// Entries of the ledger that is reopened.
const REOPEN_ENTRIES: u64 = 2_000_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    ratio();
    appends(&mut criterion);
    reopen();
    criterion.final_summary();
}

fn ledger(dir: &Path) -> Ledger {
    Ledger::create(dir, "bench.example/ledger", Options::default()).unwrap();
    start(dir)
}

fn start(dir: &Path) -> Ledger {
    let open = Ledger::open(dir, Options::default(), None).unwrap();
    let size = open.size();
    open.start(Box::new(NoProjection), size, &mut |_, _| {})
        .unwrap()
}

fn entry() -> Batch {
    Batch::entry(vec![0xa5; ENTRY_BYTES])
}

/// Appends of `callers` threads in a span of time, per second.
fn rate(callers: usize, span: Duration) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger(dir.path());
    let count = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let threads: Vec<_> = (0..callers)
        .map(|_| {
            let (ledger, count) = (ledger.clone(), Arc::clone(&count));
            thread::spawn(move || {
                while start.elapsed() < span {
                    ledger.append(entry()).unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    count.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

fn ratio() {
    let span = Duration::from_secs(3);
    let (alone, together) = (rate(1, span), rate(64, span));
    println!(
        "appends: {alone:.0}/s one at a time, {together:.0}/s by 64 callers, ratio {:.1}",
        together / alone
    );
}

fn appends(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    group.sample_size(20);
    for count in [1_usize, 1000, 10_000] {
        let dir = tempfile::tempdir().unwrap();
        let ledger = ledger(dir.path());
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("batch of {count}"), |bench| {
            bench.iter_batched(
                || Batch {
                    entries: vec![vec![0xa5; ENTRY_BYTES]; count],
                    private: vec![],
                },
                |batch| ledger.append(batch).unwrap(),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn reopen() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger(dir.path());
    let filling = Instant::now();
    for _ in 0..REOPEN_ENTRIES / 10_000 {
        let entries = vec![vec![0xa5; 100]; 10_000];
        ledger
            .append(Batch {
                entries,
                private: vec![],
            })
            .unwrap();
    }
    println!(
        "fill: {REOPEN_ENTRIES} entries of 100 bytes in {:?}",
        filling.elapsed()
    );
    let closing = Instant::now();
    ledger.close().unwrap();
    println!("close: {:?}", closing.elapsed());
    let opening = Instant::now();
    let ledger = start(dir.path());
    println!(
        "reopen: {} entries in {:?}",
        ledger.size(),
        opening.elapsed()
    );
}
