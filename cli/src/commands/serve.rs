//! `kasane serve`

use kasane_web::control::Problem;

use crate::answer::Answer;
use crate::args::Global;
use crate::serve;

/// Run the service: commands through DIR/kasane.sock, CRLs, OCSP and certificates over HTTP
///
/// Holds the data folder until SIGINT or SIGTERM, then stops cleanly. Listens from the first moment: while
/// the start is under way OCSP says 'try later', and /health tells how far it is.
///
/// Example:
///   kasane serve --dir ./kasane-data --listen 127.0.0.1:8080
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: serve::Options,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    serve::run(global, &args.options)?;
    Ok(Answer::default())
}
