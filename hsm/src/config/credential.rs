//! Where a PIN or password comes from.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::CredentialRecord;
use crate::{DeviceName, Error};

/// What a process means to do with the devices. Each has a credential of its own with the least
/// rights, where a device can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Makes, attests, exports and imports keys; signs with every key, roots' included.
    Ceremony,
    /// Signs with the keys of issuing CAs and of the ledger, and reads the command log.
    Signing,
    /// Reads and acknowledges the command log only.
    Audit,
}

/// Where a PIN or password is found. Exactly one is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// A file that only its owner may read; relative to the folder of `hsm.toml`.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// Asked for on the terminal at each start.
    Prompt(bool),
}

/// Resolves credentials: implemented by the composition root, which may read files, the environment
/// and the terminal.
pub trait CredentialSource {
    /// The secret. `purpose` is said to people: `PIN of device hsm-a`.
    ///
    /// # Errors
    /// [`Error::WrongCredential`] when it is not there or others can read it.
    fn resolve(&self, credential: &Credential, purpose: &str) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Who remembers, past the end of this process, what `device` says of the credential; nobody if
    /// none. `name` tells the credentials of a device apart: `pin`, `ceremony`, `signing`, `audit`.
    fn record(
        &self,
        credential: &Credential,
        device: &DeviceName,
        name: &'static str,
    ) -> Option<Arc<dyn CredentialRecord>> {
        let _ = (credential, device, name);
        None
    }
}
