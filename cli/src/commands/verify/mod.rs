//! `kasane verify`

mod evidence;
mod relying;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::folder::FolderError;
use kasane_ca_core::profile::Profiles;
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::Timeline;
use kasane_web::control::{
    ExitClass, Grounds, Problem, Request, Response, RevocationMode, RevocationSources, Verify,
    VerifyPurpose, VerifyReport, verify_chain,
};

use self::evidence::Files;
use self::relying::Relying;
use super::files;
use crate::answer::Answer;
use crate::args::Global;
use crate::output::verification::{self, Language};
use crate::session::execute;

/// Largest chain or bundle of anchors that is read.
const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Verify a chain: signatures, names, dates, every key by the dated policy, and revocation
///
/// The file holds the certificate in question first, then whatever may help, in any order.
///
/// With a data folder its roots are trusted, its own CAs are known, and its records tell what is
/// revoked, at every time; of others revocation is not checked then. With --anchors these are trusted
/// instead. With --crl, --ocsp or --revocation the records are left aside, and evidence decides.
///
/// A relying system needs no data folder: --anchors, or the state that 'kasane trust verify' keeps,
/// whose anchors, policy and emergency then count; without policy there the real timeline is used.
/// Status must then be known from --crl and --ocsp unless --revocation says otherwise. Files of
/// evidence are DER or PEM; a folder stands for the .crl, .der and .pem files in it.
///
/// Exit code 1: there is no trusted path, or at the date of --dry-run there would be none.
///
/// Example:
///   kasane verify terminal-chain.pem --at 2030-12-31
///   kasane verify terminal-chain.pem --anchors root-rsa.pem --crl crls/ --explain
///   kasane verify server.pem --state trust.json --ocsp server.ors --name dns:portal.kasane.example
///   kasane verify terminal-chain.pem --dry-run 2031-01-01 --lang ja
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// PEM; '-' is standard input
    chain: PathBuf,
    /// Trust these certificates instead of the data folder's roots; several in PEM
    #[arg(long, value_name = "FILE", num_args = 1..)]
    anchors: Vec<PathBuf>,
    /// One file of anchors
    #[arg(long, value_name = "FILE", hide = true)]
    anchor: Vec<PathBuf>,
    /// Judge at this time instead of now
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    /// What the key is used for; what its profile says if not given
    #[arg(long, value_enum)]
    purpose: Option<PurposeArg>,
    /// A name that it must have: dns:HOST, ip:ADDRESS, uri:URI or email:MAILBOX; may be repeated
    #[arg(long = "name", value_name = "KIND:NAME")]
    names: Vec<String>,
    /// Certificate policies of which one must be valid for the path
    #[arg(long, value_name = "OID", num_args = 1..)]
    policy_oid: Vec<String>,
    /// Ask for what RFC 5280 demands of CAs as well, not of validation alone
    #[arg(long)]
    profile: bool,
    /// CRLs, delta CRLs too
    #[arg(long, value_name = "FILE|DIR", num_args = 1..)]
    crl: Vec<PathBuf>,
    /// OCSP responses
    #[arg(long, value_name = "FILE", num_args = 1..)]
    ocsp: Vec<PathBuf>,
    /// What status must be known by evidence; hard-fail without the data folder's records
    #[arg(long, value_enum, value_name = "RULE")]
    revocation: Option<RevocationArg>,
    /// Which evidence counts, and which is looked at first
    #[arg(
        long,
        value_enum,
        value_name = "ORDER",
        default_value = "ocsp-then-crl"
    )]
    sources: SourcesArg,
    /// What the officers declared, beside what the state holds: unavailable status is tolerated
    #[arg(long, value_name = "FILE", requires = "state")]
    emergency: Option<PathBuf>,
    /// What this relying system has accepted ('kasane trust verify'); it stays as it is
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Tell what that date makes of the path, revocation aside
    #[arg(long, value_name = "DATE")]
    dry_run: Option<UnixTime>,
    /// Tell the whole search as a tree
    #[arg(long)]
    explain: bool,
    /// The language of the answer; codes are the same
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PurposeArg {
    Client,
    Server,
    Ocsp,
    Any,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RevocationArg {
    /// Without evidence there is no path
    HardFail,
    /// What cannot be known is tolerated and reported
    SoftFail,
    /// Status is not looked at
    Off,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SourcesArg {
    OcspThenCrl,
    CrlThenOcsp,
    Ocsp,
    Crl,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let chain_pem = read(&args.chain)?;
    let mut anchors_pem = String::new();
    for path in args.anchors.iter().chain(&args.anchor) {
        anchors_pem.push_str(&read(path)?);
        anchors_pem.push('\n');
    }
    let files = Files::read(&args.crl, &args.ocsp)?;
    let mut question = Verify {
        chain_pem,
        anchors_pem: (!anchors_pem.is_empty()).then_some(anchors_pem),
        at: args.at,
        purpose: args.purpose.map(Into::into),
        revocation: args.revocation.map(Into::into),
        sources: args.sources.into(),
        names: args.names,
        policies: args.policy_oid,
        profile: args.profile,
        dry_run: args.dry_run,
        explain: args.explain,
        ..Verify::default()
    };
    let no_folder = FolderError::Empty {
        path: global.dir.clone(),
    };
    let (report, notes) = if let Some(state) = &args.state {
        let now = args.at.unwrap_or_else(|| SystemClock.now());
        let relying = Relying::open(state, args.emergency.as_deref(), now)?;
        alone(&mut question, &files, Some(&relying), args.lang)?
    } else {
        let asked = Verify {
            crls: files.crls().map(|it| STANDARD.encode(it)).collect(),
            ocsp: files.ocsp().map(|it| STANDARD.encode(it)).collect(),
            ..question.clone()
        };
        match execute(global, Request::Verify(asked)) {
            Err(problem) if problem.code == no_folder.code() && question.anchors_pem.is_some() => {
                alone(&mut question, &files, None, args.lang)?
            }
            Ok(Response::Verified(report)) => (*report, String::new()),
            Ok(_) => return Err(unexpected()),
            Err(problem) => return Err(problem),
        }
    };
    Ok(verification::answer(&report, notes, args.lang))
}

/// Verifies with nothing but files; what is to be said beside the answer.
fn alone(
    question: &mut Verify,
    files: &Files,
    relying: Option<&Relying>,
    language: Language,
) -> Result<(VerifyReport, String), Problem> {
    let now = SystemClock.now();
    let at = question.at.unwrap_or(now);
    let real = Timeline::overlap().map_err(kasane_ca_core::Error::from)?;
    let profiles = Profiles::embedded().map_err(kasane_ca_core::Error::from)?;
    let mut notes = String::new();
    let mut roots = Vec::new();
    if let Some(relying) = relying {
        // What will be an anchor no more is none in a dry run.
        roots = relying.anchors(question.dry_run.unwrap_or(at));
        if roots.is_empty() && question.anchors_pem.is_none() {
            return Err(Problem::new(
                ExitClass::NotFound,
                "trust.no_anchors",
                "the state holds no trust anchor for that time: accept an anchors document with \
                 'kasane trust verify', or give --anchors",
            ));
        }
        question.emergency = relying.emergency(&question.chain_pem, at, language, &mut notes);
        relying.remind(now, language, &mut notes);
    }
    let timeline = relying.and_then(Relying::policy);
    if timeline.is_none() {
        notes.push_str(match (language, relying) {
            (Language::En, None) => "no data folder: judged by the real timeline\n",
            (Language::En, Some(_)) => "no policy in the state: judged by the real timeline\n",
            (Language::Ja, None) => "データフォルダがないため、実際の移行日程で判定しました\n",
            (Language::Ja, Some(_)) => "状態にポリシーがないため、実際の移行日程で判定しました\n",
        });
    }
    let grounds = Grounds {
        timeline: timeline.unwrap_or(&real),
        profiles: &profiles,
        crypto: &AwsLc,
        roots,
        known: Vec::new(),
        now,
        records: None,
        evidence: files.evidence(),
    };
    Ok((verify_chain(&grounds, question)?, notes))
}

fn read(path: &Path) -> Result<String, Problem> {
    files::read_text(path, MAX_FILE_BYTES)
}

fn unexpected() -> Problem {
    let message = "the service answered another question: it is of another version";
    Problem::new(ExitClass::Environment, "socket.failed", message)
}

impl From<PurposeArg> for VerifyPurpose {
    fn from(purpose: PurposeArg) -> Self {
        match purpose {
            PurposeArg::Client => Self::Client,
            PurposeArg::Server => Self::Server,
            PurposeArg::Ocsp => Self::Ocsp,
            PurposeArg::Any => Self::Any,
        }
    }
}

impl From<RevocationArg> for RevocationMode {
    fn from(mode: RevocationArg) -> Self {
        match mode {
            RevocationArg::HardFail => Self::HardFail,
            RevocationArg::SoftFail => Self::SoftFail,
            RevocationArg::Off => Self::Off,
        }
    }
}

impl From<SourcesArg> for RevocationSources {
    fn from(sources: SourcesArg) -> Self {
        match sources {
            SourcesArg::OcspThenCrl => Self::OcspThenCrl,
            SourcesArg::CrlThenOcsp => Self::CrlThenOcsp,
            SourcesArg::Ocsp => Self::Ocsp,
            SourcesArg::Crl => Self::Crl,
        }
    }
}
