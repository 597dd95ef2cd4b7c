//! `kasane revoke-many`

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use kasane_verify::UnixTime;
use kasane_web::control::{
    ExitClass, MassRevocationProgress, Problem, Request, Response, RevokeMany, RevokedMany,
    RevokedSample, WatchedName,
};

use super::read_text;
use super::until_seen::{Begun, UntilSeen, unexpected};
use crate::answer::Answer;
use crate::args::Global;
use crate::output::revocation::revoked_many;
use crate::progress::Progress;
use crate::session::{execute, execute_watched};

/// Longest list: a million serial numbers.
const MAX_LIST_BYTES: usize = 40 * 1024 * 1024;

/// Revoke many certificates in one act
///
/// All that is named must fit: --profile terminal-rsa --facility-prefix 13 revokes the RSA terminals of
/// Tokyo. There is the whole act or, after a crash before it is in the ledger, nothing of it. OCSP says
/// so from then on; the command returns when CRLs are made. Certificates that were revoked before keep
/// date and reason. CA and OCSP signer certificates are revoked only when their serials are listed.
///
/// Nothing is done before the number of certificates is confirmed: typed, with --confirm, or by --yes.
/// What is confirmed is what was counted: certificates that are issued between the count and the act
/// are left out, and told; what is revoked or expires meanwhile is not missed. With --confirm that
/// needs --counted-at, which --dry-run says: without it the number must be the one that is found, and
/// on a busy CA may not be any more.
///
/// With --wait the first, the last and some more of the certificates are looked for, as 'kasane revoke
/// --wait' does; of a selection that was revoked before, those.
///
/// Example:
///   kasane revoke-many --profile terminal-rsa --reason key-compromise --dry-run
///   kasane revoke-many --profile terminal-rsa --reason key-compromise --confirm 4210 \
///       --counted-at 90551
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
    /// Revoke what was there when the ledger had so many entries, as --dry-run says
    #[arg(long, value_name = "ENTRIES", requires = "confirm")]
    counted_at: Option<u64>,
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
        counted_at: args.counted_at,
        dry_run: true,
    };
    if args.dry_run {
        return execute(global, Request::RevokeMany(Box::new(order))).map(Answer::from);
    }
    if !args.yes && args.confirm.is_none() {
        let confirmed = ask_to_confirm(global, &order)?;
        order.confirmed = Some(confirmed.certificates);
        order.counted_at = Some(confirmed.counted_at);
    }
    order.dry_run = false;
    let look = "the same with --dry-run tells whether they are revoked: all, or none".to_owned();
    let begun = Begun::now(look)?;
    let response = act(global, order)?;
    let Response::RevokedMany(done) = &response else {
        return Ok(Answer::from(response));
    };
    let revoked = if args.until_seen.is_asked() {
        let sample = match done.sample.as_slice() {
            // Repeated, as after an interruption: the act that did it is waited for.
            [] => &done.sample_revoked_before,
            _ => &done.sample,
        };
        sample.iter().map(watched).collect()
    } else {
        Vec::new()
    };
    let entries = Some(done.ledger_size);
    let answer = Answer::from(response);
    Ok(args
        .until_seen
        .wait(global, answer, revoked, entries, &begun))
}

fn watched(it: &RevokedSample) -> WatchedName {
    WatchedName {
        serial: it.serial.clone(),
        issuer: Some(it.issuer.clone()),
    }
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
                    "writing" => "they are revoked; writing them down for CRLs",
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
fn ask_to_confirm(global: &Global, order: &RevokeMany) -> Result<RevokedMany, Problem> {
    let Response::RevokedMany(found) =
        execute(global, Request::RevokeMany(Box::new(order.clone())))?
    else {
        return Err(unexpected());
    };
    if found.certificates == 0 {
        return Ok(*found);
    }
    let not_confirmed = |how: &str| {
        let message = format!(
            "{} certificates would be revoked, and that was not confirmed: {how}",
            found.certificates
        );
        Problem::new(ExitClass::Refused, "revocation.not-confirmed", message)
    };
    if global.json || !std::io::stdin().is_terminal() {
        let how = format!(
            "add --confirm {} --counted-at {}, or --yes",
            found.certificates, found.counted_at
        );
        return Err(not_confirmed(&how));
    }
    eprint!("{}", revoked_many(&found));
    eprint!("type the number of certificates to revoke them: ");
    // A terminal that is gone answers nothing, which confirms nothing.
    let _flushed = std::io::stderr().flush();
    let mut line = String::new();
    let _read = std::io::stdin().lock().read_line(&mut line);
    if confirmed(&found, &line) {
        return Ok(*found);
    }
    Err(not_confirmed("another number was typed"))
}

fn confirmed(found: &RevokedMany, typed: &str) -> bool {
    let typed = typed.trim().replace([',', '_'], "").parse::<u64>();
    typed.is_ok_and(|typed| typed == found.certificates)
}
