//! What the ledger says of one key's signatures.

use serde::{Deserialize, Serialize};

/// One key's account. All counts are since the ledger's beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAccount {
    /// The key's label.
    pub label: String,
    /// Its role; empty while only a device's log knows the key.
    pub role: String,
    /// What kind of backend holds it.
    pub backend: String,
    /// DER `SubjectPublicKeyInfo`, as recorded.
    pub spki: Vec<u8>,
    /// The ledger index of the entry that says it was made or taken over.
    pub made: u64,
    /// It was there before the authority: what it signed earlier is nobody's fault.
    pub imported: bool,
    /// The issuers that sign with it.
    pub issuers: Vec<String>,
    /// Recorded certificates and CRLs: a first attempt each.
    pub records: u64,
    /// Records without an outcome.
    pub open: u64,
    /// Further attempts of records.
    pub further: u64,
    /// Signatures of records that were let out.
    pub released: u64,
    /// Attempts of what is not recorded one by one.
    pub counted: u64,
    /// Attempts that may still be made, or were, without being counted.
    pub reserved: u64,
    /// Signatures that devices' logs show.
    pub device_signatures: u64,
    /// Of those: made before the authority took the key over.
    pub before: u64,
    /// Of those: more than the attempts; an alarm each.
    pub unexplained: u64,
    /// Attempts of which it is certain that no device's log will ever show a signature.
    pub lost: u64,
    /// Signatures let out that no log shows; an alarm.
    pub in_no_log: u64,
    /// The state when the reading of all logs last began.
    pub(super) begun: Option<Moment>,
    /// The state at an earlier reading, long enough before the next that is compared with it.
    pub(super) settled: Option<Moment>,
}

/// A moment at which the reading of all logs began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moment {
    pub(super) time: i64,
    pub(super) released: u64,
    /// Attempts whose end was known.
    pub(super) finished: u64,
    pub(super) open: u64,
}

/// So long after an attempt was finished no device executes it any more: ten times the deadline of
/// a signature.
const SETTLED_AFTER_SECONDS: i64 = 300;

/// Attempts of one record by one process, at most.
const ATTEMPTS_PER_RECORD: u64 = 4;

impl KeyAccount {
    /// Attempts at devices, at most.
    #[must_use]
    pub const fn attempts(&self) -> u64 {
        self.records
            .saturating_add(self.further)
            .saturating_add(self.counted)
            .saturating_add(self.reserved)
    }

    /// Signatures in logs that an attempt may explain.
    const fn explained(&self) -> u64 {
        self.device_signatures
            .saturating_sub(self.before)
            .saturating_sub(self.unexplained)
    }

    /// A device's log shows a signature. False if no attempt explains it.
    pub(super) const fn signed(&mut self, commissioning: bool) -> bool {
        self.device_signatures = self.device_signatures.saturating_add(1);
        if self.explained() <= self.attempts().saturating_sub(self.lost) {
            return true;
        }
        if commissioning && (self.imported || self.role.is_empty()) {
            self.before = self.before.saturating_add(1);
            return true;
        }
        self.unexplained = self.unexplained.saturating_add(1);
        false
    }

    pub(super) const fn reading_begins(&mut self, time: i64) {
        self.begun = Some(Moment {
            time,
            released: self.released,
            finished: self
                .records
                .saturating_add(self.further)
                .saturating_add(self.counted),
            open: self.open,
        });
    }

    /// Every log was read to its end. Gives the number of signatures let out before the reading
    /// that are newly missing in the logs.
    pub(super) fn reading_ended(&mut self) -> u64 {
        let Some(begun) = self.begun.take() else {
            return 0;
        };
        // A key of which no log ever spoke misses nothing: the report says so.
        let missing = if self.device_signatures == 0 {
            0
        } else {
            let shown = self
                .device_signatures
                .saturating_sub(self.before)
                .saturating_add(self.in_no_log);
            begun.released.saturating_sub(shown)
        };
        self.in_no_log = self.in_no_log.saturating_add(missing);
        match self.settled {
            Some(settled) if begun.time.saturating_sub(settled.time) < SETTLED_AFTER_SECONDS => {}
            settled => {
                if let Some(settled) = settled {
                    self.lost = self.lost.max(self.lost_since(&settled, &begun));
                }
                self.settled = Some(begun);
            }
        }
        missing
    }

    /// How many of the attempts at `settled` ended without a signature, at least: they explain none
    /// that is made later. What was let out since then from records that came after it is in the
    /// logs too and is not theirs; records that were open then may yet use their attempts.
    const fn lost_since(&self, settled: &Moment, begun: &Moment) -> u64 {
        let later = begun
            .released
            .saturating_sub(settled.released)
            .saturating_sub(settled.open)
            .saturating_sub(self.in_no_log);
        let open = settled.open.saturating_mul(ATTEMPTS_PER_RECORD);
        let ended = settled.finished.saturating_sub(open);
        ended.saturating_sub(self.explained().saturating_sub(later))
    }
}
