//! `kasane list`

use clap::ValueEnum;
use kasane_web::control::{CertificateState, List, Problem, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// List certificates
///
/// Example:
///   kasane list --subject facility/1312345679 --state valid
///   kasane list --issuer issuing-rsa --state revoked --limit 1000
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Of this issuer only
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Of this subject only: facility/CODE/1, or facility/CODE for all its terminals
    #[arg(long)]
    subject: Option<String>,
    /// In this state only
    #[arg(long, value_enum)]
    state: Option<StateArg>,
    /// At most so many (10000 at once)
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateArg {
    Recorded,
    Valid,
    Expired,
    Revoked,
    Failed,
    Abandoned,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let state = args.state.map(|state| match state {
        StateArg::Recorded => CertificateState::Recorded,
        StateArg::Valid => CertificateState::Valid,
        StateArg::Expired => CertificateState::Expired,
        StateArg::Revoked => CertificateState::Revoked,
        StateArg::Failed => CertificateState::Failed,
        StateArg::Abandoned => CertificateState::Abandoned,
    });
    let Args {
        issuer,
        subject,
        limit,
        ..
    } = args;
    execute(
        global,
        Request::List(List {
            issuer,
            subject,
            state,
            limit,
        }),
    )
    .map(Answer::from)
}
