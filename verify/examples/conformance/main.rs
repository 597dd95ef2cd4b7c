//! Runs conformance data against this crate and says of each case whether it came out as expected.
//!
//! `conformance FILE…`: a FILE is a document in the schema of x509-limbo, or a folder with PEM
//! files and a `cases.json`. Exits 1 when a case is unexpected, 2 when a file cannot be used.

mod exceptions;
mod folder;
mod limbo;
mod provider;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use exceptions::Exceptions;
use provider::Provider;
use report::Report;

const USAGE: &str = "\
Usage: conformance [--quiet] [--exceptions FILE] [--cases FILE] [--provider NAME] FILE...

FILE is a JSON document in the schema of x509-limbo (with x_ext), or a folder of PEM and DER files
with a cases.json beside them; for the folders crl/amazon, crl/pyca and crl/webpki one is built in. Prints `verdict  id  expected  actual  reason` for each case.

Options:
  --quiet            only what is unexpected, and the totals
  --exceptions FILE  deliberate differences (TOML) instead of those built in
  --provider NAME    aws-lc (default) or rustcrypto
  --cases FILE       expectations for the folders that follow, instead of their own cases.json
  --help             this text

Exit status: 0 all as expected, 1 something unexpected, 2 a file cannot be used.
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("conformance: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<bool, String> {
    let mut files = Vec::new();
    let mut quiet = false;
    let mut exceptions = Exceptions::built_in()?;
    let mut cases: Option<PathBuf> = None;
    let mut provider = Provider::AwsLc;
    while let Some(argument) = arguments.next() {
        let mut value = |option: &str| {
            let next = arguments.next().map(PathBuf::from);
            next.ok_or_else(|| format!("{option} needs a FILE; try --help"))
        };
        match argument.as_str() {
            "--help" | "-h" => {
                print!("{USAGE}");
                return Ok(true);
            }
            "--quiet" => quiet = true,
            "--exceptions" => exceptions = Exceptions::read(&value("--exceptions")?)?,
            "--cases" => cases = Some(value("--cases")?),
            "--provider" => {
                let name = value("--provider")?;
                provider = Provider::named(&name.to_string_lossy())?;
            }
            option if option.starts_with('-') => {
                return Err(format!("unknown option {option}; try --help"));
            }
            file => files.push((PathBuf::from(file), cases.clone())),
        }
    }
    if files.is_empty() {
        return Err(format!("no FILE given\n\n{USAGE}"));
    }
    let mut report = Report::new(exceptions, quiet);
    for (file, cases) in &files {
        run_one(file, cases.as_deref(), provider, &mut report)?;
    }
    Ok(report.finish())
}

fn run_one(
    file: &Path,
    cases: Option<&Path>,
    provider: Provider,
    report: &mut Report,
) -> Result<(), String> {
    report.begin(file);
    if file.is_dir() {
        folder::run(file, cases, provider, report)?;
    } else {
        limbo::run(file, provider, report)?;
    }
    report.end();
    Ok(())
}
