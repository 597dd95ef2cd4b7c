//! What the ledger says of one device.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// Findings so far; kept by the account without a serial number.
    pub findings: u64,
    /// Of those: not raised yet.
    pub not_raised: u64,
    /// Findings beyond those that are listed.
    pub not_listed: u64,
}

/// Signatures in the sessions of one authentication key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionAccount {
    /// How many.
    pub signatures: u64,
    /// The number of the first in the device's log.
    pub first_number: u16,
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
}

impl DeviceAccount {
    pub(super) fn grant(&mut self, command: u8, subject: &str, count: u32) {
        let known = self
            .credits
            .iter_mut()
            .find(|credit| credit.command == command && credit.subject == subject);
        match known {
            Some(credit) => credit.left = credit.left.saturating_add(count),
            None => self.credits.push(Credit {
                command,
                subject: subject.to_owned(),
                left: count,
            }),
        }
    }

    /// Takes one noted command of that code whose subject is one of `labels`, or none, or, where
    /// the log names no key that we know, any.
    pub(super) fn spend(&mut self, command: u8, labels: &[&str]) -> bool {
        let fits = |credit: &Credit| {
            credit.command == command
                && (labels.is_empty()
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
