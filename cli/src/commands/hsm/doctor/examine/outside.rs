//! What is seen before any credential.

use kasane_hsm::yubihsm::{Announced, announced as yubihsm_announces};

use super::super::finding::Outcome;
use super::Examination;

/// What opening a session writes into the log.
const ENTRIES_OF_A_SESSION: usize = 2;

/// What the service may write before it drains again: its commands, and sessions that it opens anew.
const BETWEEN_DRAINS: usize = 28;

impl Examination<'_> {
    /// What a YubiHSM says to anybody: who it is, and whether its log has room for the sessions that
    /// this examination opens. Whether to go on.
    pub(super) fn before_any_credential(&mut self, sessions: usize) -> bool {
        let announced = self.device.yubihsm.as_ref().and_then(yubihsm_announces);
        let (Some(yubihsm), Some(announced)) = (&self.device.yubihsm, announced) else {
            return true;
        };
        let named = yubihsm
            .serial
            .as_deref()
            .and_then(|it| it.parse::<u32>().ok());
        if named.is_some_and(|named| named != announced.serial) {
            let found = announced.serial;
            let detail = format!(
                "the device at {} has the serial number {found:010}, hsm.toml says {}; no password was \
                 shown to it",
                yubihsm.connector,
                yubihsm.serial.as_deref().unwrap_or_default()
            );
            let advice = match self.device_of(found) {
                Some(other) => format!(
                    "that is {other}: the two are swapped; exchange connector or serial in hsm.toml"
                ),
                None => "connect the right device, or correct serial in hsm.toml".to_owned(),
            };
            self.find("identity", Outcome::Wrong, detail, Some(advice));
            return false;
        }
        let free = |it: &Announced| usize::from(it.log_entries.saturating_sub(it.log_used));
        let needed = sessions * ENTRIES_OF_A_SESSION;
        let mut left = free(&announced);
        if left < needed + BETWEEN_DRAINS
            && let Some(drain) = self.drain
        {
            if let Err(problem) = drain() {
                let detail = format!(
                    "the service could not drain it: {problem} [{}]",
                    problem.code
                );
                self.find("log", Outcome::Warning, detail, None);
            }
            left = yubihsm_announces(yubihsm).as_ref().map_or(left, free);
        }
        if left >= needed {
            return true;
        }
        let detail = format!(
            "{left} of {} entries are free, and this examination would write {needed}: no credential \
             was tried, since sessions that a full log cannot take stand in it as unlogged",
            announced.log_entries
        );
        let advice = "start the service, which drains it, or run 'kasane hsm reconcile'";
        self.find("log", Outcome::Wrong, detail, Some(advice.to_owned()));
        false
    }

    /// Who has that serial number in the configuration.
    fn device_of(&self, serial: u32) -> Option<&str> {
        let mut devices = self.config.document.devices.iter();
        let found = devices.find(|it| {
            let yubihsm = it.yubihsm.as_ref();
            let named = yubihsm.and_then(|it| it.serial.as_deref()?.parse::<u32>().ok());
            named == Some(serial)
        });
        found.map(|it| it.name.as_str())
    }
}
