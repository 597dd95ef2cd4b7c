//! `kasane trust`

mod documents;
mod fingerprint;
mod officer;
mod prepare;
mod show;
mod sign;
mod verify;

use std::path::Path;

use clap::Subcommand;
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::trust::{TrustError, TrustStore};
use kasane_web::control::{ExitClass, Problem};

use crate::answer::Answer;
use crate::args::Global;

/// Trust documents: officers, policy, trust anchors and emergencies, signed by several people
///
/// A relying system pins the fingerprint of the officer set and from then on takes policy, anchors
/// and declarations from these officers alone. None of this needs the data folder.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Officer(officer::Command),
    Officers(prepare::FirstOfficers),
    #[command(subcommand)]
    Prepare(prepare::Command),
    Sign(sign::Args),
    Show(show::Args),
    Verify(verify::Args),
    Fingerprint(fingerprint::Args),
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    match args.command {
        Command::Officer(command) => officer::run(global, command),
        Command::Officers(args) => prepare::first_officers(args),
        Command::Prepare(command) => prepare::run(command),
        Command::Sign(args) => sign::run(global, args),
        Command::Show(args) => show::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Fingerprint(args) => fingerprint::run(args),
    }
}

/// What a relying system has accepted, and a document on top of it that is not kept.
pub(crate) fn relying(
    state: &Path,
    document: Option<&Path>,
    now: UnixTime,
) -> Result<TrustStore, Problem> {
    let mut store = verify::open(state, None)?;
    for document in document
        .map(documents::read_all)
        .transpose()?
        .unwrap_or_default()
    {
        store.accept(&document, now, &AwsLc).map_err(untrusted)?;
    }
    Ok(store)
}

/// What cannot be worked with.
fn refused(error: TrustError) -> Problem {
    let class = match &error {
        TrustError::State(_) => ExitClass::Integrity,
        _ => ExitClass::Refused,
    };
    Problem::new(class, error.code(), error.to_string())
}

/// A document that is readable, but not to be trusted.
fn untrusted(error: TrustError) -> Problem {
    Problem::new(ExitClass::Negative, error.code(), error.to_string())
}
