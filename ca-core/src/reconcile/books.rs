//! The running account.

use std::collections::{BTreeMap, BTreeSet};

use kasane_ledger_schema::{
    CertificateRecorded, DeviceActionNoted, Entry, Event, SignaturesCounted,
};
use sha2::{Digest, Sha256};

use super::action::{ENABLE, RECONCILE_BEGUN, RECONCILED, explains};
use super::{DeviceAccount, Finding, KeyAccount, alarm};

/// The running account: a pure function of the ledger's entries.
#[derive(Clone, Debug, Default)]
pub struct Books {
    keys: BTreeMap<String, KeyAccount>,
    /// Issuer → label of its key.
    issuers: BTreeMap<String, String>,
    devices: BTreeMap<String, DeviceAccount>,
    pub(super) findings: Vec<Finding>,
    pub(super) changed: Changed,
}

/// Rows that changed since they were last kept.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// Labels of keys.
    pub keys: BTreeSet<String>,
    /// Serial numbers of devices.
    pub devices: BTreeSet<String>,
    /// Positions of findings.
    pub findings: BTreeSet<usize>,
}

/// Who signs a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// The key of the issuer with that name.
    Issuer(String),
    /// The key with that label.
    Key(String),
}

/// Where an entry stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) index: u64,
    pub(super) time: i64,
}

impl Books {
    /// Goes on from rows that were kept.
    #[must_use]
    pub fn from_rows(
        keys: Vec<KeyAccount>,
        devices: Vec<DeviceAccount>,
        findings: Vec<Finding>,
    ) -> Self {
        let mut books = Self {
            findings,
            ..Self::default()
        };
        for key in keys {
            for issuer in &key.issuers {
                books.issuers.insert(issuer.clone(), key.label.clone());
            }
            books.keys.insert(key.label.clone(), key);
        }
        for device in devices {
            books.devices.insert(device.serial.clone(), device);
        }
        books
    }

    /// Every key's account, by label.
    pub fn keys(&self) -> impl Iterator<Item = &KeyAccount> {
        self.keys.values()
    }

    /// The account of the key with that label.
    #[must_use]
    pub fn key(&self, label: &str) -> Option<&KeyAccount> {
        self.keys.get(label)
    }

