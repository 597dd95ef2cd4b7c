//! Issuance through the whole pipeline, durable, against its cryptography alone.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kasane_hsm::{InMemoryBackend, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest};
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use serde_json::{Value, json};

use super::measure::{Rate, median, per_second, rounded};
use super::sample::{Sample, backend, order, request, requester, workplace};
use super::{BenchError, BenchOptions};

/// Requests prepared ahead: enough that no two threads wait for the same terminal.
const REQUESTS: usize = 4_096;

/// Requests under way at once in the concurrent section.
const CONCURRENT: usize = 64;

/// Alternating rounds; medians are reported.
const ROUNDS: usize = 3;

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let place = workplace(options.dir.as_deref())?;
    let dir = place.path().join("data");
    writeln!(progress, "preparing an authority and {REQUESTS} requests")?;
    let sample = Sample::make(&dir, backend(&dir)?)?;
    let requests = (0..REQUESTS)
        .map(|_| request())
        .collect::<Result<Vec<_>, _>>()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let span = Duration::from_secs(options.seconds);
    let (mut limits, mut singles, mut many) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        writeln!(progress, "round {round} of {ROUNDS}")?;
        limits.push(limit(cores, span, &requests)?);
        singles.push(issue(&sample, 1, span, &requests)?);
        many.push(issue(&sample, CONCURRENT, span, &requests)?);
    }
    let (limit, single, concurrent) = (median(&limits), median(&singles), median(&many));
    sample.authority.stop(&sample.folder)?;
    Ok(json!({
        "benchmark": "issuance",
        "profile": "terminal-ecc",
        "cores": cores,
        "cryptography_limit_per_second": rounded(limit.per_second),
        "one_at_a_time_per_second": rounded(single.per_second),
        "concurrent_requests": CONCURRENT,
        "concurrent_per_second": rounded(concurrent.per_second),
        "ratio_limit": rounded(concurrent.per_second / limit.per_second),
        "ratio_concurrent_to_one": rounded(concurrent.per_second / single.per_second),
        "cryptography_processor_us": rounded(limit.processor_us),
        "concurrent_processor_us": rounded(concurrent.processor_us),
        "ratio_limit_by_processor_time": rounded(limit.processor_us / concurrent.processor_us),
    }))
}

/// Verify the request, sign, verify the signature, on every core and nothing else.
fn limit(cores: usize, span: Duration, requests: &[Vec<u8>]) -> Result<Rate, BenchError> {
    let failed = |error: &dyn std::error::Error| BenchError::Prepare(error.to_string());
    let backend = InMemoryBackend::new();
    let label = KeyLabel::new("limit").map_err(|error| failed(&error))?;
    backend
        .generate(&label, KeyRole::IssuingCa, KeyAlgorithm::P384)
        .map_err(|error| failed(&error))?;
    let key = backend
        .open(&label, KeyRole::IssuingCa)
        .map_err(|error| failed(&error))?;
    let public = AwsLc
        .public_key(&key.info().spki)
        .map_err(|error| failed(&error))?;
    // The request's own signature, by the same provider over the same bytes.
    let parsed: Vec<_> = requests
        .iter()
        .map(|request| super::sample::signed_parts(request))
        .collect::<Result<_, _>>()?;
    let message = requests.first().map(Vec::as_slice).unwrap_or_default();
    per_second(cores, span, Ok, |next| {
        *next += 1;
        let proven = &parsed[*next % parsed.len()];
        let algorithm = SignatureAlgorithm::EcdsaSha384;
        AwsLc
            .verify(algorithm, &proven.spki, &proven.info, &proven.signature)
            .map_err(|error| failed(&error))?;
        let request = SignRequest {
            algorithm,
            message,
            priority: Priority::Issuance,
            deadline: Duration::from_secs(1),
        };
        let made = key.sign(&request).map_err(|error| failed(&error))?;
        public
            .verify(algorithm, message, &made.octets)
            .map_err(|error| failed(&error))?;
        Ok(1)
    })
}

fn issue(
    sample: &Sample,
    threads: usize,
    span: Duration,
    requests: &[Vec<u8>],
) -> Result<Rate, BenchError> {
    let requester = requester();
    let next = AtomicU64::new(0);
    per_second(
        threads,
        span,
        |_| Ok(()),
        |()| {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let index = usize::try_from(number).unwrap_or(0) % requests.len();
            // A key belongs to one terminal.
            let order = order(&sample.authority, index as u64, &requests[index])?;
            sample.authority.issue(&requester, order)?;
            Ok(1)
        },
    )
}
