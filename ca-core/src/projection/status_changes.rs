//! Whether a status that was read before still stands, without reading it again.

use std::sync::atomic::{AtomicU64, Ordering};

/// Serial numbers are random, so their last octet spreads them evenly.
const GROUPS: usize = 256;

/// The count of a group about which nothing may be said any more.
const HALTED: u64 = u64::MAX;

/// Counts revocations by the last octet of the serial number, whoever the issuer.
///
/// Take a [`stamp`](Self::stamp), then read the status; as long as
/// [`is_unchanged`](Self::is_unchanged) agrees, the status is the one that was read. One revocation
/// makes one certificate in 256 be looked up again.
#[derive(Debug)]
pub struct StatusChanges([AtomicU64; GROUPS]);

impl Default for StatusChanges {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; GROUPS])
    }
}

impl StatusChanges {
    /// The present count for `serial`.
    #[must_use]
    pub fn stamp(&self, serial: &[u8]) -> u64 {
        let group = usize::from(serial.last().copied().unwrap_or(0));
        // The array has a place for every octet.
        self.0
            .get(group)
            .map_or(HALTED, |count| count.load(Ordering::Acquire))
    }

    /// Whether nothing was revoked in the group of `serial` since `stamp` was taken, and the tables
    /// still follow the ledger.
    #[must_use]
    pub fn is_unchanged(&self, serial: &[u8], stamp: u64) -> bool {
        stamp != HALTED && self.stamp(serial) == stamp
    }

    /// Something was revoked whose serial number ends with `last_octet`. One thread at a time calls
    /// this, after the tables have it.
    pub(crate) fn advance(&self, last_octet: u8) {
        if let Some(count) = self.0.get(usize::from(last_octet)) {
            let next = count.load(Ordering::Relaxed).saturating_add(1);
            count.store(next, Ordering::Release);
        }
    }

    /// From here on nothing is known to stand.
    pub(crate) fn halt(&self) {
        for count in &self.0 {
            count.store(HALTED, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revocation_is_noticed_in_its_group_alone() {
        let changes = StatusChanges::default();
        let (mine, other) = ([9, 7], [9, 8]);
        let (mine_before, other_before) = (changes.stamp(&mine), changes.stamp(&other));
        assert!(changes.is_unchanged(&mine, mine_before));
        changes.advance(7);
        assert!(!changes.is_unchanged(&mine, mine_before));
        assert!(changes.is_unchanged(&mine, changes.stamp(&mine)));
        assert!(changes.is_unchanged(&other, other_before));
        assert!(changes.is_unchanged(&[], changes.stamp(&[])));
    }

    #[test]
    fn nothing_stands_once_the_tables_lag() {
        let changes = StatusChanges::default();
        let before = changes.stamp(&[1]);
        changes.halt();
        assert!(!changes.is_unchanged(&[1], before));
        assert!(!changes.is_unchanged(&[1], changes.stamp(&[1])));
        changes.advance(1);
        assert!(!changes.is_unchanged(&[1], changes.stamp(&[1])));
    }
}
