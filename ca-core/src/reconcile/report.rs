//! What people and programs read.

use std::collections::BTreeSet;

use serde::Serialize;

use super::command::name;
use super::{Books, DeviceAccount, Finding, KeyAccount, alarm};

/// What the ledger does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The authentication keys in whose sessions the authority signs; empty to let any.
    pub session_keys: BTreeSet<u16>,
}

/// What devices did, against what they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Entries of the ledger that it covers.
    pub ledger_size: u64,
    /// Every key, by label.
    pub keys: Vec<KeyReport>,
    /// Every device with a log, by serial number.
    pub devices: Vec<DeviceReport>,
    /// All that does not fit, in the order of the ledger.
    pub alarms: Vec<AlarmReport>,
    /// What does not fit and is not listed, because there is too much.
    pub alarms_not_listed: u64,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// What kind of backend holds it.
    pub backend: String,
    /// Attempts at devices, at most.
    pub attempts: u64,
    /// Of those: of recorded certificates and CRLs.
    pub recorded_attempts: u64,
    /// Of those: of what is not recorded one by one, counted.
    pub counted_attempts: u64,
    /// Of those: that may still be made, or were, without being counted.
    pub reserved_attempts: u64,
    /// Recorded certificates and CRLs whose signature was let out.
    pub released: u64,
    /// Signatures that the devices' own logs show; none when no log names the key: then only our
    /// side is known.
    pub device_signatures: Option<u64>,
    /// Of those: made before the authority took the key over.
    pub signatures_before: u64,
    /// Of those: that nobody asked for.
    pub unexplained_signatures: u64,
    /// Attempts of records that let out no signature, records that still wait included.
    pub lost_attempts: u64,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceReport {
    /// Its name in the configuration.
    pub name: String,
    /// Its serial number.
    pub serial: String,
    /// Entries of its log that are stored.
    pub entries: u64,
    /// The number of the last one.
    pub last_number: Option<u16>,
    /// Its starts.
    pub boots: u64,
    /// Its resets, the one at the beginning of its log included.
    pub resets: u64,
    /// Signatures it made.
    pub signatures: u64,
    /// Commands it refused.
    pub refused: u64,
    /// What it executed.
    pub commands: Vec<CommandReport>,
    /// What set it up before the authority used it.
    pub commissioning: Vec<CommandReport>,
    /// What was noted and is not in its log yet.
    pub noted_not_seen: Vec<CommandReport>,
}

/// Commands of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommandReport {
    /// The code.
    pub code: u8,
    /// The name.
    pub command: &'static str,
    /// The label of the key, where it is known and counts.
    pub subject: String,
    /// How many.
    pub count: u64,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmReport {
    /// What kind: one of [`alarm`](super::alarm).
    pub alarm: String,
    /// The device's name.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// The number of the command in the device's own log.
    pub number: Option<u16>,
    /// What was seen.
    pub detail: String,
    /// The ledger index of the entry that shows it; none if the ledger alone does not.
    pub seen: Option<u64>,
    /// The ledger index of its `DeviceAlarmRaised`, once raised.
    pub raised: Option<u64>,
}

/// What the books say, seen with `context`.
#[must_use]
pub fn report(books: &Books, ledger_size: u64, context: &Context) -> ReconcileReport {
    let mut alarms: Vec<AlarmReport> = books.findings().iter().map(AlarmReport::of).collect();
    alarms.extend(foreign_sessions(books, context));
    ReconcileReport {
        ledger_size,
        keys: books.keys().map(KeyReport::of).collect(),
        devices: books.devices().map(DeviceReport::of).collect(),
        alarms,
        alarms_not_listed: books.device("").map_or(0, |general| general.not_listed),
    }
}

/// Signatures in sessions of authentication keys that are not ours, unless raised already.
fn foreign_sessions<'a>(
    books: &'a Books,
    context: &'a Context,
) -> impl Iterator<Item = AlarmReport> + 'a {
    let signers = books.devices().flat_map(|device| {
        let sessions = device.sessions.iter();
        sessions.map(move |(key, session)| (device, *key, session.first_number))
    });
    signers
        .filter(|(_, key, _)| {
            !context.session_keys.is_empty() && !context.session_keys.contains(key)
        })
        .map(|(device, key, first)| AlarmReport {
            alarm: alarm::SIGNATURE_BY_FOREIGN_SESSION.to_owned(),
            device: device.name.clone(),
            serial: device.serial.clone(),
            number: Some(first),
            detail: format!(
                "entry {first}: a signature in a session of authentication key 0x{key:04x}, which \
                 is none of the authority's"
            ),
            seen: None,
            raised: None,
        })
        .filter(|found| {
            !books.findings().iter().any(|raised| {
                raised.alarm == found.alarm
                    && raised.serial == found.serial
                    && raised.detail == found.detail
            })
        })
}

impl KeyReport {
    fn of(key: &KeyAccount) -> Self {
        let recorded = key.records.saturating_add(key.further);
        Self {
            label: key.label.clone(),
            role: key.role.clone(),
            backend: key.backend.clone(),
            attempts: key.attempts(),
            recorded_attempts: recorded,
            counted_attempts: key.counted,
            reserved_attempts: key.reserved,
            released: key.released,
            device_signatures: (key.device_signatures > 0).then_some(key.device_signatures),
            signatures_before: key.before,
            unexplained_signatures: key.unexplained,
            lost_attempts: recorded.saturating_sub(key.released),
        }
    }
}

impl DeviceReport {
    fn of(device: &DeviceAccount) -> Self {
        let commands = |counts: &std::collections::BTreeMap<u8, u64>| {
            let of = |(code, count): (&u8, &u64)| CommandReport {
                code: *code,
                command: name(*code),
                subject: String::new(),
                count: *count,
            };
            counts.iter().map(of).collect()
        };
        Self {
            name: device.name.clone(),
            serial: device.serial.clone(),
            entries: device.entries,
            last_number: device
                .last
                .first_chunk::<2>()
                .map(|number| u16::from_be_bytes(*number)),
            boots: device.boots,
            resets: device.resets,
            signatures: device.signatures,
            refused: device.refused,
            commands: commands(&device.commands),
            commissioning: commands(&device.commissioning),
            noted_not_seen: device
                .credits
                .iter()
                .map(|credit| CommandReport {
                    code: credit.command,
                    command: name(credit.command),
                    subject: credit.subject.clone(),
                    count: u64::from(credit.left),
                })
                .collect(),
        }
    }
}

impl AlarmReport {
    fn of(finding: &Finding) -> Self {
        Self {
            alarm: finding.alarm.clone(),
            device: finding.device.clone(),
            serial: finding.serial.clone(),
            number: finding.number,
            detail: finding.detail.clone(),
            seen: Some(finding.seen),
            raised: finding.raised,
        }
    }
}
