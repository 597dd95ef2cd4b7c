//! `kasane revoke`

use kasane_verify::UnixTime;
use kasane_web::control::{Problem, Request, Revoke};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Revoke a certificate
///
/// OCSP says so at once; CRLs that say so are published.
///
/// Example:
///   kasane revoke 3a5f… --reason key-compromise --invalidity-date '2027-05-01 09:00 JST'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The serial, in hex
    serial: String,
    /// unspecified, key-compromise, affiliation-changed, superseded, cessation-of-operation,
    /// privilege-withdrawn, ca-compromise or aa-compromise
    #[arg(long)]
    reason: String,
    /// The issuer, when several used that serial
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Since when the key was untrustworthy
    #[arg(long, value_name = "TIME")]
    invalidity_date: Option<UnixTime>,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let Args {
        serial,
        reason,
        issuer,
        invalidity_date,
    } = args;
    let request = Request::Revoke(Revoke {
        serial,
        issuer,
        reason,
        invalidity_date,
    });
    execute(global, request).map(Answer::from)
}
