//! `kasane hsm bench`

use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_hsm::config::Access;
use kasane_hsm::pool::{LogSink, Pool, SinkError};
use kasane_hsm::{
    Device, DeviceIdentity, DeviceName, Error, KeyBackend, KeyInfo, KeyLabel, KeyRole, Priority,
    SignRequest, SigningKey,
};
use kasane_verify::KeyAlgorithm;
use kasane_web::control::{ExitClass, Problem};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{self, Hardware, HardwareConfig};

/// Measure signatures per second and their latency, per device and through the pool
///
/// Signs with keys of its own, which stay in the devices (bench-…): for devices that no authority
/// uses. A data folder with a ledger is refused, because its devices would be made to sign what no
/// record explains. Nobody keeps what the devices log meanwhile: before an authority begins with such
/// a device it must be reset (docs/OPERATIONS.md, 'Devices with a past').
///
/// Example:
///   kasane hsm bench --hsm-config spare.toml --dir ./no-authority --algorithm p-384,rsa-3072
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Which keys sign
    #[arg(long, value_delimiter = ',', default_value = "p-384,rsa-3072")]
    algorithm: Vec<KeyAlgorithm>,
    /// How long each measurement takes
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Callers at once; the lanes of what is measured if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    callers: Option<u16>,
}

/// What the labels of a benchmark's own keys begin with.
const KEY_PREFIX: &str = "bench-";

/// How long one signature may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// Commands after which a log is emptied when a device is measured without a pool.
const DRAIN_AFTER: usize = 16;

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let config = HardwareConfig::require(global)?;
    if global.dir.join("ledger").exists() {
        let message = format!(
            "{} holds an authority: its devices are not for benchmarks; name a folder without one \
             with --dir and devices that nobody uses with --hsm-config",
            global.dir.display()
        );
        return Err(Problem::new(
            ExitClass::Refused,
            "hsm.bench-in-use",
            message,
        ));
    }
    let hardware = Hardware::open(&config, Access::Ceremony)?;
    // Before any log is taken away: no folder says so, but a device may serve an authority.
    must_be_spare(&hardware.pool)?;
    hardware.pool.set_log_sink(Arc::new(Discard));
    let duration = Duration::from_secs(args.seconds);
    let mut results = Vec::new();
    let mut text = String::new();
    for algorithm in &args.algorithm {
        let label = KeyLabel::new(format!("{KEY_PREFIX}{algorithm}")).map_err(hardware::problem)?;
        let mut measured = Vec::new();
        for device in hardware.pool.devices() {
            key(&**device, &label, *algorithm)?;
        }
        for device in hardware.pool.devices() {
            let lanes = device.lanes().get();
            let signer = open(&**device, &label)?;
            let callers = args.callers.map_or(lanes, usize::from);
            let drained = Some(&**device);
            measured.push((
                format!("device {}", device.name()),
                measure(&*signer, callers, duration, drained)?,
            ));
        }
        let lanes: usize = hardware.pool.devices().map(|it| it.lanes().get()).sum();
        // More callers than lanes, so that no device waits for one.
        let callers = args.callers.map_or(2 * lanes, usize::from);
        hardware.pool.refresh(&label);
        let pool: &Pool = &hardware.pool;
        let signer = open(pool, &label)?;
        measured.push((
            "pool".to_owned(),
            measure(&*signer, callers, duration, None)?,
        ));
        for (what, measured) in measured {
            text.push_str(&measured.line(&what, *algorithm));
            results.push(measured.to_json(&what, *algorithm));
        }
    }
    Ok(Answer {
        json: json!({ "results": results }),
        text,
        notes: "these devices hold keys bench-… now, and nobody kept their logs: reset and commission \
                them again before an authority begins with them (docs/OPERATIONS.md, 'Devices with a \
                past')\n"
            .to_owned(),
        refusal: None,
    })
}

/// Refuses devices that hold keys of somebody else: their logs are evidence, which a benchmark would
/// acknowledge and throw away.
fn must_be_spare(pool: &Pool) -> Result<(), Problem> {
    for device in pool.devices() {
        let keys = device.keys().map_err(hardware::problem)?;
        let other = keys
            .iter()
            .find(|it| !it.label.as_str().starts_with(KEY_PREFIX));
        if let Some(key) = other {
            let message = format!(
                "device {}: holds key {}, which is no benchmark's: an authority may need its log; \
                 name devices that nobody uses with --hsm-config",
                device.name(),
                key.label
            );
            return Err(Problem::new(
                ExitClass::Refused,
                "hsm.bench-in-use",
                message,
            ));
        }
    }
    Ok(())
}

