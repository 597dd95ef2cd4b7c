//! `kasane trust`

mod documents;
mod fingerprint;
mod officer;
mod prepare;
mod show;
mod sign;
mod verify;

use clap::Subcommand;
use kasane_verify::trust::TrustError;
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
