//! One device's table.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Pkcs11Config, YubiHsmConfig};
use crate::{DeviceName, KeyLabel, KeyRole};

/// A `[[device]]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceConfig {
    /// Its name, in metrics, alarms and the ledger.
    pub name: String,
    /// Devices of lower preference are asked first; equal ones share the work.
    #[serde(default)]
    pub preference: u8,
    /// A YubiHSM 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yubihsm: Option<YubiHsmConfig>,
    /// A PKCS#11 token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pkcs11: Option<Pkcs11Config>,
    /// Keys that were there before Kasane, under names of their own.
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ForeignKey>,
}

/// A key that another program made: its role is said here, since the device does not know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// What Kasane calls it.
    pub label: String,
    /// What it may be used for.
    pub role: String,
    /// The device's ID of it, hexadecimal: a PKCS#11 `CKA_ID`, a YubiHSM object ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The device's label of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_label: Option<String>,
}

impl DeviceConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |reason: String| {
            Err(ConfigError::Device {
                device: self.name.clone(),
                reason,
            })
        };
        if let Err(error) = DeviceName::new(&self.name) {
            return refuse(error.to_string());
        }
        let fault = match (&self.yubihsm, &self.pkcs11) {
            (Some(yubihsm), None) => yubihsm.fault(),
            (None, Some(pkcs11)) => pkcs11.fault(),
            _ => Some("write exactly one of [device.yubihsm] and [device.pkcs11]".to_owned()),
        };
        if let Some(fault) = fault {
            return refuse(fault);
        }
        for key in &self.keys {
            if let Some(fault) = key.fault() {
                return refuse(format!("key {:?}: {fault}", key.label));
            }
        }
        Ok(())
    }
}

impl ForeignKey {
    fn fault(&self) -> Option<String> {
        if let Err(error) = KeyLabel::new(self.label.as_str()) {
            return Some(error.to_string());
        }
        if let Err(error) = self.role.parse::<KeyRole>() {
            return Some(error.to_string());
        }
        match (&self.device_id, &self.device_label) {
            (None, None) => Some("write device_id, device_label or both".to_owned()),
            (Some(id), _) if hex::decode(id).is_err() || id.is_empty() => {
                Some("device_id is not hexadecimal".to_owned())
            }
            _ => None,
        }
    }
}
