//! `kasane operator`

use clap::Subcommand;
use kasane_web::control::{Forget, OperatorAdd, Problem, RegistrationList, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Staff of the operator
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register a member of staff
    ///
    /// Example:
    ///   kasane operator add op-017 --person 'Hanako Kasane, ext. 4711'
    #[command(verbatim_doc_comment)]
    Add {
        /// The identifier that certificates name: 2 to 32 of a-z, 0-9 and '-'
        name: String,
        /// Who that is; kept in the private log, where it can be erased
        #[arg(long, value_name = "TEXT")]
        person: Option<String>,
    },
    /// List staff
    ///
    /// Example:
    ///   kasane operator list --persons
    #[command(verbatim_doc_comment)]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Read the private log as well
        #[arg(long)]
        persons: bool,
    },
    /// Erase what the private log keeps of a member of staff, for good
    ///
    /// Example:
    ///   kasane operator forget op-017 --reason 'left in 2027-03'
    #[command(verbatim_doc_comment)]
    Forget {
        /// The identifier
        name: String,
        /// Why it has to go; public in the ledger
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Add { name, person } => Request::OperatorAdd(OperatorAdd { name, person }),
        Command::List { limit, persons } => Request::OperatorList(RegistrationList {
            limit,
            private: persons,
        }),
        Command::Forget { name, reason } => Request::OperatorForget(Forget { name, reason }),
    };
    execute(global, request).map(Answer::from)
}
