//! `kasane system`

use clap::Subcommand;
use kasane_web::control::{Problem, RegistrationList, Request, SystemAdd};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Systems of the network: servers, and systems that call servers
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register a server or a system client
    ///
    /// Example:
    ///   kasane system add eligibility --server --client --dns eligibility.kasane.example
    #[command(verbatim_doc_comment)]
    Add {
        /// Its identifier: 2 to 32 of a-z, 0-9 and '-'
        name: String,
        /// A DNS name of its servers; may be given several times
        #[arg(long = "dns", value_name = "NAME")]
        dns_names: Vec<String>,
        /// It may hold server certificates
        #[arg(long)]
        server: bool,
        /// It may hold client certificates
        #[arg(long)]
        client: bool,
    },
    /// List systems
    ///
    /// Example:
    ///   kasane system list
    #[command(verbatim_doc_comment)]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Add {
            name,
            dns_names,
            server,
            client,
        } => Request::SystemAdd(SystemAdd {
            name,
            dns_names,
            server,
            client,
        }),
        Command::List { limit } => Request::SystemList(RegistrationList {
            limit,
            private: false,
        }),
    };
    execute(global, request).map(Answer::from)
}
