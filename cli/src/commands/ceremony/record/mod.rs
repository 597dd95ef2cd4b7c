//! `kasane ceremony record`

mod certificate_row;
mod crl_table;
mod document_row;
mod key_row;
mod step_row;

use std::path::PathBuf;

use askama::Template;
use kasane_ca_core::ceremony::{self, FIRST_CEREMONY};
use kasane_ca_core::folder::DataFolder;
use kasane_hsm::config::Access;
use kasane_verify::UnixTime;
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::NewFile;
use crate::session::Session;
use certificate_row::CertificateRow;
use crl_table::CrlTable;
use document_row::DocumentRow;
use key_row::{KeyRow, VerdictRow};
use step_row::StepRow;

/// Print the record of a ceremony, for the participants to sign: HTML, for any browser to print
///
/// Everything in it is read from the ledger: printed again, also years later, it says the same. Only
/// attestations are verified anew, under the roots that hsm.toml names, and devices that the wrap key
/// was put into later are added. It is Japanese with English beside, A4, and needs no other file.
///
/// Example:
///   kasane ceremony record --out record.html
///   chromium --headless --print-to-pdf=record.pdf record.html
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The ceremony's name, as in [ceremony] name
    #[arg(long, value_name = "NAME", default_value = FIRST_CEREMONY)]
    name: String,
    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Template)]
#[template(path = "ceremony_record.html")]
struct Page {
    title: String,
    name: String,
    origin: String,
    organization: String,
    demo: bool,
    began: String,
    ended: String,
    script_sha256: String,
    documents: Vec<DocumentRow>,
    participants: Vec<ceremony::Participant>,
    custody: Option<ceremony::Custody>,
    wrap_keys: Vec<ceremony::WrapKeyPut>,
    keys: Vec<KeyRow>,
    certificates: Vec<CertificateRow>,
    crls: Vec<CrlTable>,
    steps: Vec<StepRow>,
    /// Entries of the ledger that the record tells of.
    entries: usize,
    checkpoint: String,
    tree_size: String,
    tree_head: String,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let mut out = NewFile::create(&args.out)?;
    let folder = DataFolder::open(&global.dir)?;
    let session = Session::start(global, folder, Access::Ceremony)?;
    let page = page(&session, &args.name);
    session.stop();
    let page = page?;
    let html = page
        .render()
        .map_err(|error| Problem::new(ExitClass::Internal, "record.render", error.to_string()))?;
    out.fill(html.as_bytes())?;
    Ok(Answer {
        text: format!(
            "record of {} with {} entries, tree head {}: {}\n",
            page.name,
            page.entries,
            page.tree_head,
            args.out.display()
        ),
        json: json!({
            "ceremony": page.name,
            "entries": page.entries,
            "tree_size": page.tree_size,
            "tree_head": page.tree_head,
            "script_sha256": page.script_sha256,
        }),
        ..Answer::default()
    })
}

fn page(session: &Session, name: &str) -> Result<Page, Problem> {
    let record = ceremony::record(&session.authority, name)?;
    let config = &record.script.authority;
    // C2SP tlog-checkpoint: origin, size, root hash, each on a line.
    let mut lines = record.checkpoint.lines().skip(1);
    let tree_size = lines.next().unwrap_or_default().to_owned();
    let tree_head = lines.next().unwrap_or_default().to_owned();
    let crls = crl_table::of(&record);
    Ok(Page {
        title: record.script.ceremony.title.clone(),
        name: name.to_owned(),
        origin: config.origin.clone(),
        organization: config.organization.clone(),
        demo: config.mode == kasane_ca_core::configuration::Mode::Demo,
        began: jst(record.began),
        ended: jst(record.ended),
        documents: document_row::of(&record),
        keys: key_row::of(&record),
        certificates: certificate_row::of(&record),
        steps: step_row::of(&record, &crls),
        crls,
        entries: record.events.len(),
        participants: record.script.participants,
        custody: record.script.custody,
        wrap_keys: record.wrap_keys,
        script_sha256: record.script_sha256,
        checkpoint: record.checkpoint,
        tree_size,
        tree_head,
    })
}

fn jst(at: UnixTime) -> String {
    at.to_jst_string()
}

fn digest(octets: &[u8]) -> String {
    hex::encode(Sha256::digest(octets))
}
