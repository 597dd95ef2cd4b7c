//! `kasane bench`

use std::path::PathBuf;

use kasane_web::control::{ExitClass, Problem};
use serde_json::Value;

use crate::answer::Answer;
use crate::bench::{self, BenchError, BenchOptions};

/// Run a benchmark and print it: figures beside a limit or a peer measured in the same run
///
///   crl       a CRL of --count entries built, linted and signed from the store, against openssl
///   issuance  the whole pipeline, durable, against the cryptography it cannot do without
///   ledger    appends alone: one at a time, 64 at once, in batches
///   ocsp      kept responses against nginx and bare hyper (needs wrk), signatures per response
///   populate  fill the folder --at with certificates through the production encoders
///   revocation  how soon a revocation is seen under load (needs wrk), and 500,000 in one act
///   start     start after a clean stop, memory, rebuild of the store (--at: a populated folder)
///
/// Example:
///   kasane bench issuance --seconds 5
///   kasane bench populate --at ./population --count 1000000
///   kasane bench start --at ./population
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Which benchmark
    #[arg(value_parser = bench::NAMES.map(|(name, _)| name))]
    name: String,
    /// Seconds for each measured section
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Certificates of a population
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=20_000_000))]
    count: u64,
    /// The folder to work in; a temporary one below the current folder when left out
    #[arg(long, value_name = "DIR")]
    at: Option<PathBuf>,
}

pub(crate) fn run(args: Args) -> Result<Answer, Problem> {
    let options = BenchOptions {
        seconds: args.seconds,
        count: args.count,
        dir: args.at,
    };
    let json = bench::run(&args.name, &options, &mut std::io::stderr()).map_err(problem)?;
    Ok(Answer {
        text: table(&json),
        json,
        notes: String::new(),
        refusal: None,
    })
}

fn table(json: &Value) -> String {
    let Some(fields) = json.as_object() else {
        return String::new();
    };
    fields
        .iter()
        .map(|(name, value)| format!("{name:<34} {value}\n"))
        .collect()
}

fn problem(error: BenchError) -> Problem {
    match error {
        BenchError::Authority(error) => error.into(),
        error => Problem::new(ExitClass::Environment, error.code(), error.to_string()),
    }
}
