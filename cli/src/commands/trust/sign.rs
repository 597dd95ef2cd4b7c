//! `kasane trust sign`

use std::path::{Path, PathBuf};
use std::time::Duration;

use kasane_hsm::{KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, SoftwareBackend};
use kasane_verify::crypto::AwsLc;
use kasane_verify::trust::{Fingerprint, TrustDocument, officer_signature};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::documents::{
    PUBLIC, describe, lock_document, read_officers, read_one, read_public_key, replace,
};
use super::officer::key_problem;
use super::refused;
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::{self, NewFile};
use crate::passphrase;

/// Longer than any signature in a file.
const MAX_SIGNATURE_BYTES: usize = 1024;

/// Far longer than a software key takes.
const DEADLINE: Duration = Duration::from_secs(30);

/// Sign a document as an officer, after having read what it says
///
/// Without --fingerprint or --yes nothing is signed: the document is shown, with its fingerprint.
/// Compare that with the other officers by another way than the file came, then give it. A key that
/// another device holds signs what 'kasane trust show --to-be-signed' writes; the result is added
/// with --public-key and --signature.
///
/// Example:
///   kasane trust sign policy-1.pem
///   kasane trust sign policy-1.pem --key sato --keys ./sato-keys --passphrase-file sato.pass
///     --fingerprint '8f3a 01c2 …'
///   kasane trust sign policy-1.pem --public-key mori.pem --signature mori.sig --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The document; it gets the signature
    document: PathBuf,
    /// The label of the officer's key
    #[arg(long, value_name = "LABEL", conflicts_with = "signature")]
    key: Option<String>,
    /// The folder of the officer's keys
    #[arg(long, value_name = "DIR", default_value = "./officer-keys")]
    keys: PathBuf,
    /// The public key of a signature made elsewhere, PEM
    #[arg(long, value_name = "FILE", requires = "signature")]
    public_key: Option<PathBuf>,
    /// A signature made elsewhere: ECDSA in DER, Ed25519 as it is
    #[arg(long, value_name = "FILE", requires = "public_key")]
    signature: Option<PathBuf>,
    /// Sign if this is the document's fingerprint
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<Fingerprint>,
    /// Sign whatever it says
    #[arg(long, conflicts_with = "fingerprint")]
    yes: bool,
    /// The officers document in force: refuse to add a signature of somebody else
    #[arg(long, value_name = "FILE")]
    officers: Option<PathBuf>,
    /// Write the signed document to this new file and leave the other as it is
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    if args.out.is_none() && args.document.as_os_str() == "-" {
        return Err(Problem::argument(
            "standard input takes no signature back: name --out",
        ));
    }
    // Until the end: two officers at once would each replace the document of before.
    let _lock = match args.out {
        Some(_) => None,
        None => Some(lock_document(&args.document)?),
    };
    let mut document = read_one(&args.document)?;
    let officers = args.officers.as_deref().map(read_officers).transpose()?;
    let officers = officers.as_ref().map(|(_, succession)| succession);
    let (summary, _) = describe(&document, officers)?;
    if !global.json {
        eprint!("{summary}");
    }
    confirm(&args, document.fingerprint(&AwsLc))?;
    let out = args.out.as_deref().map(NewFile::create).transpose()?;
    let (spki, value) = match (&args.public_key, &args.signature) {
        (Some(key), Some(signature)) => (
            read_public_key(key)?,
            files::read_limited(signature, MAX_SIGNATURE_BYTES)?,
        ),
        _ => sign(global, &args, &document)?,
    };
    let id = document
        .add_signature(&spki, value, &AwsLc)
        .map_err(refused)?;
    // Checks every signature, the new one among them, against the officers that are known here.
    let (_, mut json) = describe(&document, officers)?;
    let pem = document.to_pem().map_err(refused)?;
    let written = deliver(&args, out, &pem)?;
    json["document"] = json!(pem);
    json["signed_with"] = json!(id.to_string());
    let count = document.signatures().len();
    let text = format!(
        "{}: signed with officer key {id}, {count} in all\n",
        written.display()
    );
    Ok(Answer {
        json,
        text,
        notes: String::new(),
        refusal: None,
    })
}

fn confirm(args: &Args, fingerprint: Fingerprint) -> Result<(), Problem> {
    match args.fingerprint {
        Some(expected) if expected != fingerprint => Err(Problem::new(
            ExitClass::Refused,
            "trust.other_fingerprint",
            format!("nothing signed: the document's fingerprint is {fingerprint}"),
        )),
        None if !args.yes => Err(Problem::new(
            ExitClass::Refused,
            "trust.not_confirmed",
            format!(
                "nothing signed: compare the fingerprint {fingerprint} with the other officers, then \
                 repeat it with --fingerprint"
            ),
        )),
        _ => Ok(()),
    }
}

/// Public key and signature of the officer's key in its folder.
fn sign(
    global: &Global,
    args: &Args,
    document: &TrustDocument,
) -> Result<(Vec<u8>, Vec<u8>), Problem> {
    let label = args.key.as_deref().ok_or_else(|| {
        Problem::argument("name the officer's key with --key, or a signature made elsewhere")
    })?;
    let label = KeyLabel::new(label).map_err(key_problem)?;
    // The backend would make a folder that is missing.
    std::fs::metadata(&args.keys).map_err(|error| Problem::file("opening", &args.keys, &error))?;
    let secret = passphrase::named(global)?;
    let backend = SoftwareBackend::open(&args.keys, secret).map_err(key_problem)?;
    let key = backend
        .open(&label, KeyRole::Officer)
        .map_err(key_problem)?;
    let info = key.info();
    let algorithm = officer_signature(info.algorithm).ok_or_else(|| {
        let name = label.to_string();
        let algorithm = info.algorithm;
        refused(kasane_verify::trust::TrustError::OfficerAlgorithm { name, algorithm })
    })?;
    let request = SignRequest {
        algorithm,
        message: &document.to_be_signed(),
        priority: Priority::Issuance,
        deadline: DEADLINE,
    };
    let value = key.sign(&request).map_err(key_problem)?.octets;
    Ok((info.spki.clone(), value))
}

fn deliver<'a>(args: &'a Args, out: Option<NewFile>, pem: &str) -> Result<&'a Path, Problem> {
    match (out, &args.out) {
        (Some(mut file), Some(path)) => {
            file.fill(pem.as_bytes())?;
            Ok(path)
        }
        _ => {
            replace(&args.document, pem.as_bytes(), PUBLIC)?;
            Ok(&args.document)
        }
    }
}
