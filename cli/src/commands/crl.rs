//! `kasane crl`

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;
use kasane_verify::pem;
use kasane_web::control::{
    CrlEnd, CrlImport, CrlList, CrlPublish, CrlShow, ExitClass, Problem, Request,
};

use super::files;
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
    /// End a CA: publish its final CRLs, which are good for ever; it signs nothing after them
    ///
    /// Refused as long as a certificate of it is neither expired nor revoked. There is no way back.
    /// What an interruption leaves is made up for when it is repeated.
    ///
    /// Example:
    ///   kasane crl final issuing-rsa --yes
    ///   kasane crl final root-rsa --yes --ceremony
    #[command(verbatim_doc_comment)]
    Final {
        /// The CA
        issuer: String,
        /// Yes, end it
        #[arg(long, required = true)]
        yes: bool,
        /// With the devices' credential of ceremonies, which reaches the keys of roots; the service
        /// must be stopped
        #[arg(long)]
        ceremony: bool,
    },
    /// Take over a CRL of a CA whose key is elsewhere, as an offline root's
    ///
    /// It must verify, be current, and have a higher number than the one before. The service
    /// publishes it; what it revokes and is known here counts as revoked.
    ///
    /// Example:
    ///   kasane crl import --issuer root-rsa /media/usb/root-rsa-0.crl
    #[command(verbatim_doc_comment)]
    Import {
        /// Its issuer
        #[arg(long, value_name = "NAME")]
        issuer: String,
        /// The file, PEM or DER
        file: PathBuf,
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
        Command::Final {
            issuer,
            yes: _,
            ceremony,
        } => {
            let request = Request::CrlEnd(CrlEnd { issuer });
            if ceremony {
                return execute_in_ceremony(global, request).map(Answer::from);
            }
            request
        }
        Command::Import { issuer, file } => {
            let crl = crl_der(&file)?;
            Request::CrlImport(CrlImport {
                issuer,
                crl_base64: STANDARD.encode(crl),
            })
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

/// Largest CRL that is read, in bytes.
const MAX_CRL_BYTES: usize = 24 * 1024 * 1024;

/// The one CRL of a file, DER.
fn crl_der(path: &Path) -> Result<Vec<u8>, Problem> {
    let octets = files::read_limited(path, MAX_CRL_BYTES)?;
    if pem::is_der(&octets) {
        return Ok(octets);
    }
    let refuse = |reason: String| {
        let message = format!("{}: {reason}", path.display());
        Problem::new(ExitClass::Refused, "import.crl", message)
    };
    let mut found = pem::crls(&octets).map_err(|error| refuse(error.to_string()))?;
    match (found.pop(), found.is_empty()) {
        (Some(crl), true) => Ok(crl),
        _ => Err(refuse("it has more than one CRL".into())),
    }
}
