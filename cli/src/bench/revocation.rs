//! How soon a revocation is seen while others ask, and many revoked in one act.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kasane_ca_core::authority::{
    CrlKind, MassRevocationOrder, MassSelection, MassStep, RevocationOrder,
};
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::certificate::CertificateKey;
use kasane_ca_core::{Actor, Authority, Error};
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::pool::{MonotonicClock, SystemMonotonicClock};
use kasane_verify::crypto::AwsLc;
use kasane_verify::revocation::RevocationReason;
use kasane_web::feed::Followers;
use kasane_web::visibility::{AuthorityRoster, Endpoint, RosterSource, Subject, Watch, What};
use serde_json::{Value, json};

use super::measure::{resident_mib, rounded};
use super::ocsp::{Cores, Load, Processor, Served};
use super::place::Place;
use super::sample::{Sample, backend};
use super::{BenchError, BenchOptions, populate};

/// Certificates revoked in one act: half of what there is, up to this.
const MASS: usize = 500_000;

/// How long one revocation is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = Place::of(options)?;
    let dir = place.dir();
    let sample = if place.is_filled() {
        let folder = DataFolder::open(dir).map_err(Error::from)?;
        Sample::start(folder, backend(dir)?)?
    } else {
        writeln!(progress, "filling {}", dir.display())?;
        populate::fill(dir, options.count, progress)?
    };
    let authority = &sample.authority;
    let live = live(authority)?;
    writeln!(
        progress,
        "{} certificates: revoking one after another",
        live.len()
    )?;
    let (visible, used) = visible(&sample, &live, options, progress)?;
    writeln!(progress, "revoking many in one act, and others beside it")?;
    let mass = mass(&sample, live.get(used..).unwrap_or_default())?;
    let mut figures = json!({ "benchmark": "revocation", "certificates": live.len() });
    if let Some(all) = figures.as_object_mut() {
        for part in [visible, mass] {
            all.extend(part.as_object().cloned().unwrap_or_default());
        }
    }
    sample.authority.stop(&sample.folder)?;
    Ok(figures)
}

fn live(authority: &Authority) -> Result<Vec<CertificateKey>, BenchError> {
    let now = authority.now();
    let mut live = Vec::new();
    authority.each_certificate("", &mut |key, row| {
        if row.profile == "terminal-ecc" && row.is_live(now) {
            live.push(key);
        }
        true
    })?;
    Ok(live)
}

/// One revocation after another, each seen by a client that had asked before, while `wrk` keeps the
/// server's processor busy.
fn visible(
    sample: &Sample,
    live: &[CertificateKey],
    options: &BenchOptions,
    progress: &mut dyn Write,
) -> Result<(Value, usize), BenchError> {
    let cores = Cores::of_this_process()?;
    let load = Load::find(cores, Duration::from_secs(options.seconds))?;
    let ours = Served::status(sample, cores.server)?;
    let address = ours.address();
    let busy = subject(&sample.authority, live.last())?;
    let path = busy.get_path().unwrap_or_default();
    let over = AtomicBool::new(false);
    let (rate, mut times) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let rate = load.get(address, &path, Processor::Own);
            over.store(true, Ordering::Release);
            rate
        });
        let mut times = Vec::new();
        for key in live {
            if over.load(Ordering::Acquire) {
                break;
            }
            times.push(one(&sample.authority, key, address)?);
        }
        let rate = asking
            .join()
            .map_err(|_| BenchError::Prepare("the load generator panicked".into()))??;
        Ok::<_, BenchError>((rate, times))
    })?;
    times.sort_unstable();
    writeln!(progress, "{} revocations were seen", times.len())?;
    let figures = json!({
        "load_per_second": rounded(rate.per_second),
        "revocations_seen": times.len(),
        "visible_median_ms": part(&times, 50),
        "visible_p99_ms": part(&times, 99),
        "visible_longest_ms": times.last(),
    });
    Ok((figures, times.len()))
}

/// Of sorted times the one that so many percent do not exceed.
fn part(times: &[u64], percent: usize) -> Option<u64> {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.checked_sub(1)?).copied()
}

