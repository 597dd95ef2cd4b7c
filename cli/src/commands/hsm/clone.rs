//! `kasane hsm clone`

use kasane_web::control::Problem;
use serde_json::json;

use super::work::in_ceremony;
use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{clone_key, device, labels};

/// Copy keys from one device to another, encrypted under the wrap key that both have
///
/// Each step is noted in the ledger before it is done; the public keys are compared after it. Keys
/// that are there already are left as they are. The service must be stopped.
///
/// Example:
///   kasane hsm clone --from hsm-a --to hsm-b
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The device that has the keys
    #[arg(long, value_name = "DEVICE")]
    from: String,
    /// The device that gets them
    #[arg(long, value_name = "DEVICE")]
    to: String,
    /// Which keys; all of them if none is named
    labels: Vec<String>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    if args.from == args.to {
        return Err(Problem::argument(
            "--from and --to name one device: name two",
        ));
    }
    in_ceremony(global, |session, pool| {
        let from = device(pool, &args.from)?;
        let to = device(pool, &args.to)?;
        let mut text = String::new();
        let mut keys = Vec::new();
        for label in labels(&**from, &args.labels)? {
            let copied = clone_key(&session.authority, pool, &**from, &**to, &label)?;
            let outcome = if copied.there_before {
                "was there"
            } else {
                "copied"
            };
            text.push_str(&format!("{outcome}: {label} ({})\n", copied.key.algorithm));
            keys.push(json!({
                "label": label.to_string(),
                "algorithm": copied.key.algorithm.to_string(),
                "there_before": copied.there_before,
            }));
        }
        Ok(Answer {
            json: json!({ "from": args.from, "to": args.to, "keys": keys }),
            text,
            notes: String::new(),
            refusal: None,
        })
    })
}
