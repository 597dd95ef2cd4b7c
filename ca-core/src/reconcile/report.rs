//! What people and programs read.

use std::collections::{BTreeMap, BTreeSet};

use kasane_verify::UnixTime;
use serde::Serialize;

use super::command::name;
use super::findings::MAX_FINDINGS;
use super::{
    Acknowledgement, Books, DeviceAccount, Finding, KeyAccount, LogNotRead, alarm, foreign_session,
};

/// What the ledger does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The authentication keys in whose sessions the authority signs; empty to let any.
    pub session_keys: BTreeSet<u16>,
    /// Devices that keep a log which nobody here reads, by name. While there are any, that no log
    /// shows a signature proves nothing: another device may have made it.
    pub logs_not_read: BTreeMap<String, LogNotRead>,
}

/// What devices did, against what they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Entries of the ledger that it covers.
    pub ledger_size: u64,
    /// Devices whose logs are not read: what they did is not in this account.
    pub logs_not_read: Vec<LogNotReadReport>,
    /// Every key, by label.
    pub keys: Vec<KeyReport>,
    /// Every device with a log, by serial number.
    pub devices: Vec<DeviceReport>,
    /// All that does not fit, in the order of the ledger.
    pub alarms: Vec<AlarmReport>,
    /// How many of those nobody has acknowledged.
    pub open_alarms: usize,
    /// How many of those somebody has acknowledged.
    pub acknowledged_alarms: usize,
    /// What does not fit and is not listed, because there is too much.
    pub alarms_not_listed: u64,
}

/// A device whose log is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogNotReadReport {
    /// Its name in the configuration.
    pub device: String,
    /// Why, for people.
    pub reason: String,
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
    /// The ledger index of its `DeviceAlarmRaised`, once raised: the number to acknowledge it by.
    pub raised: Option<u64>,
    /// Whether nobody has acknowledged it, or more has come since.
    pub open: bool,
    /// Who acknowledged it, once somebody did.
    pub acknowledged: Option<AcknowledgementReport>,
}

/// That people have looked at an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcknowledgementReport {
    /// The ledger index of the entry that says so.
    pub entry: u64,
    /// When.
    pub time: UnixTime,
    /// Who.
    pub by: String,
    /// What was found, and why nothing is left to be done.
    pub reason: String,
}

/// What the books say, seen with `context`.
#[must_use]
pub fn report(books: &Books, ledger_size: u64, context: &Context) -> ReconcileReport {
    let findings = books.findings().iter();
    let mut alarms: Vec<AlarmReport> = findings.map(|it| AlarmReport::of(books, it)).collect();
    alarms.extend(foreign_sessions(books, context).take(MAX_FINDINGS));
    let open = alarms.iter().filter(|it| it.open).count();
    let logs_not_read = context.logs_not_read.iter();
    ReconcileReport {
        ledger_size,
        logs_not_read: logs_not_read
            .map(|(device, reason)| LogNotReadReport {
                device: device.clone(),
                reason: reason.to_string(),
            })
            .collect(),
        keys: books.keys().map(KeyReport::of).collect(),
        devices: books.devices().map(DeviceReport::of).collect(),
        open_alarms: open,
        acknowledged_alarms: alarms.len() - open,
        alarms,
        alarms_not_listed: books.device("").map_or(0, |general| general.not_listed),
    }
}

/// Signatures in sessions of authentication keys that are not ours and were not told yet: one alarm
/// for all of a key.
fn foreign_sessions<'a>(
    books: &'a Books,
    context: &'a Context,
) -> impl Iterator<Item = AlarmReport> + 'a {
    let sessions = books.devices().flat_map(|device| {
        let sessions = device.sessions.iter();
        sessions.map(move |(key, session)| (device, *key, session))
    });
    let ours = &context.session_keys;
    sessions
        .filter(|(_, key, session)| {
            !ours.is_empty() && !ours.contains(key) && session.not_told() > 0
        })
        .map(|(device, key, session)| AlarmReport {
            alarm: alarm::SIGNATURE_BY_FOREIGN_SESSION.to_owned(),
            device: device.name.clone(),
            serial: device.serial.clone(),
            number: Some(session.first_number),
            detail: foreign_session::detail(key, session),
            seen: None,
            raised: None,
            open: true,
            acknowledged: None,
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
        let commands = |counts: &BTreeMap<u8, u64>| {
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
    fn of(books: &Books, finding: &Finding) -> Self {
        Self {
            alarm: finding.alarm.clone(),
            device: finding.device.clone(),
            serial: finding.serial.clone(),
            number: finding.number,
            detail: finding.detail.clone(),
            seen: Some(finding.seen),
            raised: finding.raised,
            open: books.is_open(finding),
            acknowledged: finding.acknowledged.as_ref().map(AcknowledgementReport::of),
        }
    }
}

impl AcknowledgementReport {
    fn of(it: &Acknowledgement) -> Self {
        Self {
            entry: it.index,
            time: UnixTime::from_seconds(it.time),
            by: it.actor.clone(),
            reason: it.reason.clone(),
        }
    }
}
