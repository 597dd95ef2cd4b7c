//! A page of a device's own log.

use std::collections::BTreeMap;

use kasane_hsm::device::LogEntry;
use kasane_ledger_schema::DeviceLogDrained;

use super::action::RESET_ENTRY;
use super::books::{At, Books};
use super::command::{Class, class, name, succeeded};
use super::{DeviceAccount, Finding, alarm};

/// Entries that one `DeviceLogDrained` takes: half of what a ledger entry may be long.
pub const MAX_ENTRIES_PER_PAGE: usize = 1024;

/// Where a page names no serial number.
const UNKNOWN_SERIAL: &str = "unknown";

/// The entries that come after `last` (32 octets, or empty). A crash between storing a page and
/// telling the device makes the same entries come again.
#[must_use]
pub fn not_stored<'a>(last: &[u8], entries: &'a [LogEntry]) -> &'a [LogEntry] {
    let known = entries
        .iter()
        .rposition(|entry| entry.to_bytes()[..] == *last);
    known.map_or(entries, |at| &entries[at + 1..])
}

/// The page that is being read.
struct Page<'b> {
    at: At,
    device: DeviceAccount,
    /// Commands in it set the device up.
    commissioning: bool,
    keys: BTreeMap<u16, String>,
    books: &'b mut Books,
}

impl Books {
    pub(super) fn drained(&mut self, at: At, body: &DeviceLogDrained) {
        let (octets, rest) = body.entries.as_bytes().as_chunks::<{ LogEntry::BYTES }>();
        let entries: Vec<LogEntry> = octets.iter().map(LogEntry::from_bytes).collect();
        // The account without a serial number is that of no device.
        let serial = if body.serial.is_empty() {
            UNKNOWN_SERIAL
        } else {
            &body.serial
        };
        let mut device = std::mem::take(self.device_mut(serial));
        device.name.clone_from(&body.device);
        let entries = not_stored(&device.last, &entries);
        let keys = body
            .keys
            .iter()
            .map(|key| (key.id, key.label.clone()))
            .collect();
        let mut page = Page {
            at,
            device,
            commissioning: false,
            keys,
            books: self,
        };
        if !rest.is_empty() {
            let detail = format!(
                "{} octets are no entries of 32",
                body.entries.as_bytes().len()
            );
            page.find(alarm::LOG_MALFORMED, None, detail);
        }
        page.unlogged(body);
        page.begin(entries);
        for entry in entries {
            page.entry(entry);
        }
        let device = page.device;
        *self.device_mut(serial) = device;
    }
}

