//! `kasane revoke-many`

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

use kasane_verify::UnixTime;
use kasane_web::control::{
    ExitClass, MassRevocationProgress, Problem, Request, Response, RevokeMany, RevokedMany,
};

use super::read_text;
use super::until_seen::{Revoked, UntilSeen};
use crate::answer::Answer;
use crate::args::Global;
use crate::output::revocation::revoked_many;
use crate::progress::Progress;
use crate::session::{execute, execute_watched};

/// Certificates of a sample whose revocation is looked for with --wait.
const MOST_WAITED_FOR: usize = 20;

/// Longest list: a million serial numbers.
const MAX_LIST_BYTES: usize = 40 * 1024 * 1024;

/// Revoke many certificates in one act
///
/// All that is named must fit: --profile terminal-rsa --facility-prefix 13 revokes the RSA terminals of
/// Tokyo. There is the whole act or, after a crash before its end, nothing of it. Certificates that
/// were revoked before keep date and reason. CA and OCSP signer certificates are revoked only when
/// their serials are listed.
///
/// Nothing is done before the number of certificates is confirmed: typed, with --confirm, or by --yes.
///
/// Example:
///   kasane revoke-many --profile terminal-rsa --reason key-compromise --dry-run
///   kasane revoke-many --facility-list closed.txt --reason cessation-of-operation
///   kasane revoke-many --issuer issuing-rsa --reason ca-compromise --yes --wait
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Of this profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Of this issuer: a whole CA
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Of facilities whose codes begin so: 13 is Tokyo
    #[arg(long, value_name = "DIGITS", conflicts_with = "facility_list")]
    facility_prefix: Option<String>,
    /// Of the facilities whose codes are in this file, one in each line
    #[arg(long, value_name = "FILE")]
    facility_list: Option<PathBuf>,
    /// With the serials in this file, one in each line, in hex
    #[arg(long, value_name = "FILE")]
    serial_list: Option<PathBuf>,
    /// As of 'kasane revoke'
    #[arg(long)]
    reason: String,
    /// Since when the keys were untrustworthy
    #[arg(long, value_name = "TIME")]
    invalidity_date: Option<UnixTime>,
    /// Only say how many it would be, with a sample
    #[arg(long, conflicts_with_all = ["yes", "confirm", "wait"])]
    dry_run: bool,
    /// Revoke whatever is found
    #[arg(long, conflicts_with = "confirm")]
    yes: bool,
    /// Revoke if it is exactly this number of certificates
    #[arg(long, value_name = "COUNT")]
    confirm: Option<u64>,
    #[command(flatten)]
    until_seen: UntilSeen,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let read = |path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| read_text(path, MAX_LIST_BYTES)).transpose()
    };
    let mut order = RevokeMany {
        facilities: read(&args.facility_list)?,
        serials: read(&args.serial_list)?,
        issuer: args.issuer,
        profile: args.profile,
        facility_prefix: args.facility_prefix,
        reason: args.reason,
        invalidity_date: args.invalidity_date,
        confirmed: args.confirm,
        dry_run: true,
    };
    if args.dry_run {
        return execute(global, Request::RevokeMany(Box::new(order))).map(Answer::from);
    }
    if !args.yes && args.confirm.is_none() {
        order.confirmed = Some(ask_to_confirm(global, &order)?);
    }
    order.dry_run = false;
    let since = Instant::now();
    let response = act(global, order)?;
    let Response::RevokedMany(done) = &response else {
        return Ok(Answer::from(response));
    };
    let sample: Vec<_> = if args.until_seen.is_asked() {
        let of_interest = done.sample.iter().take(MOST_WAITED_FOR);
        of_interest
            .map(|it| Revoked {
                issuer: it.issuer.clone(),
                serial: it.serial.clone(),
            })
            .collect()
    } else {
        Vec::new()
    };
    let answer = Answer::from(response);
    args.until_seen.wait(global, answer, &sample, since)
}

/// Revokes, and shows how far that is.
fn act(global: &Global, order: RevokeMany) -> Result<Response, Problem> {
    let question = Request::MassRevocationProgress(MassRevocationProgress {});
    let mut shown: Option<(String, Progress)> = None;
    execute_watched(
        global,
        Request::RevokeMany(Box::new(order)),
        &question,
        &mut |answer| {
            let Response::MassRevocation(it) = answer else {
                return;
            };
            let Some(step) = it.step else {
                return;
            };
            if shown.as_ref().is_none_or(|(before, _)| *before != step) {
                let bar = Progress::new(match step.as_str() {
                    "choosing" => "choosing certificates",
                    "revoking" => "revoking them",
                    _ => "publishing CRLs",
                });
                shown = Some((step, bar));
            }
            if let Some((_, bar)) = &mut shown {
                bar.report(it.done, it.total);
            }
        },
    )
}

/// Shows what would be revoked, and has the number typed.
fn ask_to_confirm(global: &Global, order: &RevokeMany) -> Result<u64, Problem> {
    let Response::RevokedMany(found) =
        execute(global, Request::RevokeMany(Box::new(order.clone())))?
    else {
        return Err(Problem::new(
            ExitClass::Internal,
            "internal",
            "the service answers something else: use the program of the same release",
        ));
    };
    if found.certificates == 0 {
        return Ok(0);
    }
    let not_confirmed = |how: &str| {
        let message = format!(
            "{} certificates would be revoked, and that was not confirmed: {how}",
            found.certificates
        );
        Problem::new(ExitClass::Refused, "revocation.not-confirmed", message)
    };
    if global.json || !std::io::stdin().is_terminal() {
        return Err(not_confirmed("add --confirm COUNT, or --yes"));
    }
    eprint!("{}", revoked_many(&found));
    eprint!("type the number of certificates to revoke them: ");
    // A terminal that is gone answers nothing, which confirms nothing.
    let _flushed = std::io::stderr().flush();
    let mut line = String::new();
    let _read = std::io::stdin().lock().read_line(&mut line);
    confirmed(&found, &line).ok_or_else(|| not_confirmed("another number was typed"))
}

fn confirmed(found: &RevokedMany, typed: &str) -> Option<u64> {
    let typed: u64 = typed.trim().replace([',', '_'], "").parse().ok()?;
    (typed == found.certificates).then_some(typed)
}
