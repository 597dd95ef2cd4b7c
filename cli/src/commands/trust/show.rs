//! `kasane trust show`

use std::path::PathBuf;

use kasane_web::control::Problem;
use serde_json::json;

use super::documents::{describe, read_all, read_officers, read_one};
use crate::answer::Answer;
use crate::commands::files::NewFile;

/// Show what documents say and who has signed them
///
/// Signatures are checked against the officers of --officers; an officers document names its own.
/// Whether a system would accept the document is for 'kasane trust verify' to say.
///
/// Example:
///   kasane trust show policy-1.pem --officers officers-1.pem
///   kasane trust show policy-1.pem --to-be-signed policy-1.tbs
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Documents, PEM or DER; '-' is standard input
    file: PathBuf,
    /// The officers document in force
    #[arg(long, value_name = "FILE")]
    officers: Option<PathBuf>,
    /// Write the octets that an officer signs to this new file, for a key that another device holds
    #[arg(long, value_name = "FILE")]
    to_be_signed: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<Answer, Problem> {
    if let Some(path) = &args.to_be_signed {
        let document = read_one(&args.file)?;
        NewFile::create(path)?.fill(&document.to_be_signed())?;
        let (text, json) = describe(&document, None)?;
        let notes = format!("written: {}\n", path.display());
        return Ok(Answer {
            json: json!({ "documents": [json] }),
            text,
            notes,
            refusal: None,
        });
    }
    let officers = args.officers.as_deref().map(read_officers).transpose()?;
    let officers = officers.as_ref().map(|(_, succession)| succession);
    let mut texts = Vec::new();
    let mut list = Vec::new();
    for document in read_all(&args.file)? {
        let (text, json) = describe(&document, officers)?;
        texts.push(text);
        list.push(json);
    }
    let json = json!({ "documents": list });
    Ok(Answer {
        json,
        text: texts.join("\n"),
        notes: String::new(),
        refusal: None,
    })
}
