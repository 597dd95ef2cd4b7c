//! `kasane serve`

use kasane_ca_core::folder::DataFolder;
use kasane_hsm::config::Access;
use kasane_web::control::Problem;

use crate::answer::Answer;
use crate::args::Global;
use crate::serve;
use crate::session::Session;

/// Run the service: commands through DIR/kasane.sock, CRLs, OCSP and certificates over HTTP
///
/// Holds the data folder until SIGINT or SIGTERM, then stops cleanly.
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
    let folder = DataFolder::open(&global.dir)?;
    let session = Session::start(global, folder, Access::Signing)?;
    serve::run(session, &args.options)?;
    Ok(Answer::default())
}
