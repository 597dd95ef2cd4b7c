//! What a backup of keys says about itself.

use std::path::Path;

use kasane_hsm::KeyLabel;
use kasane_hsm::device::WrappedKey;
use kasane_web::control::{ExitClass, Problem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::commands::files::{read_limited, read_text};

/// Its name in the folder of a backup.
pub(super) const MANIFEST: &str = "manifest.json";

/// Largest manifest, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Largest wrapped key, in bytes: an RSA-4096 key has about 2,500.
const MAX_KEY_BYTES: usize = 16 * 1024;

/// A folder of wrapped keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// 1.
    pub(super) version: u32,
    /// The device that they were in.
    pub(super) device: String,
    /// Its serial number.
    pub(super) serial: String,
    /// The keys.
    pub(super) keys: Vec<BackedUpKey>,
}

/// One wrapped key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackedUpKey {
    /// Its label.
    pub(super) label: String,
    /// Its role.
    pub(super) role: String,
    /// Algorithm and size.
    pub(super) algorithm: String,
    /// SubjectPublicKeyInfo, hexadecimal DER.
    pub(super) spki: String,
    /// Its SHA-256.
    pub(super) spki_sha256: String,
    /// The device's name of the wrap key, hexadecimal.
    pub(super) wrap_key_id: String,
    /// The file beside the manifest.
    pub(super) file: String,
    /// SHA-256 of the file.
    pub(super) file_sha256: String,
}

impl Manifest {
    pub(super) fn to_json(&self) -> Result<String, Problem> {
        serde_json::to_string_pretty(self).map_err(|error| {
            Problem::new(ExitClass::Internal, "encoding.failed", error.to_string())
        })
    }

    /// The manifest of a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join(MANIFEST);
        let text = read_text(&path, MAX_BYTES)?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| damaged(&format!("{}: {error}", path.display())))?;
        if manifest.version == 1 {
            Ok(manifest)
        } else {
            Err(damaged(&format!(
                "{}: has version {}; this release reads 1",
                path.display(),
                manifest.version
            )))
        }
    }
}

impl BackedUpKey {
    /// The wrapped key, as the manifest describes it.
    pub(super) fn read(&self, folder: &Path) -> Result<(WrappedKey, Vec<u8>), Problem> {
        if self.file.contains(['/', '\0']) || self.file.starts_with('.') {
            return Err(damaged(&format!("file {:?} is not beside it", self.file)));
        }
        let path = folder.join(&self.file);
        if !path.is_file() {
            return Err(damaged(&format!(
                "key {}: its file {} is not there",
                self.label,
                path.display()
            )));
        }
        let octets = read_limited(&path, MAX_KEY_BYTES)?;
        if hex::encode(Sha256::digest(&octets)) != self.file_sha256 {
            return Err(damaged(&format!(
                "{}: is not the file that was written: its SHA-256 differs",
                path.display()
            )));
        }
        let decode = |what: &str, text: &str| {
            hex::decode(text)
                .map_err(|_| damaged(&format!("{what} of {} is not hexadecimal", self.label)))
        };
        let spki = decode("spki", &self.spki)?;
        let wrapped = WrappedKey {
            label: KeyLabel::new(self.label.as_str()).map_err(crate::hardware::problem)?,
            wrap_key_id: decode("wrap_key_id", &self.wrap_key_id)?,
            octets,
        };
        Ok((wrapped, spki))
    }
}

fn damaged(reason: &str) -> Problem {
    let message = format!("the backup of keys cannot be used: {reason}");
    Problem::new(ExitClass::Integrity, "hsm.backup-damaged", message)
}
