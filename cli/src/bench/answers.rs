//! Many certificates known: from a clean stop to the first right answer, memory, and how long
//! answers take at a steady load.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_ca_core::Error;
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::certificate::CertificateKey;
use kasane_hsm::pool::{MonotonicClock, SystemMonotonicClock};
use kasane_verify::crypto::AwsLc;
use kasane_web::visibility::{RosterSource, Subject, Watch, What};
use serde_json::{Value, json};

use super::measure::{resident_mib, rounded};
use super::ocsp::{Cores, Latencies, Load, Pace, Paths, Served};
use super::place::Place;
use super::revocation::{only, subject};
use super::sample::{Sample, backend, workplace};
use super::{BenchError, BenchOptions, populate};

/// Starts measured.
const STARTS: usize = 3;

/// Certificates asked for again and again: what some 100,000 terminals do in a Monday's minutes.
const AGAIN: usize = 100_000;

/// Certificates that nobody asked for before, once each.
const ONCE: usize = 20_000;

/// Requests per second.
const PER_SECOND: u64 = 5_000;

/// One request in so many is about a certificate that nobody asked for before.
const NEW_EVERY: u64 = 20;

/// Signed answers per second that this machine gives at least, while the kept ones are made.
const SLOWEST: usize = 1_000;

/// How long a first answer is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the choosing process leaves in the folder for the measuring one.
const CHOICE: &str = "bench-answers.json";

#[derive(serde::Serialize, serde::Deserialize)]
struct Choice {
    certificates: u64,
    revoked: u64,
    again: Vec<String>,
    once: Vec<String>,
    /// Issuer and serial number of a revoked one.
    issuer: String,
    serial: Vec<u8>,
}

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = Place::of(options)?;
    let dir = place.dir();
    if let Ok(text) = std::fs::read_to_string(dir.join(CHOICE)) {
        let choice = serde_json::from_str(&text)
            .map_err(|error| BenchError::Prepare(format!("{CHOICE}: {error}")))?;
        let figures = measure(dir, &choice, options, progress)?;
        // Kept until then: choosing takes long.
        std::fs::remove_file(dir.join(CHOICE))?;
        return Ok(figures);
    }
    Load::find(Cores::of_this_process()?, Duration::ZERO)?;
    let sample = if place.is_filled() {
        let folder = DataFolder::open(dir).map_err(Error::from)?;
        Sample::start(folder, backend(dir)?)?
    } else {
        writeln!(progress, "filling {}", dir.display())?;
        populate::fill(dir, options.count, progress)?
    };
    writeln!(progress, "choosing certificates to ask about")?;
    let choice = choose(&sample)?;
    sample.authority.stop(&sample.folder)?;
    drop(sample);
    let text =
        serde_json::to_string(&choice).map_err(|error| BenchError::Prepare(error.to_string()))?;
    std::fs::write(dir.join(CHOICE), text)?;
    again(dir, options)
}

/// What chose leaves memory behind: the measuring is for a new process.
fn again(dir: &Path, options: &BenchOptions) -> Result<Value, BenchError> {
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "answers", "--json", "--seconds"])
        .arg(options.seconds.to_string())
        .arg("--at")
        .arg(dir)
        .stderr(Stdio::inherit())
        .output()?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stdout);
        BenchError::Prepare(format!("the measuring process said {said:?}: {error}"))
    })
}

/// Certificates from all over the store: their keys are in the order of serial numbers, which are
/// random.
fn choose(sample: &Sample) -> Result<Choice, BenchError> {
    let authority = &sample.authority;
    let known = kasane_ca_core::projection::meta::progress(authority.tables())
        .map_err(Error::from)?
        .certificates;
    let step = usize::try_from(known).unwrap_or(usize::MAX) / (AGAIN + ONCE);
    let now = authority.now();
    let (mut seen, mut revoked, mut one_revoked) = (0_usize, 0, None);
    let mut keys: Vec<CertificateKey> = Vec::new();
    authority.each_certificate("", &mut |key, row| {
        if row.profile == "terminal-ecc" {
            if !row.is_live(now) {
                revoked += 1;
                one_revoked = Some(key.clone());
            }
            if seen % step.max(1) == 0 && keys.len() < AGAIN + ONCE {
                keys.push(key);
            }
            seen += 1;
        }
        true
    })?;
    let mut again = Vec::new();
    let mut once = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let path = subject(authority, Some(key))?.get_path();
        let list = if at % 6 == 5 { &mut once } else { &mut again };
        list.extend(path);
    }
    let CertificateKey { issuer, serial } =
        one_revoked.ok_or_else(|| BenchError::Prepare("no certificate is revoked".into()))?;
    Ok(Choice {
        certificates: known,
        revoked,
        again,
        once,
        issuer,
        serial,
    })
}