impl Page<'_> {
    fn unlogged(&mut self, body: &DeviceLogDrained) {
        let boots = body.unlogged_boots;
        if boots != self.device.unlogged_boots && boots > 0 {
            let detail = format!("{boots} starts of the device were not logged: its log was full");
            self.find(alarm::UNLOGGED_BOOTS, None, detail);
        }
        let authentications = body.unlogged_authentications;
        if authentications != self.device.unlogged_authentications && authentications > 0 {
            let detail =
                format!("{authentications} sessions were opened and not logged: the log was full");
            self.find(alarm::UNLOGGED_AUTHENTICATIONS, None, detail);
        }
        self.device.unlogged_boots = boots;
        self.device.unlogged_authentications = authentications;
    }

    /// What the page calls our keys, and whether the device is new to the authority.
    fn begin(&mut self, entries: &[LogEntry]) {
        if entries.iter().any(is_reset) {
            self.device.keys.clear();
        }
        for (id, label) in &std::mem::take(&mut self.keys) {
            if let Some(before) = self.device.keys.insert(*id, label.clone())
                && before != *label
            {
                let detail = format!("object 0x{id:04x} was {before} and is {label} now");
                self.find(alarm::KEY_ID_CHANGED, None, detail);
            }
        }
        let (true, Some(first)) = (self.device.last.is_empty(), entries.first()) else {
            return;
        };
        let noted = self.spend(RESET_ENTRY, &[]);
        self.commissioning = is_reset(first) || noted;
        if !self.commissioning {
            let detail = format!(
                "its log is known from entry {} on only: what it did before cannot be told",
                first.number
            );
            self.find(alarm::LOG_BEGINS_LATE, Some(first.number), detail);
        }
    }

    fn entry(&mut self, entry: &LogEntry) {
        self.follows(entry);
        self.device.last = entry.to_bytes().to_vec();
        self.device.entries += 1;
        let code = entry.command;
        match class(code) {
            Class::Boot => self.device.boots += 1,
            Class::Reset => self.device.resets += 1,
            _ if !succeeded(code, entry.result) => self.device.refused += 1,
            known => {
                *self.device.commands.entry(code).or_default() += 1;
                match known {
                    Class::Signs => self.signature(entry),
                    Class::MustBeNoted => self.change(entry),
                    _ => {}
                }
            }
        }
    }

    fn follows(&mut self, entry: &LogEntry) {
        let Ok(last) = <&[u8; LogEntry::BYTES]>::try_from(&self.device.last[..]) else {
            return;
        };
        let last = LogEntry::from_bytes(last);
        if is_reset(entry) {
            let noted = self.spend(RESET_ENTRY, &[]);
            self.commissioning = noted;
            if !noted {
                let detail = "it was reset to what the factory made; its log begins anew".into();
                self.find(alarm::DEVICE_RESET, Some(entry.number), detail);
            }
        } else if entry.number != last.number.wrapping_add(1) {
            let missing = entry.number.wrapping_sub(last.number).wrapping_sub(1);
            let detail = format!(
                "{missing} entries between {} and {} are missing (modulo 65,536)",
                last.number, entry.number
            );
            self.find(alarm::LOG_GAP, Some(entry.number), detail);
        } else if !entry.follows(&last) {
            let detail = format!("entry {} does not follow from the one before", entry.number);
            self.find(alarm::LOG_CHAIN_BROKEN, Some(entry.number), detail);
        }
    }

    fn signature(&mut self, entry: &LogEntry) {
        self.device.signatures += 1;
        let session = self.device.sessions.entry(entry.session_key).or_default();
        if session.not_told() == 0 {
            session.first_number = entry.number;
        }
        session.signatures += 1;
        let Some(label) = self.device.keys.get(&entry.target_key).cloned() else {
            if self.commissioning {
                *self.device.commissioning.entry(entry.command).or_default() += 1;
            } else {
                let detail = format!(
                    "{}: object 0x{:04x} is no key of the authority",
                    described(entry),
                    entry.target_key
                );
                self.find(alarm::SIGNATURE_BY_UNKNOWN_KEY, Some(entry.number), detail);
            }
            return;
        };
        let commissioning = self.commissioning;
        if !self.books.key_mut(&label).signed(commissioning) {
            let detail = format!(
                "{}: key {label} was asked for no such signature",
                described(entry)
            );
            self.find(alarm::SIGNATURE_WITHOUT_ATTEMPT, Some(entry.number), detail);
        }
    }

    /// A command that must have been noted.
    fn change(&mut self, entry: &LogEntry) {
        let labels: Vec<String> = [entry.target_key, entry.second_key]
            .iter()
            .filter_map(|id| self.device.keys.get(id).cloned())
            .collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        if self.spend(entry.command, &labels) {
            return;
        }
        if self.commissioning {
            *self.device.commissioning.entry(entry.command).or_default() += 1;
            return;
        }
        let about = labels.first().map_or_else(
            || format!("object 0x{:04x}", entry.target_key),
            |label| format!("key {label}"),
        );
        let detail = format!("{} on {about} was not noted", described(entry));
        self.find(alarm::COMMAND_NOT_NOTED, Some(entry.number), detail);
    }

    /// Takes a noted command, of this device first, then of no certain one.
    fn spend(&mut self, command: u8, labels: &[&str]) -> bool {
        self.device.spend(command, labels)
            || (self.books.device("").is_some() && self.books.device_mut("").spend(command, labels))
    }

    fn find(&mut self, kind: &str, number: Option<u16>, detail: String) {
        self.books.find(Finding {
            seen: self.at.index,
            time: self.at.time,
            device: self.device.name.clone(),
            serial: self.device.serial.clone(),
            alarm: kind.to_owned(),
            detail,
            number,
            raised: None,
            acknowledged: None,
        });
    }
}

/// The entry that a reset begins a log with.
pub(super) fn is_reset(entry: &LogEntry) -> bool {
    entry.number == 1 && class(entry.command) == Class::Reset
}

fn described(entry: &LogEntry) -> String {
    format!(
        "entry {} ({}, session of authentication key 0x{:04x})",
        entry.number,
        name(entry.command),
        entry.session_key
    )
}
