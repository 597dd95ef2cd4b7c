//! `hsm.toml`: which devices hold the keys, and how they are reached.
//!
//! Credentials never stand in it: it names files, variables of the environment, or asks for a
//! prompt. Whoever loads it resolves them ([`CredentialSource`]).

mod credential;
mod credential_record;
mod device;
mod error;
mod pkcs11;
mod yubihsm;

use serde::{Deserialize, Serialize};

pub use credential::{Access, Credential, CredentialSource};
pub(crate) use credential_record::resolve_recorded;
pub use credential_record::{CredentialHindrance, CredentialRecord, TryOutcome};
pub use device::{DeviceConfig, ForeignKey};
pub use error::ConfigError;
pub use pkcs11::{HashOn, Pkcs11Config};
pub use yubihsm::{AuthenticationConfig, YubiHsmConfig};

/// Largest document, in bytes.
const MAX_BYTES: usize = 65_536;

/// Most devices.
const MAX_DEVICES: usize = 32;

/// Where the keys of delegated OCSP signers live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OcspSignerKeys {
    /// Encrypted in files of the data folder and in memory: status does not wait for a slow device.
    #[default]
    Software,
    /// In the devices.
    Device,
}

/// The document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HsmConfig {
    /// Where the keys of delegated OCSP signers live.
    #[serde(default)]
    pub ocsp_signers: OcspSignerKeys,
    /// The devices. All hold the same keys; those of lower `preference` are asked first.
    #[serde(rename = "device")]
    pub devices: Vec<DeviceConfig>,
    /// Certificates (PEM files) of the manufacturers' attestation roots that are trusted.
    #[serde(default)]
    pub attestation_roots: Vec<std::path::PathBuf>,
}

impl HsmConfig {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// [`ConfigError`] with the place.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        if text.len() > MAX_BYTES {
            return Err(ConfigError::TooLarge { bytes: text.len() });
        }
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            reason: error.to_string(),
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.devices.is_empty() || self.devices.len() > MAX_DEVICES {
            return Err(ConfigError::DeviceCount {
                count: self.devices.len(),
            });
        }
        let mut names = std::collections::BTreeSet::new();
        for device in &self.devices {
            if !names.insert(device.name.as_str()) {
                return Err(ConfigError::Device {
                    device: device.name.clone(),
                    reason: "stands twice".to_owned(),
                });
            }
            device.check()?;
        }
        self.no_device_stands_twice()
    }

    /// A device under two names would be taken for its own spare, and its log would be read twice.
    fn no_device_stands_twice(&self) -> Result<(), ConfigError> {
        let mut places = std::collections::BTreeMap::new();
        for device in &self.devices {
            let yubihsm = device.yubihsm.iter().flat_map(YubiHsmConfig::places);
            let pkcs11 = device.pkcs11.iter().map(Pkcs11Config::place);
            for place in yubihsm.chain(pkcs11) {
                if let Some(other) = places.get(&place) {
                    let reason = format!("{place}: is that of device {other} too");
                    return Err(ConfigError::Device {
                        device: device.name.clone(),
                        reason,
                    });
                }
                places.insert(place, &device.name);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
