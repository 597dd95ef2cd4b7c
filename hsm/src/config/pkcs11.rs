//! A PKCS#11 token's table.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Credential;

/// Most sessions of one token.
const MAX_SESSIONS: usize = 256;

/// Who hashes what an RSA key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HashOn {
    /// This process: `CKM_RSA_PKCS` and `CKM_ECDSA` over a digest.
    #[default]
    Host,
    /// The token: `CKM_SHA256_RSA_PKCS` and its like.
    Token,
}

/// A `[device.pkcs11]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11Config {
    /// The vendor's shared library.
    pub module: PathBuf,
    /// The token's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_label: Option<String>,
    /// The token's serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_serial: Option<String>,
    /// The user's PIN.
    pub pin: Credential,
    /// Sessions, each of which runs one command at a time.
    #[serde(default = "eight")]
    pub sessions: usize,
    /// Who hashes.
    #[serde(default)]
    pub hash_on: HashOn,
    /// The token is hardware although its slot does not say so (`CKF_HW_SLOT`). Recorded in the
    /// ledger; SoftHSM stays software all the same.
    #[serde(default)]
    pub vouched_hardware: bool,
    /// Variables of the environment that the vendor's library reads (`SOFTHSM2_CONF`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

impl Pkcs11Config {
    /// What no second device may have.
    pub(super) fn place(&self) -> String {
        format!(
            "token {:?} (serial {:?}) of {}",
            self.token_label.as_deref().unwrap_or_default(),
            self.token_serial.as_deref().unwrap_or_default(),
            self.module.display()
        )
    }

    /// The first variable that the library would not find as it is configured. Libraries read
    /// their environment when they are loaded, so whoever composes the program sets it before; this
    /// is how a forgotten one is noticed. `value_of` reads the environment.
    #[must_use]
    pub fn unset_variable(&self, value_of: impl Fn(&str) -> Option<OsString>) -> Option<&str> {
        let is_set = |(name, value): &(&String, &String)| {
            value_of(name).is_some_and(|has| has == OsStr::new(value.as_str()))
        };
        let mut unset = self.environment.iter().filter(|it| !is_set(it));
        unset.next().map(|(name, _)| name.as_str())
    }

    pub(super) fn fault(&self) -> Option<String> {
        if self.token_label.is_none() && self.token_serial.is_none() {
            return Some("write token_label, token_serial or both".to_owned());
        }
        if !(1..=MAX_SESSIONS).contains(&self.sessions) {
            return Some(format!("sessions: {}; write 1 to 256", self.sessions));
        }
        None
    }
}

const fn eight() -> usize {
    8
}
