//! `kasane crl`

use clap::Subcommand;
use kasane_web::control::{CrlList, CrlPublish, CrlShow, Problem, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::{execute, execute_in_ceremony};

/// Certificate revocation lists
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Publish the CRLs that are due, or those of an issuer, or all
    ///
    /// Example:
    ///   kasane crl publish
    ///   kasane crl publish --issuer issuing-rsa
    ///   kasane crl publish --issuer root-rsa --ceremony
    #[command(verbatim_doc_comment)]
    Publish {
        /// Of this issuer, due or not
        #[arg(long, value_name = "NAME")]
        issuer: Option<String>,
        /// Of this shard only
        #[arg(long, value_name = "N", requires = "issuer")]
        shard: Option<u32>,
        /// Every one, due or not
        #[arg(long, conflicts_with = "issuer")]
        all: bool,
        /// With the devices' credential of ceremonies, which reaches the keys of roots; the service
        /// must be stopped
        #[arg(long)]
        ceremony: bool,
    },
    /// Print a CRL in PEM
    ///
    /// Example:
    ///   kasane crl show issuing-ecc-terminal --shard 3 | openssl crl -noout -text
    #[command(verbatim_doc_comment)]
    Show {
        /// Its issuer
        issuer: String,
        /// Its shard
        #[arg(long, value_name = "N", default_value_t = 0)]
        shard: u32,
        /// The delta CRL instead of the full one
        #[arg(long)]
        delta: bool,
    },
    /// List the newest CRLs
    ///
    /// Example:
    ///   kasane crl list
    #[command(verbatim_doc_comment)]
    List,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Publish {
            issuer,
            shard,
            all,
            ceremony,
        } => {
            let request = Request::CrlPublish(CrlPublish { issuer, shard, all });
            if ceremony {
                return execute_in_ceremony(global, request).map(Answer::from);
            }
            request
        }
        Command::Show {
            issuer,
            shard,
            delta,
        } => Request::CrlShow(CrlShow {
            issuer,
            shard,
            delta,
        }),
        Command::List => Request::CrlList(CrlList {}),
    };
    execute(global, request).map(Answer::from)
}
