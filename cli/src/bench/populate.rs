//! Fills a data folder with certificates through the production encoders.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use kasane_ca_core::authority::{Authority, Population};
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Holder};
use serde_json::{Value, json};

use super::measure::rounded;
use super::sample::{FACILITY, Sample, backend, order, request};
use super::{BenchError, BenchOptions};

/// Every hundredth certificate is revoked.
const REVOKE_EVERY: u64 = 100;

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let Some(dir) = &options.dir else {
        return Err(BenchError::Prepare(
            "populate needs --dir: the folder to fill".into(),
        ));
    };
    if dir.join("ledger").exists() {
        return Err(BenchError::Prepare(format!(
            "{} holds an authority already; populate takes a new folder",
            dir.display()
        )));
    }
    let begun = Instant::now();
    let sample = fill(dir, options.count, progress)?;
    let entries = sample.authority.ledger().size();
    sample.authority.stop(&sample.folder)?;
    Ok(json!({
        "benchmark": "populate",
        "dir": dir.display().to_string(),
        "certificates": options.count,
        "revoked": options.count.div_ceil(REVOKE_EVERY),
        "ledger_entries": entries,
        "seconds": rounded(begun.elapsed().as_secs_f64()),
    }))
}

/// Makes an authority in `dir` and fills it.
pub(super) fn fill(dir: &Path, count: u64, progress: &mut dyn Write) -> Result<Sample, BenchError> {
    let sample = Sample::make(dir, backend(dir)?)?;
    fill_up(sample, count, REVOKE_EVERY, progress)
}

/// Fills an authority; every so many certificates are revoked.
pub(super) fn fill_up(
    sample: Sample,
    count: u64,
    revoke_every: u64,
    progress: &mut dyn Write,
) -> Result<Sample, BenchError> {
    append(&sample.authority, count, revoke_every, progress)?;
    Ok(sample)
}

/// Appends so many certificates, of which every so many is revoked.
pub(super) fn append(
    authority: &Authority,
    count: u64,
    revoke_every: u64,
    progress: &mut dyn Write,
) -> Result<(), BenchError> {
    let key = order(authority, 0, &request()?)?.request.key().clone();
    let code =
        FacilityCode::parse(FACILITY, CheckDigit::Enforce).map_err(kasane_ca_core::Error::from)?;
    let population = Population {
        profile: "terminal-ecc",
        count,
        revoke_every,
        key: &key,
        holder: &Holder::Facility(code),
    };
    let step = (count / 20).max(1);
    let mut next = step;
    let mut failed = None;
    authority.populate(&population, &mut |done| {
        if done >= next {
            next += step;
            if let Err(error) = writeln!(progress, "{done} of {count} certificates") {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}
