//! Appends alone: what group commit gives.

use std::io::Write;
use std::time::Duration;

use kasane_ledger::{Batch, Ledger, NoProjection, Options};
use serde_json::{Value, json};

use super::measure::{median, per_second, rounded};
use super::sample::workplace;
use super::{BenchError, BenchOptions};

/// A certificate's record is about this large.
const ENTRY_BYTES: usize = 1_200;

/// Entries of one append in the batched section.
const BATCH: usize = 1_000;

const ROUNDS: usize = 3;

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = workplace(options.dir.as_deref())?;
    let failed = |error: kasane_ledger::Error| BenchError::Authority(error.into());
    let dir = place.path().join("ledger");
    Ledger::create(&dir, "bench.kasane.example/ledger", Options::default()).map_err(failed)?;
    let ledger = Ledger::open(&dir, Options::default(), None)
        .and_then(|opened| opened.start(Box::new(NoProjection), 0, &mut |_, _| {}))
        .map_err(failed)?;
    let span = Duration::from_secs(options.seconds);
    let append = |threads: usize, entries: usize| {
        per_second(
            threads,
            span,
            |_| Ok(()),
            |()| {
                let entries = vec![vec![0x5A; ENTRY_BYTES]; entries];
                let count = entries.len() as u64;
                ledger
                    .append(Batch {
                        entries,
                        private: Vec::new(),
                    })
                    .map_err(failed)?;
                Ok(count)
            },
        )
    };
    let (mut singles, mut many, mut batched) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        writeln!(progress, "round {round} of {ROUNDS}")?;
        singles.push(append(1, 1)?);
        many.push(append(64, 1)?);
        batched.push(append(2, BATCH)?);
    }
    let (single, concurrent, batched) = (
        median(&singles).per_second,
        median(&many).per_second,
        median(&batched).per_second,
    );
    ledger.close().map_err(failed)?;
    Ok(json!({
        "benchmark": "ledger",
        "entry_bytes": ENTRY_BYTES,
        "one_at_a_time_per_second": rounded(single),
        "concurrent_appenders": 64,
        "concurrent_per_second": rounded(concurrent),
        "ratio_concurrent_to_one": rounded(concurrent / single),
        "batched_entries_per_second": rounded(batched),
    }))
}
