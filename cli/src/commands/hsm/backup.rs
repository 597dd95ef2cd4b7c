//! `kasane hsm backup`

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use kasane_web::control::{ExitClass, Problem};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::manifest::{BackedUpKey, MANIFEST, Manifest};
use super::work::in_ceremony;
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::NewFile;
use crate::hardware::{self, export, labels, wrapping};

/// Write keys into files, each encrypted by its device under the wrap key
///
/// A file is useless without the wrap key, whose shares the custodians hold. Each export is noted
/// in the ledger before it is done. The service must be stopped.
///
/// Example:
///   kasane hsm backup --device hsm-a --out ./keys-2027-04
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The folder to write, which must not exist
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The device; the first one that can export if not given
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// Which keys; all of them if none is named
    labels: Vec<String>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    in_ceremony(global, |session, pool| {
        let device = match &args.device {
            Some(name) => hardware::device(pool, name)?,
            None => pool
                .devices()
                .find(|device| device.wrapping().is_some())
                .ok_or_else(|| {
                    let message =
                        "no device exports keys through this program; use its vendor's tools";
                    Problem::new(ExitClass::Refused, "device.no-wrapping", message)
                })?,
        };
        wrapping(&**device)?;
        let identity = device.identity().map_err(hardware::problem)?;
        let known = device.keys().map_err(hardware::problem)?;
        // Before anything leaves the device: what cannot be delivered is not made.
        DirBuilder::new()
            .mode(0o700)
            .create(&args.out)
            .map_err(|error| Problem::file("making", &args.out, &error))?;
        let mut keys = Vec::new();
        for label in labels(&**device, &args.labels)? {
            let info = known.iter().find(|key| key.label == label).ok_or_else(|| {
                hardware::problem(kasane_hsm::Error::KeyNotFound {
                    label: label.clone(),
                    backend: device.describe(),
                })
            })?;
            let file = format!("{label}.wrapped");
            let mut out = NewFile::private(&args.out.join(&file))?;
            let detail = format!(
                "to a file; SPKI SHA-256 {}",
                hex::encode(Sha256::digest(&info.spki))
            );
            let wrapped = export(&session.authority, "backup", &**device, &label, &detail)?;
            out.fill(&wrapped.octets)?;
            keys.push(BackedUpKey {
                label: label.to_string(),
                role: info.role.to_string(),
                algorithm: info.algorithm.to_string(),
                spki: hex::encode(&info.spki),
                spki_sha256: hex::encode(Sha256::digest(&info.spki)),
                wrap_key_id: hex::encode(&wrapped.wrap_key_id),
                file,
                file_sha256: hex::encode(Sha256::digest(&wrapped.octets)),
            });
        }
        let manifest = Manifest {
            version: 1,
            device: device.name().to_string(),
            serial: identity.serial,
            keys,
        };
        let mut out = NewFile::create(&args.out.join(MANIFEST))?;
        out.fill(manifest.to_json()?.as_bytes())?;
        let text: String = manifest
            .keys
            .iter()
            .map(|key| format!("{}: {} ({})\n", key.file, key.label, key.algorithm))
            .collect();
        Ok(Answer {
            json: json!({ "folder": args.out, "manifest": manifest }),
            text,
            notes: format!(
                "written to {}; keep it apart from the shares of the wrap key\n",
                args.out.display()
            ),
            refusal: None,
        })
    })
}
