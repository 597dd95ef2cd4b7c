//! `kasane completions`

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::answer::Answer;
use crate::args::Cli;

/// Print completions for a shell
///
/// Example:
///   kasane completions bash > ~/.local/share/bash-completion/completions/kasane
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: Args) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kasane", &mut script);
    let text = String::from_utf8_lossy(&script).into_owned();
    Answer {
        json: json!({ "script": text }),
        text,
        notes: String::new(),
        refusal: None,
    }
}
