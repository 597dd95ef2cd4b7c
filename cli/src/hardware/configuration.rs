//! Where `hsm.toml` is, and what it says.

use std::path::{Path, PathBuf};

use kasane_hsm::config::HsmConfig;
use kasane_web::control::{ExitClass, Problem};

use crate::args::Global;
use crate::commands::read_text;

/// The name in the data folder.
pub(crate) const FILE_NAME: &str = "hsm.toml";

/// Largest document that is read, in bytes.
const MAX_BYTES: usize = 65_536;

/// An `hsm.toml` and where it was found.
#[derive(Clone, Debug)]
pub(crate) struct HardwareConfig {
    /// What it says.
    pub(crate) document: HsmConfig,
    /// The folder that its relative paths begin at.
    pub(crate) base: PathBuf,
    /// The file.
    pub(crate) path: PathBuf,
}

impl HardwareConfig {
    /// The file that the command line or the environment names, else the one in the data folder;
    /// none means software keys.
    pub(crate) fn find(global: &Global) -> Result<Option<Self>, Problem> {
        match &global.hsm_config {
            Some(path) => Self::read(path).map(Some),
            None => {
                let path = global.dir.join(FILE_NAME);
                match path.try_exists() {
                    Ok(true) => Self::read(&path).map(Some),
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

    fn read(path: &Path) -> Result<Self, Problem> {
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
            path: path.to_owned(),
        })
    }

    /// A path of the document.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}
