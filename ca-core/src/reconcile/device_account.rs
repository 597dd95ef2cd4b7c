//! What the ledger says of one device.

use std::collections::BTreeMap;

use kasane_ledger_schema::DeviceAlarmRaised;
use serde::{Deserialize, Serialize};

use super::action::{DELETE_OBJECT, EXPORT_WRAPPED};
use super::foreign_session;

/// So long after an action was noted its commands were given, or never will be: many times the
/// longest command's deadline.
const DONE_AFTER_SECONDS: i64 = 900;

/// One device's account. The account without a serial number keeps what is of no certain device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAccount {
    /// Its serial number.
    pub serial: String,
    /// Its name in the configuration, as last seen.
    pub name: String,
    /// The last stored entry of its log, 32 octets; empty before the first.
    pub last: Vec<u8>,
    /// Entries stored.
    pub entries: u64,
    /// Starts of the device that its log shows.
    pub boots: u64,
    /// Resets that its log shows, the one at its beginning included.
    pub resets: u64,
    /// Starts that its full log could not take, as it last said.
    pub unlogged_boots: u16,
    /// Authentications that its full log could not take, as it last said.
    pub unlogged_authentications: u16,
    /// Signatures it made.
    pub signatures: u64,
    /// Commands that it refused.
    pub refused: u64,
    /// Executed commands, by code.
    pub commands: BTreeMap<u8, u64>,
    /// Of those: commands that set the device up, before the authority used it.
    pub commissioning: BTreeMap<u8, u64>,
    /// Who signed, by authentication key.
    pub sessions: BTreeMap<u16, SessionAccount>,
    /// What its log calls our keys.
    pub keys: BTreeMap<u16, String>,
    /// Commands that were noted and that no log showed yet.
    pub credits: Vec<Credit>,
    /// When the reading of all logs last began, seconds since the epoch; kept by the account without
    /// a serial number.
    pub(super) reading_began: Option<i64>,
    /// Why it is quarantined, by its name at that time; empty if it is not. The account without a
    /// serial number has those devices whose number was not known.
    pub quarantined: BTreeMap<String, String>,
    /// The last alarm of each kind about its service, since it was last enabled.
    pub told: BTreeMap<String, Told>,
    /// Findings so far; kept by the account without a serial number.
    pub findings: u64,
    /// Of those: not raised yet.
    pub not_raised: u64,
    /// Findings beyond those that are listed.
    pub not_listed: u64,
    /// Of those: those that were there when people last acknowledged them.
    pub not_listed_acknowledged: u64,
}

/// Signatures in the sessions of one authentication key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAccount {
    /// How many.
    pub signatures: u64,
    /// Of those: those that were there when an alarm about sessions of that key was last raised.
    pub told: u64,
    /// The number in the device's log of the first that was not told.
    pub first_number: u16,
}

impl SessionAccount {
    /// Signatures since an alarm about sessions of that key was last raised.
    #[must_use]
    pub const fn not_told(&self) -> u64 {
        self.signatures.saturating_sub(self.told)
    }
}

/// An alarm that was raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What was seen.
    pub detail: String,
    /// When, seconds since the epoch.
    pub time: i64,
}

/// Commands that were noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The command's code.
    pub command: u8,
    /// The label of the key that it is about; empty for none.
    pub subject: String,
    /// How many.
    pub left: u32,
    /// When they were noted, seconds since the epoch.
    pub noted: i64,
}

impl DeviceAccount {
    pub(super) fn grant(&mut self, command: u8, subject: &str, count: u32, time: i64) {
        let known = self.credits.iter_mut().find(|credit| {
            credit.command == command && credit.subject == subject && credit.noted == time
        });
        match known {
            Some(credit) => credit.left = credit.left.saturating_add(count),
            None => self.credits.push(Credit {
                command,
                subject: subject.to_owned(),
                left: count,
                noted: time,
            }),
        }
    }

    /// Takes note that signatures in sessions that are not ours were told.
    pub(super) fn told(&mut self, body: &DeviceAlarmRaised) {
        let mut sessions = self.sessions.iter_mut();
        let about = sessions.find(|(key, session)| foreign_session::tells(body, **key, session));
        if let Some((_, session)) = about {
            session.told = session.signatures;
        }
    }

    /// Forgets what was noted long before a reading of all logs that began at `began`: a command
    /// that followed the note is in what was read.
    pub(super) fn retire(&mut self, began: i64) {
        self.credits
            .retain(|credit| began.saturating_sub(credit.noted) < DONE_AFTER_SECONDS);
    }

    /// Whether [`retire`](Self::retire) would change anything.
    pub(super) fn has_overdue(&self, began: i64) -> bool {
        self.credits
            .iter()
            .any(|credit| began.saturating_sub(credit.noted) >= DONE_AFTER_SECONDS)
    }

    /// Takes one noted command of that code whose subject is one of `labels`, or none, or, where
    /// the log names no key that we know, any: a key that is being made has no known number yet.
    /// What is exported or deleted was there before, so its note must name it.
    pub(super) fn spend(&mut self, command: u8, labels: &[&str]) -> bool {
        let may_be_new = labels.is_empty() && !matches!(command, EXPORT_WRAPPED | DELETE_OBJECT);
        let fits = |credit: &Credit| {
            credit.command == command
                && (may_be_new
                    || credit.subject.is_empty()
                    || labels.contains(&credit.subject.as_str()))
        };
        let Some(at) = self.credits.iter().position(fits) else {
            return false;
        };
        self.credits[at].left -= 1;
        if self.credits[at].left == 0 {
            self.credits.remove(at);
        }
        true
    }
}
