//! A YubiHSM 2's table.

use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// The folder of the simulator's state, relative to that of `hsm.toml`: the program starts the
    /// simulator itself when nothing answers at `connector`. Demonstrations only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulator_state: Option<PathBuf>,
    /// The authentication key of ceremonies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<AuthenticationConfig>,
    /// The authentication key that signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing: Option<AuthenticationConfig>,
    /// The authentication key that reads the command log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuthenticationConfig>,
    /// Authentication keys in whose sessions the authority signs from another machine, as the
    /// ceremony's: their signatures are no foreign ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_session_keys: Vec<u16>,
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
    /// The address of an HTTP connector on this machine or elsewhere, when it is written in numbers.
    #[must_use]
    pub fn connector_address(&self) -> Option<SocketAddr> {
        self.connector.strip_prefix("http://")?.parse().ok()
    }

    /// What no second device may have: its serial, and its connector unless that is shared.
    pub(super) fn places(&self) -> Vec<String> {
        let serial = self.serial.as_ref().map(|serial| {
            let digits = serial.trim_start_matches('0');
            format!("YubiHSM serial {digits}")
        });
        let connector = self.connector.strip_prefix("http://").map(|address| {
            let address = address.trim_end_matches('/').to_ascii_lowercase();
            format!("connector http://{address}")
        });
        serial.into_iter().chain(connector).collect()
    }

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
        if self.simulator_state.is_some() {
            if !self.simulator {
                return Some("simulator_state is written, but simulator = true is not".to_owned());
            }
            let loopback = |it: SocketAddr| it.ip().is_loopback() && it.port() != 0;
            if !self.connector_address().is_some_and(loopback) {
                return Some(
                    "a simulator that the program starts listens at \"http://127.0.0.1:PORT\""
                        .to_owned(),
                );
            }
        }
        if self.ceremony.is_none() && self.signing.is_none() && self.audit.is_none() {
            return Some("write ceremony, signing or audit: there is no credential".to_owned());
        }
        None
    }
}
