//! `kasane renew`

use kasane_web::control::{Problem, Renew, Request};

use super::files;
use super::issue::{RequestArgs, deliver};
use crate::answer::Answer;
use crate::args::Global;

/// Issue a certificate that follows another of the same subject
///
/// Example:
///   kasane renew 3a5f… --csr terminal.csr --out terminal.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The serial of the certificate to follow, in hex
    serial: String,
    /// Its issuer, when several used that serial
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Another profile than the one before: from terminal-rsa to terminal-ecc
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    request: RequestArgs,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = Request::Renew(Renew {
        serial: args.serial,
        issuer: args.issuer,
        profile: args.profile,
        csr_base64: files::read_csr(&args.request.csr)?,
        request_key: args.request.request_key.clone(),
    });
    deliver(global, request, &args.request)
}
