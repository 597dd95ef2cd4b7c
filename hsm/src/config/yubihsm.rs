//! A YubiHSM 2's table.

use serde::{Deserialize, Serialize};

use super::Credential;

/// A `[device.yubihsm]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YubiHsmConfig {
    /// `http://127.0.0.1:12345` (yubihsm-connector), or `usb`.
    pub connector: String,
    /// The device's serial number; another device is refused. Needed with `usb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// This is the simulator: never a production device.
    #[serde(default)]
    pub simulator: bool,
    /// The authentication key of ceremonies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<AuthenticationConfig>,
    /// The authentication key that signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<AuthenticationConfig>,
    /// The authentication key that reads the command log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuthenticationConfig>,
}

/// An authentication key and its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationConfig {
    /// Its object ID.
    pub key_id: u16,
    /// Where its password is found.
    pub password: Credential,
}

impl YubiHsmConfig {
    pub(super) fn fault(&self) -> Option<String> {
        let http = self.connector.strip_prefix("http://");
        if self.connector != "usb" && http.is_none_or(str::is_empty) {
            return Some(format!(
                "connector {:?}: write \"usb\" or \"http://ADDRESS:PORT\"",
                self.connector
            ));
        }
        if self.connector == "usb" && self.serial.is_none() {
            return Some("connector \"usb\" needs the serial of the device".to_owned());
        }
        if self.ceremony.is_none() && self.signing.is_none() && self.audit.is_none() {
            return Some("write ceremony, signing or audit: there is no credential".to_owned());
        }
        None
    }
}
