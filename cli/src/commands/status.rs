//! `kasane status`

use clap::Subcommand;
use kasane_web::control::{
    CanaryShow, EndpointList, ExitClass, Problem, Request, VisibilityPlanned, WatchedCertificate,
    WatchedName,
};
use serde_json::{Value, json};

use super::until_seen::{Begun, Until, look_at, plan};
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// How soon revocations are known, and who tells of them
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the canary measured: how soon each responder tells of a revocation
    ///
    /// Example:
    ///   kasane status canary --json
    #[command(verbatim_doc_comment)]
    Canary,
    /// Who answers for status: the service itself, those of DIR/revocation.toml and every edge, with how
    /// far it follows
    Responders,
    /// Who tells of revocations that were made before, as 'kasane revoke --wait' asks
    ///
    /// Exit code 9 when somebody does not tell in time.
    ///
    /// Example:
    ///   kasane status seen 3a5f… --timeout 30
    #[command(verbatim_doc_comment)]
    Seen(Seen),
}

#[derive(Debug, clap::Args)]
struct Seen {
    /// The serials, in hex
    #[arg(value_name = "SERIAL", required = true, num_args = 1..=100)]
    serials: Vec<String>,
    /// The issuer, when several used these serials
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// Seconds to wait at most; 330 where a cache stands in front, which may keep a response for 300
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Where else than in OCSP it must be seen, at those that hand out CRLs
    #[arg(long, value_enum)]
    until: Option<Until>,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let request = match args.command {
        Command::Canary => Request::CanaryShow(CanaryShow {}),
        Command::Responders => Request::EndpointList(EndpointList {}),
        Command::Seen(seen) => return look(global, seen),
    };
    execute(global, request).map(Answer::from)
}

fn look(global: &Global, args: Seen) -> Result<Answer, Problem> {
    let begun = Begun::now("nothing is changed by looking".to_owned())?;
    let named = args.serials.into_iter().map(|serial| WatchedName {
        serial,
        issuer: args.issuer.clone(),
    });
    let plan = plan(global, named.collect())?;
    if let Some(it) = plan.certificates.iter().find(|it| it.revocation.is_none()) {
        let message = format!("certificate {} of {} is not revoked", it.serial, it.issuer);
        let code = "certificate.not-revoked";
        return Err(Problem::new(ExitClass::Negative, code, message));
    }
    let answer = Answer {
        json: json!({ "certificates": certificates(&plan) }),
        ..Answer::default()
    };
    let (timeout, until) = (args.timeout, args.until);
    Ok(look_at(global, answer, &plan, None, &begun, timeout, until))
}

fn certificates(plan: &VisibilityPlanned) -> Vec<Value> {
    let one = |it: &WatchedCertificate| json!({ "issuer": it.issuer, "serial": it.serial, "revocation": it.revocation });
    plan.certificates.iter().map(one).collect()
}
