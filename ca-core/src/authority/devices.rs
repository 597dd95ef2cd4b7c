//! What the composition root says of the devices.

use std::sync::Arc;

use crate::device_log::DeviceLogSink;
use crate::pause::{Pause, ThreadPause};
use crate::reconcile::Context;

/// What the composition root says of the devices.
#[derive(Clone)]
pub struct Devices {
    /// Where the devices' logs go; the backend has it too. None for backends without logs.
    pub log_sink: Option<Arc<DeviceLogSink>>,
    /// The manufacturers' roots of attestations, DER. With any, keys that are attested must verify.
    pub attestation_roots: Vec<Vec<u8>>,
    /// What reconciliation must know that the ledger does not say.
    pub context: Context,
    /// How a try waits for the next.
    pub pause: Arc<dyn Pause>,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            log_sink: None,
            attestation_roots: Vec::new(),
            context: Context::default(),
            pause: Arc::new(ThreadPause),
        }
    }
}
