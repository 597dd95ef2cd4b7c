//! `kasane revoke`

use std::time::Instant;

use kasane_verify::UnixTime;
use kasane_web::control::{Problem, Request, Response, Revoke};

use super::until_seen::{Revoked, UntilSeen};
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Revoke a certificate
///
/// OCSP says so at once; CRLs that say so are published.
///
/// With --wait every responder of DIR/revocation.toml, and the service itself, is asked as a client
/// asks until it says so too.
///
/// Example:
///   kasane revoke 3a5f… --reason key-compromise --invalidity-date '2027-05-01 09:00 JST'
///   kasane revoke 3a5f… --reason superseded --wait --timeout 30
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
    #[command(flatten)]
    until_seen: UntilSeen,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let Args {
        serial,
        reason,
        issuer,
        invalidity_date,
        until_seen,
    } = args;
    let request = Request::Revoke(Revoke {
        serial,
        issuer,
        reason,
        invalidity_date,
    });
    let since = Instant::now();
    let response = execute(global, request)?;
    let revoked = match &response {
        Response::Revoked(it) => Some(Revoked {
            issuer: it.issuer.clone(),
            serial: it.serial.clone(),
        }),
        _ => None,
    };
    let answer = Answer::from(response);
    until_seen.wait(
        global,
        answer,
        &revoked.into_iter().collect::<Vec<_>>(),
        since,
    )
}
