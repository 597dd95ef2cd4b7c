//! Takes pages of devices' logs for an authority.

use std::sync::Weak;

use kasane_hsm::device::LogPage;
use kasane_hsm::pool::{LogSink, SinkError};
use kasane_hsm::{DeviceIdentity, DeviceName, KeyLabel};
use parking_lot::RwLock;

use crate::Authority;

/// A page was not stored: the device keeps its entries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceLogError {
    /// No authority runs that could store it.
    #[error("command log of device {device} is not stored: the authority is not running yet")]
    NotRunning {
        /// The device.
        device: DeviceName,
    },
    /// The device does not say which one it is.
    #[error("command log of device {device} is not stored: the device names no serial number")]
    NoSerial {
        /// The device.
        device: DeviceName,
    },
    /// The ledger or the projection failed.
    #[error("command log of device {device} is not stored: {source}")]
    Authority {
        /// The device.
        device: DeviceName,
        /// Why.
        source: Box<crate::Error>,
    },
}

/// Takes pages of devices' logs. Made before the authority, because the devices are; filled by
/// [`Authority::start`].
#[derive(Default)]
pub struct DeviceLogSink {
    authority: RwLock<Weak<Authority>>,
}

impl DeviceLogSink {
    /// A sink that stores nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From here on pages go to `authority`, as long as it is there.
    pub fn attach(&self, authority: Weak<Authority>) {
        *self.authority.write() = authority;
    }

    /// Stores a page; returns when it is durable, and what does not fit in it was raised. A page
    /// that was stored before, as a crash before its acknowledgement leaves it, is not stored again.
    ///
    /// Waits for the ledger and for nothing else: neither for a signature nor for a checkpoint.
    ///
    /// # Errors
    /// [`DeviceLogError`].
    pub fn store_page(
        &self,
        device: &DeviceName,
        serial: &str,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), DeviceLogError> {
        if serial.is_empty() {
            return Err(DeviceLogError::NoSerial {
                device: device.clone(),
            });
        }
        let authority =
            self.authority
                .read()
                .upgrade()
                .ok_or_else(|| DeviceLogError::NotRunning {
                    device: device.clone(),
                })?;
        authority
            .store_device_log(device, serial, page, labels)
            .map_err(|source| DeviceLogError::Authority {
                device: device.clone(),
                source: Box::new(source),
            })
    }
}

impl LogSink for DeviceLogSink {
    fn store(
        &self,
        device: &DeviceName,
        identity: &DeviceIdentity,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError> {
        self.store_page(device, &identity.serial, page, labels)
            .map_err(|error| SinkError {
                reason: error.to_string(),
            })
    }
}

impl std::fmt::Debug for DeviceLogSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceLogSink")
    }
}
