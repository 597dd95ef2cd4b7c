//! Devices' own logs, stored.

use der::asn1::OctetString;
use kasane_hsm::device::LogPage;
use kasane_hsm::{DeviceName, KeyLabel};
use kasane_ledger_schema::{DeviceLogDrained, LoggedKey};

use super::Authority;
use crate::device_log::DeviceLogSink;
use crate::projection::books;
use crate::reconcile::{MAX_ENTRIES_PER_PAGE, not_stored};
use crate::{Actor, Error};

impl Authority {
    /// Where the devices' logs go, if any device keeps one.
    #[must_use]
    pub fn device_log_sink(&self) -> Option<&DeviceLogSink> {
        self.devices.log_sink.as_deref()
    }

    /// Stores what is new in a page of a device's log, and raises what does not fit.
    pub(crate) fn store_device_log(
        &self,
        device: &DeviceName,
        serial: &str,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), Error> {
        // Pages of one device one after the other: what is new depends on the one before.
        let _one = self.device_logs.lock();
        let known = books::device(self.tables(), serial)?.unwrap_or_default();
        let entries = not_stored(&known.last, &page.entries);
        let counters = (known.unlogged_boots, known.unlogged_authentications);
        let unchanged = counters == (page.unlogged_boots, page.unlogged_authentications);
        if entries.is_empty() && unchanged {
            // What a crash left unraised.
            return self.raise_findings();
        }
        let mut pages: Vec<_> = entries.chunks(MAX_ENTRIES_PER_PAGE).collect();
        if pages.is_empty() {
            pages.push(&[]);
        }
        for entries in pages {
            let octets: Vec<u8> = entries
                .iter()
                .flat_map(kasane_hsm::device::LogEntry::to_bytes)
                .collect();
            let event = DeviceLogDrained {
                device: device.to_string(),
                serial: serial.to_owned(),
                unlogged_boots: page.unlogged_boots,
                unlogged_authentications: page.unlogged_authentications,
                entries: OctetString::new(octets)?,
                keys: labels
                    .iter()
                    .map(|(id, label)| LoggedKey {
                        id: *id,
                        label: label.to_string(),
                    })
                    .collect(),
            };
            self.append(&Actor::system(), event.into())?;
        }
        self.raise_findings()
    }
}
