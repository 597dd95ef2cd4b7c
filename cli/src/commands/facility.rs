//! `kasane facility`

use clap::Subcommand;
use kasane_web::control::{
    FacilityAdd, FacilityTerminal, Forget, Problem, RegistrationList, Request,
};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Facilities: hospitals, clinics, pharmacies, visiting nursing stations
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register a facility, or more terminals of one
    ///
    /// Example:
    ///   kasane facility add 1312345679 --terminals 2 --contact 'Kasane Clinic, 03-0000-0000'
    #[command(verbatim_doc_comment)]
    Add {
        /// The ten-digit code; its last digit checks the others
        code: String,
        /// Its terminals are 1 to this number
        #[arg(long, value_name = "N")]
        terminals: u16,
        /// Whom to reach; kept in the private log, where it can be erased
        #[arg(long, value_name = "TEXT")]
        contact: Option<String>,
    },
    /// List facilities
    ///
    /// Example:
    ///   kasane facility list --contacts --json
    #[command(verbatim_doc_comment)]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Read the private log as well
        #[arg(long)]
        contacts: bool,
    },
    /// Record what a terminal's hardware can do: RSA is renewed only where ECC cannot work
    ///
    /// Example:
    ///   kasane facility terminal 1312345679 2 --ecc-incapable --reason 'TPM 1.2, model X100'
    #[command(verbatim_doc_comment)]
    Terminal {
        /// The facility's code
        code: String,
        /// The terminal's number
        terminal: u16,
        #[command(flatten)]
        capability: Capability,
        /// Why that is believed: model, firmware, report
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Erase what the private log keeps of a facility, for good
    ///
    /// Example:
    ///   kasane facility forget 1312345679 --reason 'closed in 2027-03'
    #[command(verbatim_doc_comment)]
    Forget {
        /// The facility's code
        code: String,
        /// Why it has to go; public in the ledger
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Capability {
    /// It cannot use elliptic-curve keys
    #[arg(long)]
    ecc_incapable: bool,
    /// It can after all
    #[arg(long)]
    ecc_capable: bool,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Add {
            code,
            terminals,
            contact,
        } => Request::FacilityAdd(FacilityAdd {
            code,
            terminals,
            contact,
        }),
        Command::List { limit, contacts } => Request::FacilityList(RegistrationList {
            limit,
            private: contacts,
        }),
        Command::Terminal {
            code,
            terminal,
            capability,
            reason,
        } => {
            let ecc_capable = capability.ecc_capable;
            Request::FacilityTerminal(FacilityTerminal {
                code,
                terminal,
                ecc_capable,
                reason,
            })
        }
        Command::Forget { code, reason } => Request::FacilityForget(Forget { name: code, reason }),
    };
    execute(global, request).map(Answer::from)
}
