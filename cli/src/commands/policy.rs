//! `kasane policy`

use clap::Subcommand;
use kasane_ca_core::Error;
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::folder::FolderError;
use kasane_ca_core::profile::Profiles;
use kasane_verify::policy::Timeline;
use kasane_verify::{KeyAlgorithm, UnixTime};
use kasane_web::control::{PolicyExplain, Problem, Request, Response, explain};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// The dated policy: which keys may be issued and accepted, and when
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what the policy decides for a profile and a key at a time, and why
    ///
    /// The timeline is the data folder's, which a demonstration shifts; the real one with
    /// --real-timeline or without a data folder.
    ///
    /// Example:
    ///   kasane policy explain --profile terminal-rsa --key rsa-2048 --at 2028-05-01
    #[command(verbatim_doc_comment)]
    Explain(Explain),
}

#[derive(Debug, clap::Args)]
struct Explain {
    /// The profile
    #[arg(long)]
    profile: String,
    /// The subject's key: p-256, p-384, rsa-2048, …; the profile's first if none is named
    #[arg(long)]
    key: Option<KeyAlgorithm>,
    /// When; now if not given
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    /// The end of validity asked for; the latest permitted if not given
    #[arg(long, value_name = "TIME")]
    not_after: Option<UnixTime>,
    /// The registration is recorded as incapable of ECC
    #[arg(long)]
    ecc_incapable: bool,
    /// Ask the real timeline, whatever the data folder says
    #[arg(long)]
    real_timeline: bool,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let Command::Explain(args) = args.command;
    let question = PolicyExplain {
        profile: args.profile,
        key: args.key,
        at: args.at,
        not_after: args.not_after,
        ecc_incapable: args.ecc_incapable,
    };
    if args.real_timeline {
        return by_the_real_timeline(&question);
    }
    let no_folder = FolderError::Empty {
        path: global.dir.clone(),
    };
    match execute(global, Request::PolicyExplain(question.clone())) {
        Err(problem) if problem.code == no_folder.code() => by_the_real_timeline(&question),
        answer => answer.map(Answer::from),
    }
}

fn by_the_real_timeline(question: &PolicyExplain) -> Result<Answer, Problem> {
    let timeline = Timeline::overlap().map_err(Error::from)?;
    let profiles = Profiles::embedded().map_err(Error::from)?;
    let explained = explain(&timeline, &profiles, question, SystemClock.now())?;
    Ok(Answer::from(Response::Policy(explained)))
}
