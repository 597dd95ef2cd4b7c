//! Where `hsm.toml` is, and what it says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use der::Encode;
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::refused_credential::RefusedCredentials;
use kasane_hsm::config::HsmConfig;
use kasane_hsm::yubihsm::is_simulator;
use kasane_web::control::{ExitClass, Problem};

use crate::args::Global;
use crate::commands::read_text;

/// The name in the data folder.
pub(crate) const FILE_NAME: &str = "hsm.toml";

/// Largest document that is read, in bytes.
const MAX_BYTES: usize = 65_536;

/// Largest file of roots, in bytes.
const MAX_ROOT_BYTES: usize = 65_536;

/// An `hsm.toml` and where it was found.
#[derive(Clone, Debug)]
pub(crate) struct HardwareConfig {
    /// What it says.
    pub(crate) document: HsmConfig,
    /// The folder that its relative paths begin at.
    pub(crate) base: PathBuf,
    /// The data folder that goes with it.
    pub(crate) dir: PathBuf,
    /// The file.
    pub(crate) path: PathBuf,
}

impl HardwareConfig {
    /// The file that the command line or the environment names, else the one in the data folder;
    /// none means software keys.
    pub(crate) fn find(global: &Global) -> Result<Option<Self>, Problem> {
        match &global.hsm_config {
            Some(path) => Self::read(path, &global.dir).map(Some),
            None => {
                let path = global.dir.join(FILE_NAME);
                match path.try_exists() {
                    Ok(true) => Self::read(&path, &global.dir).map(Some),
                    Ok(false) => Ok(None),
                    Err(error) => Err(Problem::file("looking for", &path, &error)),
                }
            }
        }
    }

    /// The same, for commands that make no sense without devices.
    pub(crate) fn require(global: &Global) -> Result<Self, Problem> {
        Self::find(global)?.ok_or_else(|| {
            let message = format!(
                "no devices are configured: {} is not there, so keys are in software; write it \
                 (docs/OPERATIONS.md, 'Hardware keys') or name it with --hsm-config",
                global.dir.join(FILE_NAME).display()
            );
            Problem::new(ExitClass::NotFound, "hsm.not-configured", message)
        })
    }

    fn read(path: &Path, dir: &Path) -> Result<Self, Problem> {
        let text = read_text(path, MAX_BYTES)?;
        let document = HsmConfig::from_toml(&text).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Problem::new(ExitClass::Refused, error.code(), message)
        })?;
        let base = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Ok(Self {
            document,
            base,
            dir: dir.to_owned(),
            path: path.to_owned(),
        })
    }

    /// A device that is none: by its table, or by the word of its connector, which is asked.
    pub(crate) fn simulator(&self) -> Option<&str> {
        let mut devices = self.document.devices.iter();
        let found = devices.find(|device| device.yubihsm.as_ref().is_some_and(is_simulator));
        found.map(|device| device.name.as_str())
    }

    /// What the devices said of credentials, kept in the data folder.
    pub(crate) fn refused_credentials(&self) -> RefusedCredentials {
        RefusedCredentials::new(&self.dir, Arc::new(SystemClock))
    }

    /// A path of the document.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}

/// The manufacturers' roots of attestations, DER.
pub(crate) fn attestation_roots(config: &HardwareConfig) -> Result<Vec<Vec<u8>>, Problem> {
    let mut roots = Vec::new();
    for path in &config.document.attestation_roots {
        let path = config.resolve(path);
        let refused = |reason: String| {
            let message = format!("attestation root {}: {reason}", path.display());
            Problem::new(ExitClass::Refused, "hsm.attestation-root", message)
        };
        let pem = read_text(&path, MAX_ROOT_BYTES)?;
        let certificates = x509_cert::Certificate::load_pem_chain(pem.as_bytes())
            .map_err(|error| refused(format!("is no certificate in PEM: {error}")))?;
        if certificates.is_empty() {
            return Err(refused("holds no certificate".to_owned()));
        }
        for certificate in certificates {
            roots.push(
                certificate
                    .to_der()
                    .map_err(|error| refused(error.to_string()))?,
            );
        }
    }
    Ok(roots)
}

/// The authentication keys in whose sessions devices sign for the authority.
pub(super) fn session_keys(config: &HardwareConfig) -> BTreeSet<u16> {
    let devices = config.document.devices.iter();
    devices
        .filter_map(|device| device.yubihsm.as_ref())
        .flat_map(|yubihsm| {
            let credentials = [&yubihsm.ceremony, &yubihsm.signing].into_iter().flatten();
            let named = credentials.map(|credential| credential.key_id);
            named.chain(yubihsm.other_session_keys.iter().copied())
        })
        .collect()
}
