//! Start after a clean stop, memory, and the full rebuild of the projection.

use std::io::Write;
use std::time::Instant;

use kasane_ca_core::folder::DataFolder;
use serde_json::{Value, json};

use super::measure::{resident_mib, rounded};
use super::place::Place;
use super::sample::{Sample, backend};
use super::{BenchError, BenchOptions, populate};

/// Starts measured; the last one is reported with the others beside it.
const STARTS: usize = 3;

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = Place::of(options)?;
    let dir = place.dir();
    if !place.is_filled() {
        writeln!(
            progress,
            "filling {} with {} certificates",
            dir.display(),
            options.count
        )?;
        let sample = populate::fill(dir, options.count, progress)?;
        sample.authority.stop(&sample.folder)?;
    }
    let open = || -> Result<DataFolder, kasane_ca_core::Error> { Ok(DataFolder::open(dir)?) };
    let mut starts: Vec<f64> = Vec::new();
    let mut memory = None;
    let mut certificates = 0;
    for _ in 0..STARTS {
        let begun = Instant::now();
        let sample = Sample::start(open()?, backend(dir)?)?;
        starts.push(rounded(begun.elapsed().as_secs_f64()));
        memory = resident_mib("VmRSS");
        certificates = kasane_ca_core::projection::meta::progress(sample.authority.tables())
            .map_err(kasane_ca_core::Error::from)?
            .certificates;
        sample.authority.stop(&sample.folder)?;
    }
    writeln!(
        progress,
        "rebuilding the projection of {certificates} certificates"
    )?;
    let folder = open()?;
    kasane_ca_core::store_state::StoreState::of(&folder)
        .remove()
        .map_err(kasane_ca_core::Error::from)?;
    let begun = Instant::now();
    let sample = Sample::start(folder, backend(dir)?)?;
    let rebuild = begun.elapsed().as_secs_f64();
    sample.authority.stop(&sample.folder)?;
    Ok(json!({
        "benchmark": "start",
        "certificates": certificates,
        "start_seconds": starts,
        "resident_mib_after_start": memory,
        "rebuild_seconds": rounded(rebuild),
        "resident_mib_peak": resident_mib("VmHWM"),
    }))
}