    /// Every device's account, by serial number.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceAccount> {
        self.devices
            .values()
            .filter(|device| !device.serial.is_empty())
    }

    /// The same, with the account of no certain device.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &DeviceAccount> {
        self.devices.values()
    }

    /// The account of the device with that serial number; that without one keeps what is of no
    /// certain device.
    #[must_use]
    pub fn device(&self, serial: &str) -> Option<&DeviceAccount> {
        self.devices.get(serial)
    }

    /// What does not fit, in the order of the ledger.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Rows that changed since the last call.
    pub fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.changed)
    }

    /// The record that `event` is about: [`apply`](Self::apply) wants to know who signs it.
    #[must_use]
    pub const fn record_of(event: &Event) -> Option<u64> {
        match event {
            Event::SignatureAttempted(body) => Some(body.record),
            Event::CertificateIssued(body) => Some(body.record),
            Event::CrlIssued(body) => Some(body.record),
            Event::CertificationRequestSigned(body) => Some(body.record),
            Event::RecordClosed(body) => Some(body.record),
            _ => None,
        }
    }

    /// Applies the entry at `index`. `signed_by` is who signs the record that the event
    /// is about, if it is about an earlier one.
    pub fn apply(&mut self, index: u64, entry: &Entry, signed_by: Option<&SignedBy>) {
        let at = At {
            index,
            time: entry.time,
        };
        match &entry.event {
            Event::KeyGenerated(body) => {
                let key = self.key_mut(&body.label);
                key.role.clone_from(&body.role);
                key.backend.clone_from(&body.backend);
                key.spki = body.spki.as_bytes().to_vec();
                key.made = index;
            }
            Event::KeyImported(body) => {
                let key = self.key_mut(&body.label);
                key.role.clone_from(&body.role);
                key.backend.clone_from(&body.backend);
                key.spki = body.spki.as_bytes().to_vec();
                key.made = index;
                key.imported = true;
            }
            Event::IssuerActivated(body) => self.issuer_has_key(&body.issuer, &body.key_label),
            Event::IssuerImported(body) => {
                if let Some(label) = &body.key_label {
                    self.issuer_has_key(&body.issuer, label);
                }
            }
            Event::CertificateRecorded(body) => {
                self.key_of_root(body);
                self.of(
                    Some(&SignedBy::Issuer(body.issuer.clone())),
                    KeyAccount::recorded,
                );
            }
            Event::CrlRecorded(body) => self.of(
                Some(&SignedBy::Issuer(body.issuer.clone())),
                KeyAccount::recorded,
            ),
            Event::CertificationRequestRecorded(body) => self.of(
                Some(&SignedBy::Key(body.key_label.clone())),
                KeyAccount::recorded,
            ),
            Event::SignatureAttempted(_) => self.of(signed_by, |key| key.further += 1),
            Event::CertificateIssued(_)
            | Event::CrlIssued(_)
            | Event::CertificationRequestSigned(_) => {
                self.of(signed_by, KeyAccount::released);
            }
            Event::RecordClosed(_) => {
                self.of(signed_by, |key| key.open = key.open.saturating_sub(1));
            }
            Event::SignaturesCounted(body) => self.counted(body),
            Event::SignaturesReserved(body) => self.key_mut(&body.key_label).reserved = body.count,
            Event::DeviceLogDrained(body) => self.drained(at, body),
            Event::DeviceActionNoted(body) => self.noted(at, body),
            Event::DeviceAlarmRaised(body) => self.raised(at, body),
            Event::DeviceAlarmsAcknowledged(body) => self.acknowledged(at, &entry.actor, body),
            _ => {}
        }
    }

    pub(super) fn key_mut(&mut self, label: &str) -> &mut KeyAccount {
        if !self.changed.keys.contains(label) {
            self.changed.keys.insert(label.to_owned());
        }
        self.keys
            .entry(label.to_owned())
            .or_insert_with(|| KeyAccount {
                label: label.to_owned(),
                ..KeyAccount::default()
            })
    }

    pub(super) fn device_mut(&mut self, serial: &str) -> &mut DeviceAccount {
        if !self.changed.devices.contains(serial) {
            self.changed.devices.insert(serial.to_owned());
        }
        self.devices
            .entry(serial.to_owned())
            .or_insert_with(|| DeviceAccount {
                serial: serial.to_owned(),
                ..DeviceAccount::default()
            })
    }

    fn of(&mut self, signed_by: Option<&SignedBy>, change: impl FnOnce(&mut KeyAccount)) {
        let label = match signed_by {
            Some(SignedBy::Issuer(issuer)) => self.issuers.get(issuer).cloned(),
            Some(SignedBy::Key(label)) => Some(label.clone()),
            None => None,
        };
        if let Some(label) = label {
            change(self.key_mut(&label));
        }
    }

    fn issuer_has_key(&mut self, issuer: &str, label: &str) {
        let before = self.issuers.insert(issuer.to_owned(), label.to_owned());
        if before.as_deref() == Some(label) {
            return;
        }
        if let Some(before) = before {
            self.key_mut(&before).issuers.retain(|name| name != issuer);
        }
        self.key_mut(label).issuers.push(issuer.to_owned());
    }

    /// A root's own certificate is recorded before the root is activated: its key is the one that
    /// the certificate is for.
    fn key_of_root(&mut self, body: &CertificateRecorded) {
        let own = body.subject.strip_prefix("ca/") == Some(&body.issuer);
        if !own || self.issuers.contains_key(&body.issuer) {
            return;
        }
        let label = self
            .keys
            .values()
            .find(|key| Sha256::digest(&key.spki)[..] == *body.spki_sha256.as_bytes())
            .map(|key| key.label.clone());
        if let Some(label) = label {
            self.issuer_has_key(&body.issuer, &label);
        }
    }

    fn counted(&mut self, body: &SignaturesCounted) {
        let key = self.key_mut(&body.key_label);
        key.counted = key.counted.saturating_add(body.count);
        key.reserved = key.reserved.saturating_sub(body.count);
    }

    fn noted(&mut self, at: At, body: &DeviceActionNoted) {
        match body.action.as_str() {
            RECONCILE_BEGUN => {
                let labels: Vec<String> = self.keys.keys().cloned().collect();
                for label in labels {
                    self.key_mut(&label).reading_begins(at.time);
                }
                self.device_mut("").reading_began = Some(at.time);
            }
            RECONCILED => self.every_log_was_read(at),
            ENABLE => self.enabled(body),
            action => {
                let device = self.device_mut(&body.serial);
                if !body.serial.is_empty() {
                    device.name.clone_from(&body.device);
                }
                for (command, count) in explains(action) {
                    device.grant(*command, &body.subject, *count, at.time);
                }
            }
        }
    }

    fn every_log_was_read(&mut self, at: At) {
        if let Some(began) = self.device_mut("").reading_began.take() {
            let overdue = self.devices.values().filter(|it| it.has_overdue(began));
            let serials: Vec<String> = overdue.map(|it| it.serial.clone()).collect();
            for serial in serials {
                self.device_mut(&serial).retire(began);
            }
        }
        let labels: Vec<String> = self.keys.keys().cloned().collect();
        for label in labels {
            let missing = self.key_mut(&label).reading_ended();
            if missing > 0 {
                let detail = format!(
                    "key {label}: {missing} signatures were let out that no device's log shows: \
                     the key is elsewhere too, or a device does not log its signatures"
                );
                self.find(Finding {
                    seen: at.index,
                    time: at.time,
                    device: String::new(),
                    serial: String::new(),
                    alarm: alarm::SIGNATURE_IN_NO_LOG.to_owned(),
                    detail,
                    number: None,
                    raised: None,
                    acknowledged: None,
                });
            }
        }
    }
}

impl KeyAccount {
    const fn recorded(&mut self) {
        self.records += 1;
        self.open += 1;
    }

    const fn released(&mut self) {
        self.released += 1;
        self.open = self.open.saturating_sub(1);
    }
}
