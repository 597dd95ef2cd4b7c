//! `kasane verify`

use std::path::PathBuf;

use clap::ValueEnum;
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::folder::FolderError;
use kasane_ca_core::profile::Profiles;
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::Timeline;
use kasane_web::control::{
    Grounds, Problem, Request, Response, Verify, VerifyPurpose, verify_chain,
};

use super::files;
use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Largest chain or bundle of anchors that is read.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Verify a chain: signatures, names, dates, every key by the dated policy, and revocation
///
/// The file holds the certificate in question first, then whatever may help, in any order. Trusted
/// are the roots of the data folder, whose own CAs are known; or the certificates of --anchor, and
/// then the chain stands for itself. Certificates of the data folder's own CAs are looked up in its
/// records: a revoked one is refused at every time. Of others revocation is not checked. With --anchor
/// and without a data folder the real timeline is used. Exit code 1: there is no trusted path.
///
/// Example:
///   kasane verify terminal-chain.pem --at 2030-12-31
///   kasane verify terminal-chain.pem --anchor root-rsa.pem --purpose client
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// PEM; '-' is standard input
    chain: PathBuf,
    /// Trust these certificates instead of the data folder's roots
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Judge at this time instead of now
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    /// What the key is used for; what its profile says if not given
    #[arg(long, value_enum)]
    purpose: Option<PurposeArg>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PurposeArg {
    Client,
    Server,
    Ocsp,
    Any,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let purpose = args.purpose.map(|purpose| match purpose {
        PurposeArg::Client => VerifyPurpose::Client,
        PurposeArg::Server => VerifyPurpose::Server,
        PurposeArg::Ocsp => VerifyPurpose::Ocsp,
        PurposeArg::Any => VerifyPurpose::Any,
    });
    let read = |path: &PathBuf| files::read_text(path, MAX_FILE_BYTES);
    let question = Verify {
        chain_pem: read(&args.chain)?,
        anchors_pem: args.anchor.as_ref().map(read).transpose()?,
        at: args.at,
        purpose,
    };
    let no_folder = FolderError::Empty {
        path: global.dir.clone(),
    };
    match execute(global, Request::Verify(question.clone())) {
        Err(problem) if problem.code == no_folder.code() && question.anchors_pem.is_some() => {
            without_folder(&question)
        }
        answer => answer.map(Answer::from),
    }
}

/// Verifies with nothing but the files and the real timeline.
fn without_folder(question: &Verify) -> Result<Answer, Problem> {
    let timeline = Timeline::overlap().map_err(kasane_ca_core::Error::from)?;
    let profiles = Profiles::embedded().map_err(kasane_ca_core::Error::from)?;
    let grounds = Grounds {
        timeline: &timeline,
        profiles: &profiles,
        crypto: &AwsLc,
        roots: Vec::new(),
        known: Vec::new(),
        now: SystemClock.now(),
        records: None,
    };
    let mut answer = Answer::from(Response::Verified(verify_chain(&grounds, question)?));
    answer
        .notes
        .push_str("no data folder: judged by the real timeline\n");
    Ok(answer)
}
