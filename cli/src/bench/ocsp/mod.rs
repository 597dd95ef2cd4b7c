//! OCSP over HTTP: against nginx with the same octets as a file, against a bare hyper server, and a
//! signature per response against the signature alone.
//!
//! Servers take turns on one processor, `wrk` has another. Each turn is short and they alternate, so
//! that what others do on the machine falls on all alike; medians are reported.

mod http;
mod load;
mod nginx;
mod paced;
mod servers;
mod signature;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use kasane_ocsp::encode_get;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{CertId, Nonce, OcspRequest};
use serde_json::{Value, json};

use self::http::get;
use self::load::Script;
pub(super) use self::load::{Cores, Load, Processor};
use self::nginx::Nginx;
pub(super) use self::paced::{Latencies, Pace, Paths};
pub(super) use self::servers::Served;
use super::measure::{Rate, median, rounded};
use super::sample::{Sample, backend, order, request, requester, workplace};
use super::{BenchError, BenchOptions};

/// Alternating rounds; medians are reported.
const ROUNDS: usize = 3;

/// The issuing CA of the benchmark's authority.
const ISSUER: &str = "issuing-ecc-terminal";

/// The octets of a nonce that the load generator replaces.
const NONCE: [u8; 16] = *b"AAAAAAAAAAAAAAAA";

pub(super) fn run(options: &BenchOptions, progress: &mut dyn Write) -> Result<Value, BenchError> {
    let cores = Cores::of_this_process()?;
    let load = Load::find(cores, Duration::from_secs(options.seconds))?;
    let place = workplace(options.dir.as_deref())?;
    let dir = place.path().join("data");
    writeln!(progress, "preparing an authority")?;
    let sample = Sample::make(&dir, backend(&dir)?)?;
    let issued = sample
        .authority
        .issue(&requester(), order(&sample.authority, 0, &request()?)?)?;
    let plain = ask(&sample, &issued.serial, None)?;
    let path = format!("/ocsp/{ISSUER}/{}", encode_get(&plain));
    let ours = Served::status(&sample, cores.server)?;
    let response = get(ours.address(), &path)?;
    let bare = Served::bare(response.clone(), cores.server)?;
    let nginx = Nginx::start(place.path(), &response, cores.server)?;
    let post = Script::post(place.path(), &format!("/ocsp/{ISSUER}"), &plain)?;
    if let Some(nginx) = &nginx
        && get(nginx.address(), nginx::PATH)? != response
    {
        return Err(BenchError::Prepare("nginx serves other octets".into()));
    }
    let mut rounds = Rounds::default();
    for round in 1..=ROUNDS {
        writeln!(progress, "round {round} of {ROUNDS}")?;
        if let Some(nginx) = &nginx {
            let rate = load.get(nginx.address(), nginx::PATH, nginx.processor())?;
            rounds.nginx.push(rate);
        }
        let own = Processor::Own;
        rounds.bare_get.push(load.get(bare.address(), &path, own)?);
        rounds.get.push(load.get(ours.address(), &path, own)?);
        rounds
            .bare_post
            .push(load.scripted(bare.address(), &post, own)?);
        rounds.post.push(load.scripted(ours.address(), &post, own)?);
    }
    writeln!(progress, "a signature per response")?;
    let fresh = fresh(&sample, &issued.serial, place.path(), &load, ours.address())?;
    let (sign, check) = signature::alone(Duration::from_secs(options.seconds.min(3)))?;
    drop((ours, bare, nginx));
    sample.authority.stop(&sample.folder)?;
    let mut figures = rounds.figures();
    let uncached = json!({
        "response_octets": response.len(),
        "nonce_per_second": rounded(fresh.per_second),
        "nonce_processor_us": rounded(fresh.processor_us),
        "signature_processor_us": rounded(sign),
        "signature_check_processor_us": rounded(check),
        "ratio_nonce_to_signature": rounded((fresh.processor_us - check) / sign),
        "ratio_nonce_to_signature_and_check": rounded(fresh.processor_us / (sign + check)),
        "server_core": cores.server,
        "load_core": cores.load,
    });
    for (name, value) in uncached.as_object().into_iter().flatten() {
        figures.insert(name.clone(), value.clone());
    }
    Ok(Value::Object(figures))
}

#[derive(Default)]
struct Rounds {
    nginx: Vec<Rate>,
    bare_get: Vec<Rate>,
    bare_post: Vec<Rate>,
    get: Vec<Rate>,
    post: Vec<Rate>,
}

impl Rounds {
    fn figures(&self) -> serde_json::Map<String, Value> {
        let bare = (median(&self.bare_get), median(&self.bare_post));
        let ours = (median(&self.get), median(&self.post));
        let nginx = (!self.nginx.is_empty()).then(|| median(&self.nginx));
        let against = |ratio: &dyn Fn(Rate) -> f64| nginx.map(|nginx| rounded(ratio(nginx)));
        let figures = json!({
            "benchmark": "ocsp",
            "missing": nginx.is_none().then_some(nginx::HOW_TO_GET_IT),
            "nginx_static_per_second": against(&|nginx| nginx.per_second),
            "hyper_get_per_second": rounded(bare.0.per_second),
            "hyper_post_per_second": rounded(bare.1.per_second),
            "get_per_second": rounded(ours.0.per_second),
            "post_per_second": rounded(ours.1.per_second),
            "ratio_nginx_static": against(&|nginx| ours.0.per_second / nginx.per_second),
            "ratio_hyper_get": rounded(ours.0.per_second / bare.0.per_second),
            "ratio_hyper_post": rounded(ours.1.per_second / bare.1.per_second),
            "get_processor_us": rounded(ours.0.processor_us),
            "post_processor_us": rounded(ours.1.processor_us),
            "ratio_nginx_static_by_processor_time":
                against(&|nginx| nginx.processor_us / ours.0.processor_us),
            "ratio_hyper_get_by_processor_time":
                rounded(bare.0.processor_us / ours.0.processor_us),
            "ratio_hyper_post_by_processor_time":
                rounded(bare.1.processor_us / ours.1.processor_us),
        });
        figures.as_object().cloned().unwrap_or_default()
    }
}

/// Every request with another nonce: nothing can be kept.
fn fresh(
    sample: &Sample,
    serial: &[u8],
    dir: &Path,
    load: &Load,
    address: SocketAddr,
) -> Result<Rate, BenchError> {
    let nonce = Nonce::new(&NONCE).map_err(|error| BenchError::Prepare(error.to_string()))?;
    let asked = ask(sample, serial, Some(&nonce))?;
    let script = Script::nonces(dir, &format!("/ocsp/{ISSUER}"), &asked, &NONCE)?;
    load.scripted(address, &script, Processor::Own)
}

/// A request for one certificate, as RFC 9919 wants it: named by SHA-256.
fn ask(sample: &Sample, serial: &[u8], nonce: Option<&Nonce>) -> Result<Vec<u8>, BenchError> {
    let issuer = sample.authority.issuer(ISSUER)?;
    let id = CertId::new(
        sample.authority.crypto(),
        DigestAlgorithm::Sha256,
        &issuer.signer.subject_der,
        &issuer.spki,
        serial,
    );
    id.and_then(|id| OcspRequest::new(vec![id], nonce)?.encode_der())
        .map_err(|error| BenchError::Prepare(error.to_string()))
}
