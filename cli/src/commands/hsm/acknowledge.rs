//! `kasane hsm acknowledge`

use kasane_web::control::{AlarmAcknowledge, Problem, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Say that alarms were looked at, and what came of it
///
/// 'kasane hsm reconcile' lists the alarms with their numbers. Who acknowledges and why stays in the
/// ledger; the alarm stays listed, and counts no more. All numbers are acknowledged, or none.
///
/// Example:
///   kasane hsm acknowledge 4711 4712 --reason "export of issuing-rsa for the spare device, ordered by ..."
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Numbers of alarms: their entries in the ledger
    #[arg(required = true, value_name = "NUMBER")]
    alarms: Vec<u64>,
    /// What was found, and why nothing is left to be done
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let order = AlarmAcknowledge {
        alarms: args.alarms,
        reason: args.reason,
    };
    execute(global, Request::AlarmAcknowledge(order)).map(Answer::from)
}