fn one(
    authority: &Arc<Authority>,
    key: &CertificateKey,
    address: SocketAddr,
) -> Result<u64, BenchError> {
    let subjects = [subject(authority, Some(key))?];
    let source = only(authority, address);
    let roster = source.roster().map_err(BenchError::Prepare)?;
    let monotonic = Arc::new(SystemMonotonicClock::new());
    let mut watch = Watch {
        roster: &roster,
        source,
        subjects: &subjects,
        entries: None,
        lists: None::<What>,
        monotonic: monotonic.clone(),
        since: monotonic.now(),
        timeout: Duration::ZERO,
        clock: Arc::new(SystemClock),
        crypto: Arc::new(AwsLc),
        given_up: Arc::default(),
    };
    // The server keeps "good" from here on.
    watch.run(&mut |_| {})?;
    watch.timeout = PATIENCE;
    watch.since = monotonic.now();
    authority.revoke(
        &Actor::system(),
        &RevocationOrder {
            issuer: &key.issuer,
            serial: &key.serial,
            reason: Some(RevocationReason::Superseded),
            invalidity_date: None,
        },
    )?;
    let seen = watch.run(&mut |_| {})?;
    seen.first()
        .and_then(|it| it.after_milliseconds)
        .ok_or_else(|| BenchError::Prepare("a revocation is never seen".into()))
}

/// Nobody is waited for but the service at `address`.
pub(super) fn only(authority: &Arc<Authority>, address: SocketAddr) -> Arc<AuthorityRoster> {
    Arc::new(AuthorityRoster {
        authority: Arc::clone(authority),
        followers: Followers::default(),
        endpoints: [Endpoint::own(address)].into(),
    })
}

pub(super) fn subject(
    authority: &Authority,
    key: Option<&CertificateKey>,
) -> Result<Subject, BenchError> {
    let missing = || BenchError::Prepare("there is no live certificate".into());
    let key = key.ok_or_else(missing)?;
    let der = authority.certificate(&key.issuer, &key.serial)?.der;
    let issuer = authority.issuer(&key.issuer)?.certificate_der.clone();
    Subject::new(&AwsLc, der.ok_or_else(missing)?, issuer)
        .map_err(|error| BenchError::Prepare(error.to_string()))
}

fn mass(sample: &Sample, live: &[CertificateKey]) -> Result<Value, BenchError> {
    let authority = &sample.authority;
    // The last ones: those before are revoked one by one beside it.
    let count = MASS.min(live.len() / 2);
    let serials: BTreeSet<_> = live
        .iter()
        .rev()
        .take(count)
        .map(|key| key.serial.clone())
        .collect();
    let publisher = Publisher::new(Arc::clone(authority), Schedule::default())?;
    // Bases for the deltas.
    let _sweep = publisher.publish_due(authority.now());
    let order = MassRevocationOrder {
        selection: MassSelection {
            serials: Some(serials),
            ..MassSelection::default()
        },
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
        confirmed: None,
        approvals: Vec::new(),
    };
    let server = Served::status(sample, Cores::of_this_process()?.server)?;
    let address = server.address();
    let before = resident_mib("VmRSS");
    reset_peak();
    let begun = Instant::now();
    let over = AtomicBool::new(false);
    let (done, counts, beside) = std::thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let mut times = Vec::new();
            for key in live.iter().take(live.len() - count) {
                if over.load(Ordering::Acquire) {
                    break;
                }
                times.push(one(authority, key, address)?);
            }
            times.sort_unstable();
            Ok::<_, BenchError>(times)
        });
        let mut counts = None;
        let done = authority.revoke_many(&Actor::system(), &order, &mut |step| {
            if matches!(step, MassStep::Writing { .. }) {
                counts = Some(begun.elapsed().as_secs_f64());
            }
        });
        over.store(true, Ordering::Release);
        let beside = beside
            .join()
            .map_err(|_| BenchError::Prepare("revoking beside it panicked".into()))?;
        Ok::<_, BenchError>((done?, counts, beside?))
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = resident_mib("VmHWM");
    let begun = Instant::now();
    for (issuer, shard) in &done.shards {
        publisher.publish(issuer, *shard)?;
    }
    let published = begun.elapsed().as_secs_f64();
    let full = |(issuer, shard): &(String, u32)| {
        publisher.current(issuer, *shard, CrlKind::Full).is_some()
    };
    Ok(json!({
        "mass_certificates": done.choice.certificates,
        "mass_counts_after_seconds": counts.map(rounded),
        "mass_seconds": rounded(seconds),
        "beside_it_revocations_seen": beside.len(),
        "beside_it_visible_median_ms": part(&beside, 50),
        "beside_it_visible_p99_ms": part(&beside, 99),
        "beside_it_visible_longest_ms": beside.last(),
        "mass_resident_mib_before": before,
        "mass_resident_mib_peak": peak,
        "crls_after_it": done.shards.iter().filter(|it| full(it)).count(),
        "crls_and_deltas_seconds": rounded(published),
    }))
}

/// From here on the peak of resident memory is counted anew (proc(5), `clear_refs`).
fn reset_peak() {
    // Where it cannot be, the figure is the peak of the whole run.
    let _written = std::fs::write(Path::new("/proc/self/clear_refs"), "5");
}
