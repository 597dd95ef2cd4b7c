//! `kasane status`

use clap::Subcommand;
use kasane_web::control::{CanaryShow, EndpointList, Problem, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// How soon revocations are known, and who tells of them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the canary measured: how soon each responder tells of a revocation
    ///
    /// Example:
    ///   kasane status canary --json
    #[command(verbatim_doc_comment)]
    Canary,
    /// Who answers for status: the service itself and those of DIR/revocation.toml
    Responders,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Canary => Request::CanaryShow(CanaryShow {}),
        Command::Responders => Request::EndpointList(EndpointList {}),
    };
    execute(global, request).map(Answer::from)
}
