//! `kasane store`

use clap::Subcommand;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::store::digest;
use kasane_ca_core::store_state::StoreState;
use kasane_ca_core::{Authority, Error};
use kasane_hsm::config::Access;
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use crate::answer::Answer;
use crate::args::Global;
use crate::session::Session;

/// The store, which the ledger can always make anew
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Throw the store away, make it anew from the ledger, and compare
    ///
    /// Needs the data folder for itself: stop the service first.
    ///
    /// Example:
    ///   kasane store rebuild
    #[command(verbatim_doc_comment)]
    Rebuild,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let Command::Rebuild = args.command;
    let folder = DataFolder::open(&global.dir)?;
    // A store that does not even open has nothing to compare with.
    let (folder, before) = match Session::start_for_command(global, folder, Access::Signing) {
        Ok(session) => {
            let before = digest_of(&session.authority)?;
            (session.stop_and_keep(), Some(before))
        }
        Err(problem) => {
            tracing::warn!(code = problem.code, %problem, "the old store cannot be compared");
            (DataFolder::open(&global.dir)?, None)
        }
    };
    StoreState::of(&folder).remove().map_err(Error::from)?;
    let session = Session::start_for_command(global, folder, Access::Signing)?;
    let after = digest_of(&session.authority)?;
    let entries = session.authority.ledger().size();
    session.stop();
    if let Some(before) = before.as_ref().filter(|before| **before != after) {
        let message = format!(
            "the store rebuilt from the ledger differs from the one before (digest {after}, was \
             {before}): the old one was wrong and is gone; report this"
        );
        return Err(Problem::new(
            ExitClass::Integrity,
            "store.differed",
            message,
        ));
    }
    let compared = before.is_some();
    Ok(Answer {
        json: json!({ "entries": entries, "digest": after, "same_as_before": compared }),
        text: format!(
            "store rebuilt from {entries} ledger entries\ndigest {after}{}\n",
            if compared { ", the same as before" } else { "" }
        ),
        notes: String::new(),
        refusal: None,
    })
}

fn digest_of(authority: &Authority) -> Result<String, Problem> {
    // Part of what it says, but not of when that was done.
    authority.spread_revocations()?;
    Ok(hex::encode(
        digest(authority.tables()).map_err(Error::from)?,
    ))
}
