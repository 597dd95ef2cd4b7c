use super::measure::resident_mib;
use super::sample::*;
use super::{BenchError, BenchOptions, populate};
use kasane_ca_core::folder::DataFolder;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Instant;

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let dir = options
        .dir
        .clone()
        .ok_or_else(|| BenchError::Prepare("dir".into()))?;
    if !dir.join("ledger").exists() {
        let sample = Sample::make_by(&one_crl_script(), &dir, backend(&dir)?)?;
        let sample = populate::fill_up(sample, options.count, 1, progress)?;
        sample.authority.stop(&sample.folder)?;
    }
    let sample = Sample::start(
        DataFolder::open(&dir).map_err(kasane_ca_core::Error::from)?,
        backend(&dir)?,
    )?;
    let a = &sample.authority;
    for _ in 0..4 {
        let t = Instant::now();
        let mut n = 0u64;
        kasane_ca_core::projection::revocation::scan(
            a.tables(),
            "issuing-ecc-terminal",
            0,
            &mut |_, _| {
                n += 1;
                true
            },
        )
        .map_err(kasane_ca_core::Error::from)?;
        writeln!(
            progress,
            "scan {n} {:?} {:?}",
            t.elapsed(),
            resident_mib("VmRSS")
        )?;
    }
    Ok(json!({}))
}
