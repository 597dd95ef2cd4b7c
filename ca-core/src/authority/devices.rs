//! What the composition root says of the devices.

use std::sync::Arc;

use crate::Error;
use crate::configuration::{Configuration, Mode};
use crate::device_log::DeviceLogSink;
use crate::pause::{Pause, ThreadPause};
use crate::reconcile::{Context, LogNotRead};

/// What the composition root says of the devices.
#[derive(Clone)]
pub struct Devices {
    /// Where the devices' logs go; the backend has it too. None for backends without logs.
    pub log_sink: Option<Arc<DeviceLogSink>>,
    /// The manufacturers' roots of attestations, DER. With any, keys that are attested must verify.
    pub attestation_roots: Vec<Vec<u8>>,
    /// What reconciliation must know that the ledger does not say.
    pub context: Context,
    /// Devices whose earlier life is accepted when the authority begins.
    pub accepted_histories: Vec<AcceptedHistory>,
    /// How a try waits for the next.
    pub pause: Arc<dyn Pause>,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            log_sink: None,
            attestation_roots: Vec::new(),
            context: Context::default(),
            accepted_histories: Vec::new(),
            pause: Arc::new(ThreadPause),
        }
    }
}

/// A device whose log does not begin with its reset, and why people take it all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedHistory {
    /// Its name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// What people said.
    pub reason: String,
}

impl Devices {
    /// Refuses, in production, a device whose log nobody could ever read. One that is away for a
    /// while is told by each reconciliation instead: an authority needs enough devices, not all.
    pub(super) fn check_logs(&self, configuration: &Configuration) -> Result<(), Error> {
        if configuration.mode() != Mode::Production {
            return Ok(());
        }
        let mut logs = self.context.logs_not_read.iter();
        match logs.find(|(_, reason)| **reason == LogNotRead::NoAuditCredential) {
            Some((device, reason)) => Err(Error::Mode {
                mode: "production".into(),
                reason: format!("device {device}: its log must be read, but {reason}"),
            }),
            None => Ok(()),
        }
    }
}
