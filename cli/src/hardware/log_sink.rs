//! From the pool's drain to the ledger.

use std::sync::Arc;

use kasane_ca_core::device_log::DeviceLogSink;
use kasane_hsm::device::LogPage;
use kasane_hsm::pool::{LogSink, SinkError};
use kasane_hsm::{DeviceIdentity, DeviceName, KeyLabel};

/// Hands what devices logged to the authority.
pub(super) struct LedgerSink(pub(super) Arc<DeviceLogSink>);

impl LogSink for LedgerSink {
    fn store(
        &self,
        device: &DeviceName,
        identity: &DeviceIdentity,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        self.0
            .store(device, &identity.serial, page, labels)
            .map_err(|error| SinkError {
                reason: error.to_string(),
            })
    }
}