fn measure(
    dir: &Path,
    choice: &Choice,
    options: &BenchOptions,
    progress: &mut dyn Write,
) -> Result<Value, BenchError> {
    let cores = Cores::of_this_process()?;
    let key = CertificateKey {
        issuer: choice.issuer.clone(),
        serial: choice.serial.clone(),
    };
    let (mut opened, mut answered) = (Vec::new(), Vec::new());
    let (sample, served) = loop {
        let folder = DataFolder::open(dir).map_err(Error::from)?;
        let backend = backend(dir)?;
        let begun = Instant::now();
        let sample = Sample::start(folder, backend)?;
        opened.push(rounded(begun.elapsed().as_secs_f64()));
        let served = Served::status(&sample, cores.server)?;
        first_answer(&sample, &served, &key)?;
        answered.push(rounded(begun.elapsed().as_secs_f64()));
        if answered.len() == STARTS {
            break (sample, served);
        }
        drop(served);
        stop(sample)?;
    };
    let after_start = resident_mib("VmRSS");
    let place = workplace(Some(dir))?;
    let paths = Paths::write(place.path(), &choice.again, &choice.once)?;
    writeln!(
        progress,
        "{} certificates are asked for once",
        paths.again()
    )?;
    let span = Duration::from_secs((paths.again() / SLOWEST).max(1) as u64);
    let ask = |pace, span| paths.ask(cores, served.address(), pace, span);
    let first = ask(Pace::EachInTurn, span)?;
    let span = Duration::from_secs(options.seconds.max(1));
    writeln!(progress, "{PER_SECOND} requests a second")?;
    let at_random = |new_every| Pace::AtRandom {
        per_second: PER_SECOND,
        new_every,
    };
    let kept = ask(at_random(0), span)?;
    let mixed = ask(at_random(NEW_EVERY), span)?;
    let figures = json!({
        "benchmark": "answers",
        "certificates": choice.certificates,
        "revoked": choice.revoked,
        "start_seconds": opened,
        "first_answer_seconds": answered,
        "resident_mib_after_start": after_start,
        "resident_mib_under_load": resident_mib("VmRSS"),
        "resident_mib_peak": resident_mib("VmHWM"),
        "asked_for": paths.again(),
        "first_round": as_json(first),
        "kept": as_json(kept),
        "new_every": NEW_EVERY,
        "with_new": as_json(mixed),
    });
    drop(served);
    stop(sample)?;
    Ok(figures)
}

/// Stops an authority once its server's last task has let go of it, and waits until the store's own
/// threads have, so that it can be opened again.
fn stop(sample: Sample) -> Result<(), BenchError> {
    let begun = Instant::now();
    let wait = || {
        std::thread::sleep(Duration::from_millis(10));
        if begun.elapsed() > PATIENCE {
            return Err(BenchError::Prepare("the authority does not end".into()));
        }
        Ok(())
    };
    while Arc::strong_count(&sample.authority) > 1 {
        wait()?;
    }
    sample.authority.stop(&sample.folder)?;
    let database = std::fs::File::open(sample.folder.store().join("db"))?;
    drop(sample);
    while database.try_lock().is_err() {
        wait()?;
    }
    Ok(())
}

/// The first answer is about a revoked certificate, and is verified with its signer.
fn first_answer(sample: &Sample, served: &Served, key: &CertificateKey) -> Result<(), BenchError> {
    let subjects: [Subject; 1] = [subject(&sample.authority, Some(key))?];
    let source = only(&sample.authority, served.address());
    let roster = source.roster().map_err(BenchError::Prepare)?;
    let monotonic = Arc::new(SystemMonotonicClock::new());
    let watch = Watch {
        roster: &roster,
        source,
        subjects: &subjects,
        entries: None,
        lists: None::<What>,
        since: monotonic.now(),
        monotonic,
        timeout: PATIENCE,
        clock: Arc::new(SystemClock),
        crypto: Arc::new(AwsLc),
        given_up: Arc::default(),
    };
    let seen = watch.run(&mut |_| {})?;
    match seen.first().map(|it| it.after_milliseconds) {
        Some(Some(_)) => Ok(()),
        _ => Err(BenchError::Prepare("the first answer is not right".into())),
    }
}

fn as_json(latencies: Latencies) -> Value {
    json!({
        "per_second": rounded(latencies.per_second),
        "median_ms": rounded(latencies.median_ms),
        "p99_ms": rounded(latencies.p99_ms),
        "longest_ms": rounded(latencies.longest_ms),
    })
}
