//! `kasane trust fingerprint`

use std::path::PathBuf;

use kasane_web::control::Problem;
use serde_json::json;

use super::documents::read_officers;
use super::verify;
use crate::answer::Answer;
use crate::output::trust::rows;

/// Print the fingerprint of the officer set as letters print it
///
/// Example:
///   kasane trust fingerprint officers-1.pem
///   kasane trust fingerprint --state trust.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// An officers document
    #[arg(required_unless_present = "state")]
    file: Option<PathBuf>,
    /// The state of a relying system: the set that it has pinned
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    state: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<Answer, Problem> {
    let (fingerprint, domain) = match (&args.file, &args.state) {
        (Some(file), _) => {
            let (_, officers) = read_officers(file)?;
            (
                officers.set().fingerprint(),
                Some(officers.set().domain().to_string()),
            )
        }
        (None, Some(state)) => {
            let store = verify::open(state, None)?;
            (
                store.pin(),
                store.officers().map(|it| it.domain().to_string()),
            )
        }
        (None, None) => return Err(Problem::argument("name an officers document or --state")),
    };
    let printed = fingerprint.to_string();
    let json = json!({ "fingerprint": fingerprint.to_hex(), "printed": printed, "domain": domain });
    Ok(Answer {
        json,
        text: rows(&printed),
        notes: String::new(),
        refusal: None,
    })
}
