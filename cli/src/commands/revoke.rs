//! `kasane revoke`

use kasane_verify::UnixTime;
use kasane_web::control::{Problem, Request, Response, Revoke, WatchedName};

use super::until_seen::{Begun, UntilSeen};
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Revoke a certificate
///
/// OCSP says so at once; CRLs that say so are published, after an act of revoke-many that is under way.
///
/// With --wait every responder of DIR/revocation.toml, every edge that was enrolled with its address,
/// and the service itself are asked as a client asks until they say so too; an edge without an address
/// is waited for until it has the entry. Whoever does not tell in time is named, and the exit code is
/// 9: the revocation stands. 'kasane status seen SERIAL' looks again. A cache in front may give an
/// older response for 300 s: behind one the wait may end first, unless it is longer (--timeout 330).
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
    let begun = Begun::now(format!(
        "'kasane show {serial}' tells whether it is revoked"
    ))?;
    let request = Request::Revoke(Revoke {
        serial,
        issuer,
        reason,
        invalidity_date,
    });
    let response = execute(global, request)?;
    let revoked = match &response {
        Response::Revoked(it) => vec![WatchedName {
            serial: it.serial.clone(),
            issuer: Some(it.issuer.clone()),
        }],
        _ => Vec::new(),
    };
    let answer = Answer::from(response);
    Ok(until_seen.wait(global, answer, revoked, None, &begun))
}
