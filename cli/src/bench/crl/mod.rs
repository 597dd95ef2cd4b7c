//! A CRL of a million entries built, linted and signed from the store, and a delta on it, beside
//! OpenSSL's `ca -gencrl` over as many lines of its index.

mod openssl;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{CrlKind, CrlLifetime, CrlOrder, CrlPair};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::pipeline::{CrlEncoder, CrlOctets, CrlPlan, RevokedEntry};
use kasane_crl::TbsEncoder;
use kasane_hsm::Priority;
use serde_json::{Value, json};

use super::measure::{middle, resident_mib, rounded};
use super::place::Place;
use super::sample::{Sample, backend, one_crl_script};
use super::{BenchError, BenchOptions, populate};

/// Lists made by each in turn, after one that is not counted.
const ROUNDS: usize = 5;

/// Revocations between a delta CRL and the next.
const NEWS: u64 = 100;

const ISSUER: &str = "issuing-ecc-terminal";

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = Place::of(options)?;
    let dir = place.dir();
    if place.is_filled() {
        return measure(dir, progress);
    }
    writeln!(progress, "revoking {} certificates", options.count)?;
    let sample = Sample::make_by(&one_crl_script(), dir, backend(dir)?)?;
    let sample = populate::fill_up(sample, options.count, 1, progress)?;
    sample.authority.stop(&sample.folder)?;
    drop(sample);
    again(dir)
}

/// What filled the folder leaves memory behind: the measuring is for a new process.
fn again(dir: &Path) -> Result<Value, BenchError> {
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "crl", "--json", "--at"])
        .arg(dir)
        .stderr(Stdio::inherit())
        .output()?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stdout);
        BenchError::Prepare(format!("the measuring process said {said:?}: {error}"))
    })
}

fn measure(dir: &Path, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let folder = DataFolder::open(dir).map_err(kasane_ca_core::Error::from)?;
    let sample = Sample::start(folder, backend(dir)?)?;
    let at_start = resident_mib("VmRSS");
    // The pages of the store are in memory then, as in a service that has made a list before, and
    // nothing else of a list is.
    walk(&sample)?;
    let resident = resident_mib("VmRSS");
    let list = |kind| issue(&sample, kind);
    let first = list(CrlKind::Full)?;
    let (octets, number) = (first.crl.der.len(), first.crl.number);
    drop(first);
    let entries = sample
        .authority
        .crl_series(ISSUER, 0)?
        .full
        .map_or(0, |full| full.entries);
    let peer = openssl::Peer::prepare(entries)?;
    forget_peak()?;
    let (mut full, mut others, mut others_mib) = (Vec::new(), Vec::new(), 0.0_f64);
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        let made = list(CrlKind::Full)?;
        full.push(begun.elapsed().as_secs_f64());
        if let Some(Err(error)) = made.delta {
            return Err(error.into());
        }
        drop(made.crl);
        if let Some(peer) = &peer {
            let run = peer.run()?;
            others.push(run.seconds);
            others_mib = others_mib.max(run.peak_mib);
        }
        writeln!(progress, "round {round} of {ROUNDS}")?;
    }
    let peak = resident_mib("VmHWM");
    let mut deltas = Vec::new();
    for _ in 0..ROUNDS {
        populate::append(&sample.authority, NEWS, 1, &mut std::io::sink())?;
        let begun = Instant::now();
        list(CrlKind::Delta)?;
        deltas.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    sample.authority.stop(&sample.folder)?;
    let above = peak
        .zip(resident)
        .map(|(peak, before)| rounded(peak - before));
    let seconds = middle(full.clone());
    let mut result = json!({
        "benchmark": "crl",
        "entries": entries,
        "octets": octets,
        "first_number": number,
        "full_seconds": rounded(seconds),
        "full_seconds_each": full.iter().map(|it| rounded(*it)).collect::<Vec<_>>(),
        "resident_mib_at_start": at_start,
        "resident_mib_before": resident,
        "resident_mib_peak": peak,
        "mib_above_store": above,
        "delta_revocations": NEWS,
        "delta_ms": rounded(middle(deltas)),
    });
    if let (Some(fields), false) = (result.as_object_mut(), others.is_empty()) {
        let theirs = middle(others);
        fields.insert("openssl_seconds".into(), json!(rounded(theirs)));
        fields.insert("openssl_peak_mib".into(), json!(others_mib));
        fields.insert(
            "ratio_openssl_time".into(),
            json!(rounded(theirs / seconds)),
        );
        if let Some(above) = above.filter(|above| *above > 0.0) {
            let ratio = rounded(others_mib / above);
            fields.insert("ratio_openssl_memory".into(), json!(ratio));
        }
    }
    Ok(result)
}

fn issue(sample: &Sample, kind: CrlKind) -> Result<CrlPair, BenchError> {
    let actor = Actor::system();
    Ok(sample
        .authority
        .issue_crl(&actor, &order(kind), &TbsEncoder::begin)?)
}

fn order(kind: CrlKind) -> CrlOrder<'static> {
    CrlOrder {
        issuer: ISSUER,
        shard: 0,
        kind,
        lifetime: CrlLifetime::Seconds(96 * 3_600),
        priority: Priority::Status,
    }
}

/// Reads the entries of a list from the store, and makes none.
fn walk(sample: &Sample) -> Result<(), BenchError> {
    let begin =
        |_: &CrlPlan, _: u64| -> Result<Box<dyn CrlEncoder>, der::Error> { Ok(Box::new(Walk)) };
    let made = sample
        .authority
        .issue_crl(&Actor::system(), &order(CrlKind::Full), &begin);
    match made {
        Err(kasane_ca_core::Error::Encoding(error)) if error.kind() == WALKED => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(BenchError::Prepare("a list without entries".to_owned())),
    }
}

/// How a [`Walk`] ends, before anything is recorded.
const WALKED: der::ErrorKind = der::ErrorKind::Failed;

struct Walk;

impl CrlEncoder for Walk {
    fn push(&mut self, _entry: &RevokedEntry<'_>) -> Result<(), der::Error> {
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<CrlOctets, der::Error> {
        Err(WALKED.into())
    }
}

/// From here on `VmHWM` is the peak of what follows (`proc(5)`, `clear_refs`).
fn forget_peak() -> Result<(), BenchError> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}