/// Makes the key where it is not.
fn key(device: &dyn Device, label: &KeyLabel, algorithm: KeyAlgorithm) -> Result<KeyInfo, Problem> {
    let found = match device.open(label, KeyRole::IssuingCa) {
        Ok(key) => Ok(key.info().clone()),
        Err(Error::KeyNotFound { .. }) => device.generate(label, KeyRole::IssuingCa, algorithm),
        Err(error) => Err(error),
    };
    empty_log(device).map_err(hardware::problem)?;
    found.map_err(hardware::problem)
}

fn open(backend: &dyn KeyBackend, label: &KeyLabel) -> Result<Arc<dyn SigningKey>, Problem> {
    backend
        .open(label, KeyRole::IssuingCa)
        .map_err(hardware::problem)
}

fn empty_log(device: &dyn Device) -> Result<(), Error> {
    if let Some(log) = device.command_log()
        && let Some(last) = log.read()?.entries.last()
    {
        log.acknowledge(last.number)?;
    }
    Ok(())
}

/// What came of a measurement.
struct Measured {
    callers: usize,
    elapsed: Duration,
    latencies: Vec<Duration>,
}

fn measure(
    key: &dyn SigningKey,
    callers: usize,
    duration: Duration,
    drained: Option<&dyn Device>,
) -> Result<Measured, Problem> {
    let begun = Instant::now();
    let sign = |caller: usize| -> Result<Vec<Duration>, Error> {
        let mut latencies = Vec::new();
        while begun.elapsed() < duration {
            let message = format!("benchmark {caller} {}", latencies.len());
            let asked = Instant::now();
            key.sign(&SignRequest {
                algorithm: key.info().algorithm.default_signature(),
                message: message.as_bytes(),
                priority: Priority::Bulk,
                deadline: DEADLINE,
            })?;
            latencies.push(asked.elapsed());
            if latencies.len().is_multiple_of(DRAIN_AFTER)
                && let Some(device) = drained
            {
                empty_log(device)?;
            }
        }
        Ok(latencies)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..callers)
            .map(|caller| scope.spawn(move || sign(caller)))
            .collect();
        handles
            .into_iter()
            .map(std::thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut latencies = Vec::new();
    for result in results {
        let panicked = || Problem::new(ExitClass::Internal, "internal", "a caller panicked");
        latencies.extend(result.map_err(|_| panicked())?.map_err(hardware::problem)?);
    }
    latencies.sort_unstable();
    Ok(Measured {
        callers,
        elapsed: begun.elapsed(),
        latencies,
    })
}

impl Measured {
    fn per_second(&self) -> f64 {
        let count = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        f64::from(count) / self.elapsed.as_secs_f64()
    }

    /// In milliseconds: so many thousandths of all were at most so long.
    fn percentile_ms(&self, thousandths: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let place = (self.latencies.len() * thousandths / 1000).min(last);
        self.latencies
            .get(place)
            .map_or(0.0, |it| it.as_secs_f64() * 1000.0)
    }

    fn line(&self, what: &str, algorithm: KeyAlgorithm) -> String {
        format!(
            "{what:<20} {:<10} {:>3} callers {:>9.1}/s  median {:.2} ms  p90 {:.2}  p99 {:.2}  longest {:.2}\n",
            algorithm.to_string(),
            self.callers,
            self.per_second(),
            self.percentile_ms(500),
            self.percentile_ms(900),
            self.percentile_ms(990),
            self.percentile_ms(1000),
        )
    }

    fn to_json(&self, what: &str, algorithm: KeyAlgorithm) -> Value {
        json!({
            "what": what,
            "algorithm": algorithm.to_string(),
            "callers": self.callers,
            "signatures": self.latencies.len(),
            "per_second": self.per_second(),
            "median_ms": self.percentile_ms(500),
            "p90_ms": self.percentile_ms(900),
            "p99_ms": self.percentile_ms(990),
            "longest_ms": self.percentile_ms(1000),
        })
    }
}

/// No ledger takes what benchmarks did.
struct Discard;

impl LogSink for Discard {
    fn store(
        &self,
        _device: &DeviceName,
        _identity: &DeviceIdentity,
        _page: &kasane_hsm::device::LogPage,
        _labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        Ok(())
    }
}
