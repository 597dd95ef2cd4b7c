//! `kasane trust officer`

use std::path::PathBuf;

use clap::Subcommand;
use der::pem::LineEnding;
use kasane_hsm::{KeyBackend, KeyLabel, KeyRole, SoftwareBackend};
use kasane_verify::KeyAlgorithm;
use kasane_verify::crypto::AwsLc;
use kasane_verify::trust::{KeyId, TrustError, officer_signature};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::refused;
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::NewFile;
use crate::passphrase;

/// An officer's own key
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an officer's key, encrypted under their passphrase, and say its public half
    ///
    /// Each officer does this on their own machine and hands over nothing but the public key. The
    /// private key is written only in encrypted form (scrypt, AES-256-GCM).
    ///
    /// Example:
    ///   kasane trust officer new sato --keys ./sato-keys --passphrase-file sato.pass --out sato.pem
    #[command(verbatim_doc_comment)]
    New(New),
}

#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The key's label: 1 to 40 of a-z, 0-9 and '-'
    label: String,
    /// The folder of the officer's keys, made if it is missing
    #[arg(long, value_name = "DIR", default_value = "./officer-keys")]
    keys: PathBuf,
    /// p-384, p-256 or ed25519
    #[arg(long, default_value = "p-384")]
    algorithm: KeyAlgorithm,
    /// Write the public key to this new file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(global: &Global, command: Command) -> Result<Answer, Problem> {
    let Command::New(args) = command;
    let algorithm = args.algorithm;
    if officer_signature(algorithm).is_none() {
        return Err(refused(TrustError::OfficerAlgorithm {
            name: args.label,
            algorithm,
        }));
    }
    let label = KeyLabel::new(args.label.as_str()).map_err(key_problem)?;
    // Before the key: what cannot be delivered is not made.
    let out = args.out.as_deref().map(NewFile::create).transpose()?;
    let secret = passphrase::named(global)?;
    let backend = SoftwareBackend::open(&args.keys, secret).map_err(key_problem)?;
    let info = backend
        .generate(&label, KeyRole::Officer, algorithm)
        .map_err(key_problem)?;
    let id = KeyId::of(&info.spki, &AwsLc).to_string();
    let pem = der::pem::encode_string("PUBLIC KEY", LineEnding::LF, &info.spki)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    let said = format!("officer key {label} ({algorithm}): {id}\n");
    let json = json!({
        "label": label.as_str(),
        "algorithm": algorithm,
        "key": id,
        "public_key": pem,
    });
    match out {
        Some(mut file) => {
            file.fill(pem.as_bytes())?;
            let notes = format!("written: {}\n", file.path().display());
            Ok(Answer {
                json,
                text: said,
                notes,
                refusal: None,
            })
        }
        None => Ok(Answer {
            json,
            text: pem,
            notes: said,
            refusal: None,
        }),
    }
}

/// What a key backend says no with.
pub(super) fn key_problem(error: kasane_hsm::Error) -> Problem {
    kasane_ca_core::Error::from(kasane_ca_core::signing::SigningError::from(error)).into()
}
