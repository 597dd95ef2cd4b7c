//! The device's own log.

use kasane_ca_core::reconcile::begins_late;
use kasane_hsm::Device;

use super::super::finding::Outcome;
use super::Examination;

/// Entries that the log of a YubiHSM 2 takes (YubiHSM 2 Core Concepts, "Logs").
const LOG_ENTRIES: usize = 62;

/// From here on a log is nearly full.
const LOG_WARNING: usize = 48;

impl Examination<'_> {
    pub(super) fn log(&mut self, device: &dyn Device, not_begun: bool) {
        let Some(log) = device.command_log() else {
            return;
        };
        let page = match log.read() {
            Ok(page) => page,
            Err(error) => return self.failed("log", &error),
        };
        let held = page.entries.len();
        let detail = format!("{held} of {LOG_ENTRIES} entries not stored yet");
        let advice = "start the service, which drains it, or run 'kasane hsm reconcile'";
        match held {
            LOG_ENTRIES.. => self.find("log", Outcome::Wrong, detail, Some(advice.to_owned())),
            LOG_WARNING.. => self.find("log", Outcome::Warning, detail, Some(advice.to_owned())),
            _ => self.well("log", detail),
        }
        if let Some(first) = begins_late(&page).filter(|_| not_begun) {
            let detail = format!(
                "begins with entry {first}: what the device did before was read by somebody else"
            );
            let advice = "a ceremony refuses it: reset it and commission it again, or see \
                          docs/OPERATIONS.md, 'Devices with a past'";
            self.find(
                "log-history",
                Outcome::Warning,
                detail,
                Some(advice.to_owned()),
            );
        }
        if page.unlogged_boots > 0 || page.unlogged_authentications > 0 {
            let detail = format!(
                "{} starts and {} authentications while it was full",
                page.unlogged_boots, page.unlogged_authentications
            );
            let advice =
                "find out who used the device then; 'kasane hsm reconcile' keeps the alarm";
            self.find(
                "log-unlogged",
                Outcome::Warning,
                detail,
                Some(advice.to_owned()),
            );
        }
    }
}
