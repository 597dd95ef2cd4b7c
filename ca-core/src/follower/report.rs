//! What an edge says of itself.

use kasane_verify::UnixTime;

use super::Follower;
use crate::Error;
use crate::status_source::StatusSource;

/// How the edge stands with the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Nothing was heard since the start.
    NotYet,
    /// The last page was taken.
    Current,
    /// Not for now: it is tried again.
    Failing {
        /// Since when.
        since: UnixTime,
        /// A stable code.
        code: &'static str,
        /// For people.
        reason: String,
    },
    /// No further: an operator must look.
    Stopped {
        /// A stable code.
        code: &'static str,
        /// For people.
        reason: String,
    },
    /// The authority removed this edge.
    Removed,
}

impl Contact {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotYet => "not-yet",
            Self::Current => "current",
            Self::Failing { .. } => "failing",
            Self::Stopped { .. } => "stopped",
            Self::Removed => "removed",
        }
    }
}

/// An edge in contact knows what was some five seconds ago. Beyond this it says that it is stale: as long
/// as a cache may keep an answer.
pub const STALE_SECONDS: i64 = 300;

/// An edge in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It answers, for every CA, and knows what is new.
    Ok,
    /// It answers, but not for every CA: it has no signer for some.
    Incomplete,
    /// It answers from what it knew more than [`STALE_SECONDS`] ago.
    Stale,
    /// It answers nothing: what it knows is too old, or there is no signer at all.
    Silent,
}

impl Standing {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Incomplete => "incomplete",
            Self::Stale => "stale",
            Self::Silent => "silent",
        }
    }
}

/// What an edge says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerReport {
    /// Its name.
    pub name: String,
    /// The present here: the clock, put back where it is ahead of the authority's.
    pub now: UnixTime,
    /// By how much it is ahead, in seconds.
    pub clock_ahead_seconds: i64,
    /// Entries that are durable and checked here.
    pub entries: u64,
    /// Entries that are not durable yet, in memory: no checkpoint covers them, or the disk is full.
    pub held_entries: u64,
    /// Their octets.
    pub held_bytes: u64,
    /// Whether they are noted: else a killed edge answers nothing until it reaches the authority.
    pub is_held_noted: bool,
    /// Size of the newest checkpoint that was checked.
    pub checkpoint: Option<u64>,
    /// For when what it knows speaks.
    pub as_of: Option<UnixTime>,
    /// The authority, seen from here.
    pub contact: Contact,
    /// Its signers, by issuer, oldest first.
    pub signers: Vec<SignerReport>,
    /// The issuing CAs for which it has none, and answers nothing.
    pub without_signer: Vec<String>,
}

/// One of its signers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerReport {
    /// The issuer.
    pub issuer: String,
    /// The key's label.
    pub key_label: String,
    /// The serial of its certificate.
    pub serial: Vec<u8>,
    /// The end of its certificate.
    pub not_after: UnixTime,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

impl FollowerReport {
    /// How old what it knows is, in seconds.
    #[must_use]
    pub fn stale_seconds(&self) -> Option<i64> {
        self.as_of.map(|as_of| self.now.seconds_since(as_of).max(0))
    }

    /// Until when it answers if it hears nothing more: the earliest end of an issuer's answers.
    #[must_use]
    pub fn answers_until(&self) -> Option<UnixTime> {
        let as_of = self.as_of?;
        let windows = self.signers.iter().map(|it| it.window_seconds);
        windows.min().map(|window| as_of.plus_seconds(window))
    }

    /// The whole in a word; the worst of what is true.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let answers = self.answers_until().is_some_and(|until| until > self.now);
        match self.stale_seconds() {
            Some(seconds) if answers && seconds > STALE_SECONDS => Standing::Stale,
            Some(_) if answers && !self.without_signer.is_empty() => Standing::Incomplete,
            Some(_) if answers => Standing::Ok,
            _ => Standing::Silent,
        }
    }
}

impl Follower {
    /// How it stands now.
    ///
    /// # Errors
    /// [`Error::Store`] or [`Error::Ledger`].
    pub fn report(&self) -> Result<FollowerReport, Error> {
        let now = self.now();
        let clock_ahead_seconds = self.parts.clock.now().seconds_since(now);
        let mut signers = Vec::new();
        let mut without_signer = Vec::new();
        for issuer in self.issuers() {
            let own = self.ocsp_signers(issuer.name())?;
            if issuer.wants_ocsp_signer(now) && own.is_empty() {
                without_signer.push(issuer.name().to_owned());
            }
            for signer in own {
                signers.push(SignerReport {
                    issuer: signer.issuer,
                    key_label: signer.key_label.to_string(),
                    serial: signer.serial,
                    not_after: signer.not_after,
                    window_seconds: signer.window_seconds,
                });
            }
        }
        let (held_entries, held_bytes) = {
            let held = self.held.read();
            (held.entries.len() as u64, held.bytes as u64)
        };
        Ok(FollowerReport {
            name: self.enrolment.name.clone(),
            now,
            clock_ahead_seconds,
            entries: self.ledger.size(),
            held_entries,
            held_bytes,
            is_held_noted: !self.knowledge.is_withheld(),
            checkpoint: self.ledger.checkpoint_size(),
            as_of: self.known_as_of(now),
            contact: self.contact.read().clone(),
            signers,
            without_signer,
        })
    }

    /// What it was enrolled with.
    #[must_use]
    pub const fn enrolment(&self) -> &super::Enrolment {
        &self.enrolment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(stale_seconds: Option<i64>, signers: usize, without_signer: usize) -> FollowerReport {
        let now = UnixTime::from_seconds(1_000_000);
        let signer = SignerReport {
            issuer: "issuing".to_owned(),
            key_label: "ocsp-1".to_owned(),
            serial: vec![1],
            not_after: now.plus_days(30),
            window_seconds: 172_800,
        };
        FollowerReport {
            name: "edge-1".to_owned(),
            now,
            clock_ahead_seconds: 0,
            entries: 1,
            held_entries: 0,
            held_bytes: 0,
            is_held_noted: true,
            checkpoint: Some(1),
            as_of: stale_seconds.map(|it| now.plus_seconds(-it)),
            contact: Contact::Current,
            signers: vec![signer; signers],
            without_signer: vec!["other".to_owned(); without_signer],
        }
    }

    #[test]
    fn edge_is_stale_beyond_five_minutes_and_silent_beyond_its_window() {
        for (seconds, signers, without, standing) in [
            (Some(0), 1, 0, Standing::Ok),
            (Some(-5), 1, 0, Standing::Ok),
            (Some(300), 1, 0, Standing::Ok),
            (Some(5), 1, 1, Standing::Incomplete),
            (Some(301), 1, 0, Standing::Stale),
            (Some(301), 1, 1, Standing::Stale),
            (Some(172_799), 1, 0, Standing::Stale),
            (Some(172_800), 1, 0, Standing::Silent),
            (Some(5), 0, 1, Standing::Silent),
            (None, 1, 0, Standing::Silent),
        ] {
            let found = report(seconds, signers, without).standing();
            assert_eq!(found, standing, "{seconds:?} {signers} {without}");
        }
    }
}
