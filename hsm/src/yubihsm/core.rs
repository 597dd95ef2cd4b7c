//! What a device and its opened keys share.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::foreign::Foreign;
use super::lane::{Lane, Session, Who};
use crate::{DeviceName, Error, KeyLabel};

/// How long a command may take that no caller gave a deadline. A connector that hangs longer counts
/// as lost.
pub(super) const COMMAND: Duration = Duration::from_secs(10);

/// How long a walk over all keys may take.
pub(super) const WALK: Duration = Duration::from_secs(60);

/// How long the generation of a key may take: devices need minutes for RSA-4096.
pub(super) const GENERATION: Duration = Duration::from_secs(300);

/// The crate's HTTP client waits 20 s for an answer. No command of ours but a key's generation may take
/// longer than this, so that the relay's word always comes before the crate gives up.
pub(super) const LONGEST: Duration = Duration::from_secs(18);

/// A device, without its contracts.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) name: DeviceName,
    /// For errors: `YubiHSM hsm-a`.
    pub(super) backend: Arc<str>,
    /// For people.
    pub(super) place: String,
    pub(super) lane: Lane,
    pub(super) foreign: Vec<Foreign>,
    /// Whether there is a reader of the command log.
    pub(super) has_audit: bool,
    /// Labels that entries of the last page were asked for.
    pub(super) labels: Mutex<HashMap<u16, Option<KeyLabel>>>,
}

impl Core {
    /// A command on a key, under the credential of the process.
    pub(super) fn on_key<T>(
        &self,
        label: &KeyLabel,
        operation: &'static str,
        deadline: Instant,
        command: impl Fn(&Session<'_>) -> Result<T, yubihsm::client::Error>,
    ) -> Result<T, Error> {
        self.lane
            .run(Who::Main, operation, deadline, command)
            .map_err(|fault| fault.about(&self.backend, label))
    }

    /// A command on no key.
    pub(super) fn on_device<T>(
        &self,
        who: Who,
        operation: &'static str,
        deadline: Instant,
        command: impl Fn(&Session<'_>) -> Result<T, yubihsm::client::Error>,
    ) -> Result<T, Error> {
        self.lane
            .run(who, operation, deadline, command)
            .map_err(|fault| fault.plain(&self.backend, operation))
    }

    /// An error of the device that no repetition changes.
    pub(super) fn refuse(&self, operation: &'static str, reason: impl Into<String>) -> Error {
        Error::Device {
            backend: self.backend.to_string(),
            operation,
            reason: reason.into(),
            disposition: crate::Disposition::Stop,
        }
    }

    /// That no such key is there.
    pub(super) fn not_found(&self, label: &KeyLabel) -> Error {
        Error::KeyNotFound {
            label: label.clone(),
            backend: self.backend.to_string(),
        }
    }
}
