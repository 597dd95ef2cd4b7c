//! `kasane hsm restore`

use std::path::PathBuf;

use kasane_web::control::{ExitClass, Problem, RecordedKey, recorded_keys};
use serde_json::json;

use super::manifest::Manifest;
use super::work::in_ceremony;
use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{device, import, wrapping};

/// Bring keys back from a backup into a device that has the wrap key
///
/// Files and public keys are compared with the manifest. Keys that are there already are left as
/// they are. Each import is noted in the ledger before it is done. The service must be stopped.
///
/// Example:
///   kasane hsm restore ./keys-2027-04 --device hsm-c
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The folder that 'kasane hsm backup' wrote
    folder: PathBuf,
    /// The device that gets the keys
    #[arg(long, value_name = "DEVICE")]
    device: String,
    /// Which keys; all of them if none is named
    labels: Vec<String>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let manifest = Manifest::read(&args.folder)?;
    let unknown = args
        .labels
        .iter()
        .find(|label| !manifest.keys.iter().any(|key| key.label == **label));
    if let Some(label) = unknown {
        return Err(Problem::argument(format!(
            "key {label:?} is not in {}",
            args.folder.display()
        )));
    }
    // All of them are looked at before the first one is imported.
    let mut wrapped = Vec::new();
    for key in &manifest.keys {
        if args.labels.is_empty() || args.labels.contains(&key.label) {
            wrapped.push(key.read(&args.folder)?);
        }
    }
    in_ceremony(global, |session, pool| {
        let recorded = recorded_keys(&session.authority.books()?).keys;
        for (key, spki) in &wrapped {
            must_be_recorded(&recorded, key.label.as_str(), spki)?;
        }
        let to = device(pool, &args.device)?;
        wrapping(&**to)?;
        let detail = format!("from a backup of {} ({})", manifest.device, manifest.serial);
        let mut text = String::new();
        let mut keys = Vec::new();
        for (key, spki) in &wrapped {
            let copied = import(&session.authority, "restore", &**to, key, spki, &detail)?;
            pool.refresh(&key.label);
            let outcome = if copied.there_before {
                "was there"
            } else {
                "restored"
            };
            text.push_str(&format!(
                "{outcome}: {} ({})\n",
                key.label, copied.key.algorithm
            ));
            keys.push(json!({
                "label": key.label.to_string(),
                "algorithm": copied.key.algorithm.to_string(),
                "there_before": copied.there_before,
            }));
        }
        Ok(Answer {
            json: json!({ "device": args.device, "keys": keys }),
            text,
            notes: String::new(),
            refusal: None,
        })
    })
}

/// The manifest is no authority over names: the ledger says which key has which.
fn must_be_recorded(recorded: &[RecordedKey], label: &str, spki: &[u8]) -> Result<(), Problem> {
    let spki = hex::encode(spki);
    let reason = match recorded.iter().find(|it| it.spki == spki) {
        Some(it) if it.label == label => return Ok(()),
        Some(it) => format!("is the key that the ledger calls {}", it.label),
        None => "has a public key that the ledger does not know".to_owned(),
    };
    let message = format!(
        "key {label} of the backup {reason}: nothing was restored; take the manifest as 'kasane hsm \
         backup' wrote it"
    );
    Err(Problem::new(
        ExitClass::Integrity,
        "hsm.backup-label",
        message,
    ))
}
