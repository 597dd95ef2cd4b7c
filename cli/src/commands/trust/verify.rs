//! `kasane trust verify`

use std::fs::File;
use std::path::{Path, PathBuf};

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::trust::{
    Acceptance, Change, Fingerprint, Kind, MAX_DOCUMENT_BYTES, TrustDocument, TrustError,
    TrustState, TrustStore,
};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::documents::{OWN, behind_links, read_all, replace};
use super::{refused, untrusted};
use crate::answer::Answer;
use crate::commands::files;

/// One document of each kind, in text.
const MAX_STATE_BYTES: usize = 8 * MAX_DOCUMENT_BYTES;

/// Accept documents as a relying system does, and remember them
///
/// The state file holds the pinned officers and the newest document of each kind; it only moves
/// forward. A new one begins with --pin: the fingerprint from the letter. Officers documents are
/// accepted first, as a chain. All or nothing: when one document is refused, the file stays as it
/// was. Exit code 1: a document is not to be trusted.
///
/// Example:
///   kasane trust verify officers-1.pem --state trust.json --pin '8f3a 01c2 …'
///   kasane trust verify policy-1.pem anchors-1.pem --state trust.json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Documents, PEM or DER
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The state of the relying system
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// Begin a new state with this officer set
    #[arg(long, value_name = "HEX")]
    pin: Option<Fingerprint>,
    /// Judge at this time instead of now, and leave the state as it is
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
}

pub(super) fn run(args: Args) -> Result<Answer, Problem> {
    let mut documents = Vec::new();
    for file in &args.files {
        documents.extend(read_all(file)?);
    }
    // Between reading and writing nobody else may move it forward: one of the two would move it back.
    let _lock = match args.at {
        Some(_) => None,
        // One state has one lock, by whatever name it is called.
        None => Some(lock(&behind_links(&args.state))?),
    };
    let mut store = open(&args.state, args.pin)?;
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let accepted = accept(&mut store, documents, now).map_err(untrusted)?;
    if args.at.is_none() {
        write(&args.state, &store)?;
    }
    Ok(answer(&store, &accepted, now))
}

fn accept(
    store: &mut TrustStore,
    documents: Vec<TrustDocument>,
    now: UnixTime,
) -> Result<Vec<Acceptance>, TrustError> {
    let (mut officers, others): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .partition(|it| it.header().kind == Kind::Officers);
    officers.sort_by_key(|it| it.header().number);
    let mut accepted: Vec<_> = store
        .accept_rotations(&officers, now, &AwsLc)?
        .into_iter()
        .collect();
    for document in &others {
        accepted.push(store.accept(document, now, &AwsLc)?);
    }
    Ok(accepted)
}

fn answer(store: &TrustStore, accepted: &[Acceptance], now: UnixTime) -> Answer {
    let mut text = String::new();
    let mut list = Vec::new();
    for it in accepted {
        let header = it.document.header();
        let change = match it.change {
            Change::Replaced => "accepted",
            Change::AlreadyHeld => "held already",
        };
        text.push_str(&format!("{} {}: {change}\n", header.kind, header.number));
        list.push(json!({
            "kind": header.kind.as_str(),
            "number": header.number,
            "change": change,
            "expires_at": header.expires_at,
        }));
    }
    if accepted.is_empty() {
        text.push_str("nothing new: every document is older than what is held\n");
    }
    let mut notes = String::new();
    if let Some(it) = store.emergency().filter(|it| it.content().until() >= now) {
        let it = it.content();
        notes.push_str(&format!(
            "emergency {} in {} until {}\n",
            it.id(),
            it.area(),
            it.until().to_jst_string()
        ));
    }
    let json = json!({
        "accepted": list,
        "pin": store.pin().to_hex(),
        "officers": store.number(Kind::Officers),
        "policy": store.number(Kind::Policy),
        "anchors": store.number(Kind::Anchors),
        "emergency": store.number(Kind::Emergency),
    });
    Answer {
        json,
        text,
        notes,
        refusal: None,
    }
}

/// The store of a state file, or a new one.
pub(super) fn open(path: &Path, pin: Option<Fingerprint>) -> Result<TrustStore, Problem> {
    if !path.exists() {
        return pin.map(TrustStore::first_contact).ok_or_else(|| {
            Problem::new(
                ExitClass::NotFound,
                "trust.no_state",
                format!(
                    "there is no state {}: begin one with --pin and the fingerprint of the officers",
                    path.display()
                ),
            )
        });
    }
    let bytes = files::read_limited(path, MAX_STATE_BYTES)?;
    let state: TrustState = serde_json::from_slice(&bytes)
        .map_err(|_| refused(TrustError::State("it is not the JSON of a state")))?;
    let store = TrustStore::from_state(&state, &AwsLc).map_err(refused)?;
    match pin {
        Some(pin) if pin != store.pin() => Err(Problem::new(
            ExitClass::Conflict,
            "trust.pinned",
            format!(
                "{} pins the officers {} already: leave --pin out, or begin another file",
                path.display(),
                store.pin()
            ),
        )),
        _ => Ok(store),
    }
}

fn write(path: &Path, store: &TrustStore) -> Result<(), Problem> {
    let state = store.to_state(&AwsLc).map_err(refused)?;
    let json = serde_json::to_vec_pretty(&state)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    replace(path, &json, OWN)
}

/// Waits until no other process works on the state. The state itself is replaced, so a file beside
/// it carries the lock.
fn lock(state: &Path) -> Result<File, Problem> {
    let mut name = state.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |error: std::io::Error| Problem::file("locking", &path, &error);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
