//! Benchmarks that compare with a peer or a physical limit in the same run.
//!
//! Absolute figures belong to the machine; ratios are what `docs/BENCHMARKS.md` quotes.

mod answers;
mod crl;
mod issuance;
mod ledger;
mod measure;
mod ocsp;
mod place;
mod populate;
mod revocation;
mod sample;
mod start;

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

/// Every benchmark: name and what it measures.
pub(crate) const NAMES: [(&str, &str); 8] = [
    (
        "answers",
        "start to the first right answer, memory, and answers at 5,000 requests a second",
    ),
    (
        "crl",
        "a CRL of a million entries built, linted and signed from the store, against openssl",
    ),
    (
        "issuance",
        "the whole pipeline against the cryptography it cannot do without",
    ),
    (
        "ledger",
        "appends alone: one at a time against 64 at once, and in batches",
    ),
    (
        "ocsp",
        "kept responses against nginx and bare hyper, a signature per response against itself",
    ),
    (
        "populate",
        "fills a data folder with certificates through the production encoders",
    ),
    (
        "revocation",
        "how soon a revocation is seen while others ask, and 500,000 in one act",
    ),
    (
        "start",
        "start after a clean stop, memory, and the full rebuild of the projection",
    ),
];

/// What a benchmark is told.
#[derive(Clone, Debug)]
pub(crate) struct BenchOptions {
    /// Seconds per measured section.
    pub(crate) seconds: u64,
    /// Certificates of a population.
    pub(crate) count: u64,
    /// Where to work; a temporary folder beside the data folder when absent.
    pub(crate) dir: Option<PathBuf>,
}

/// Why a benchmark did not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// No benchmark of that name.
    #[error("benchmark {name:?}: not known; use {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// The authority refused.
    #[error(transparent)]
    Authority(#[from] kasane_ca_core::Error),
    /// The file system failed.
    #[error("benchmark: {0}")]
    Io(#[from] std::io::Error),
    /// A program of others is needed.
    #[error("benchmark: {program} is not installed: apt-get install {package}")]
    Missing {
        /// Its name.
        program: &'static str,
        /// The package that has it.
        package: &'static str,
    },
    /// A part could not be prepared.
    #[error("benchmark: {0}")]
    Prepare(String),
}

/// Runs a benchmark; progress goes to `progress`, the result comes back as data.
pub(crate) fn run(
    name: &str,
    options: &BenchOptions,
    progress: &mut dyn Write,
) -> Result<Value, BenchError> {
    match name {
        "answers" => answers::run(options, progress),
        "crl" => crl::run(options, progress),
        "issuance" => issuance::run(options, progress),
        "ledger" => ledger::run(options, progress),
        "ocsp" => ocsp::run(options, progress),
        "populate" => populate::run(options, progress),
        "revocation" => revocation::run(options, progress),
        "start" => start::run(options, progress),
        _ => Err(BenchError::Unknown {
            name: name.to_owned(),
            known: NAMES.map(|(name, _)| name).join(", "),
        }),
    }
}

impl BenchError {
    /// A stable code for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "bench.unknown",
            Self::Authority(error) => error.code(),
            Self::Io(_) => "bench.io",
            Self::Missing { .. } => "bench.missing",
            Self::Prepare(_) => "bench.prepare",
        }
    }
}
