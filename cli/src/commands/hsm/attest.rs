//! `kasane hsm attest`

use std::path::PathBuf;

use der::pem::LineEnding;
use kasane_ca_core::Error;
use kasane_ca_core::attestation::{self, Attested};
use kasane_hsm::{Attestation, Device, KeyLabel};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::work::in_ceremony;
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::NewFile;
use crate::hardware::{self, HardwareConfig, note};

/// Have a device state that a key was made in it, and verify the statement
///
/// The statement is verified up to a root that hsm.toml names under attestation_roots. It is noted
/// in the ledger before it is made. The service must be stopped.
///
/// Example:
///   kasane hsm attest issuing-rsa --out issuing-rsa.attestation.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The key
    label: String,
    /// The device; the first one that has the key if not given
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// Write the statement and what leads to the root, PEM, into a file that must not exist
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let label = KeyLabel::new(args.label.as_str()).map_err(hardware::problem)?;
    let config = HardwareConfig::require(global)?;
    let roots = hardware::attestation_roots(&config)?;
    in_ceremony(global, |session, pool| {
        let device = match &args.device {
            Some(name) => hardware::device(pool, name)?,
            None => pool
                .devices()
                .find(|device| device.key_id(&label).is_ok())
                .ok_or_else(|| {
                    hardware::problem(kasane_hsm::Error::KeyNotFound {
                        label: label.clone(),
                        backend: "any device".to_owned(),
                    })
                })?,
        };
        let keys = device.keys().map_err(hardware::problem)?;
        let key = keys
            .into_iter()
            .find(|key| key.label == label)
            .ok_or_else(|| {
                hardware::problem(kasane_hsm::Error::KeyNotFound {
                    label: label.clone(),
                    backend: device.describe(),
                })
            })?;
        let mut out = args.out.as_deref().map(NewFile::create).transpose()?;
        note(&session.authority, &**device, "attest", label.as_str(), "")?;
        let attestation = ask(&**device, &label)?;
        let attested = Attested {
            label: label.as_str(),
            spki: &key.spki,
            serial: device.identity().ok().and_then(|it| it.serial.parse().ok()),
        };
        let octets = attestation.concatenated();
        let facts = attestation::verify(&octets, &roots, session.authority.crypto(), &attested)
            .map_err(Error::from)?;
        if let Some(out) = &mut out {
            out.fill(pem(&attestation)?.as_bytes())?;
        }
        let json = json!({
            "label": label.to_string(),
            "device": device.name().to_string(),
            "serial": facts.serial,
            "firmware": facts.firmware,
            "origin": format!("{:?}", facts.origin),
            "root": facts.root,
            "simulator": facts.simulator,
        });
        let mut text = format!(
            "key {label}: made in the device {} (serial {})\nthe statement verifies under {}\n",
            device.name(),
            facts.serial,
            facts.root
        );
        if facts.simulator {
            text.push_str("SIMULATOR: this is no device; the key is not protected\n");
        }
        Ok(Answer {
            json,
            text,
            notes: String::new(),
            refusal: None,
        })
    })
}

fn ask(device: &dyn Device, label: &KeyLabel) -> Result<Attestation, Problem> {
    device
        .attestation(label)
        .map_err(hardware::problem)?
        .ok_or_else(|| {
            let message = format!("device {}: makes no attestations", device.name());
            Problem::new(ExitClass::Refused, "device.no-attestation", message)
        })
}

fn pem(attestation: &Attestation) -> Result<String, Problem> {
    let mut text = String::new();
    for der in std::iter::once(&attestation.certificate).chain(&attestation.chain) {
        let one = der::pem::encode_string("CERTIFICATE", LineEnding::LF, der).map_err(|error| {
            Problem::new(ExitClass::Internal, "encoding.failed", error.to_string())
        })?;
        text.push_str(&one);
    }
    Ok(text)
}
