//! The newest CRLs of each issuer and shard.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A complete CRL stays the base of deltas for so long after the next one came: caches in front may
/// hand it out as long.
pub const BASE_SECONDS: i64 = 3_600;

/// Most complete CRLs that are known as bases beside the newest.
const MAX_BASES: usize = 16;

/// Numbers may be so far ahead of what they follow, for several lists are made within a second now and
/// then: that passes by itself. What is further ahead stays ahead.
const NUMBERS_AHEAD: u64 = 60;

/// Names a CRL series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CrlKey {
    /// The issuer's name.
    pub issuer: String,
    /// The shard; 0 for an issuer with one CRL.
    pub shard: u32,
}

/// A recorded CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlVersion {
    /// Ledger index of `CrlRecorded` or `CrlImported`.
    pub record: u64,
    /// Ledger index of `CrlIssued`, once signed; of an imported one that of its entry.
    pub outcome: Option<u64>,
    /// The CRL number.
    pub number: u64,
    /// thisUpdate, seconds since the epoch.
    pub this_update: i64,
    /// nextUpdate, seconds since the epoch.
    pub next_update: i64,
    /// Entries in it.
    pub entries: u64,
    /// It lists what the ledger said before this index.
    pub as_of: u64,
    /// The base CRL's number, of a delta CRL.
    pub base_number: Option<u64>,
}

impl CrlVersion {
    /// Whether it is the last list of an ended CA, which nothing follows: its nextUpdate is
    /// 99991231235959Z.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.next_update == UnixTime::MAX.seconds()
    }
}

/// A CRL series. Numbers only grow, burnt ones included; full and delta CRLs share one sequence
/// (RFC 5280 §5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlRow {
    /// The highest number ever recorded.
    pub last_number: u64,
    /// What numbers are above the clock: nothing, unless numbers of before were taken over that are
    /// higher than the clock's, or a clock was once ahead.
    pub numbers_above_clock: u64,
    /// The highest number ever recorded for a delta CRL.
    pub last_delta: u64,
    /// The newest signed full CRL.
    pub full: Option<CrlVersion>,
    /// The newest signed delta CRL.
    pub delta: Option<CrlVersion>,
    /// Signed full CRLs before the newest that relying systems may still hold, oldest first.
    pub bases: Vec<CrlVersion>,
    /// What waits for its signature.
    pub pending: Option<CrlVersion>,
}

impl CrlRow {
    /// The number of a list that is made at `at` (RFC 5280 §5.2.3). Numbers follow the clock, in seconds,
    /// at a distance that only grows: a ledger that was restored from a copy has forgotten which
    /// numbers it used last, and uses none of them again.
    #[must_use]
    pub fn next_number(&self, at: UnixTime) -> u64 {
        let by_clock = self
            .numbers_above_clock
            .saturating_add(by_clock(at.seconds()));
        self.last_number.saturating_add(1).max(by_clock)
    }

    /// A number was used at `at`, here or elsewhere.
    pub(super) fn note_number(&mut self, number: u64, at: i64) {
        self.last_number = self.last_number.max(number);
        let above = number.saturating_sub(by_clock(at));
        if above > self.numbers_above_clock.saturating_add(NUMBERS_AHEAD) {
            self.numbers_above_clock = above;
        }
    }

    /// The number of the newest full CRL as long as a delta may be issued with it under the same
    /// number (RFC 5280 §5.2.3): nothing was numbered since, and no such delta was attempted.
    #[must_use]
    pub fn accompanied(&self) -> Option<u64> {
        let number = self.full.as_ref()?.number;
        (number == self.last_number && self.last_delta < number).then_some(number)
    }

    /// The base of a delta CRL made at `at` (RFC 5280 §5.2.4): the oldest full CRL that is valid and
    /// was the newest at some time of the last [`BASE_SECONDS`].
    #[must_use]
    pub fn base(&self, at: UnixTime) -> Option<&CrlVersion> {
        let newest = self.full.as_ref()?;
        let lists: Vec<_> = self.bases.iter().collect();
        oldest_usable(&lists, newest.this_update, at).or(Some(newest))
    }

    /// The base of a delta CRL that is issued at `at` with the next full CRL, under its number: as
    /// above, among those that there are.
    #[must_use]
    pub fn base_beside_next(&self, at: UnixTime) -> Option<&CrlVersion> {
        let lists: Vec<_> = self.bases.iter().chain(&self.full).collect();
        oldest_usable(&lists, at.seconds(), at)
    }

    /// A signed CRL takes the place of the one before.
    pub(super) fn publish(&mut self, version: CrlVersion) {
        if version.base_number.is_some() {
            self.delta = Some(version);
            return;
        }
        if version.is_final() {
            // Nothing follows: no delta is made on it or beside it.
            self.delta = None;
            self.bases.clear();
            self.full = Some(version);
            return;
        }
        let now = version.this_update;
        if let Some(before) = self.full.replace(version) {
            self.bases.push(before);
        }
        let is_forgotten = |bases: &[CrlVersion]| {
            bases.get(1).is_some_and(|next| {
                next.this_update.saturating_add(BASE_SECONDS) <= now || bases.len() > MAX_BASES
            })
        };
        while is_forgotten(&self.bases) {
            self.bases.remove(0);
        }
    }
}

fn by_clock(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or_default()
}

/// The first of `lists`, the last of which was replaced at `replaced_at`, that may be a base at `at`.
fn oldest_usable<'a>(
    lists: &[&'a CrlVersion],
    replaced_at: i64,
    at: UnixTime,
) -> Option<&'a CrlVersion> {
    let at = at.seconds();
    let followers = lists.iter().skip(1).map(|next| next.this_update);
    let is_usable = |base: &CrlVersion, replaced_at: i64| {
        base.this_update <= at
            && base.next_update > at
            && replaced_at.saturating_add(BASE_SECONDS) > at
    };
    lists
        .iter()
        .zip(followers.chain([replaced_at]))
        .find(|(base, replaced_at)| is_usable(base, *replaced_at))
        .map(|(base, _)| *base)
}

/// A CRL series.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, crl: &CrlKey) -> Result<CrlRow, StoreError> {
    Ok(view::read(tables, Table::Crls, &key(crl))?.unwrap_or_default())
}

pub(super) fn get(view: &View<'_>, crl: &CrlKey) -> Result<CrlRow, StoreError> {
    Ok(view.read(Table::Crls, &key(crl))?.unwrap_or_default())
}

pub(super) fn put(view: &mut View<'_>, crl: &CrlKey, row: &CrlRow) -> Result<(), StoreError> {
    view.put(Table::Crls, key(crl), row)
}

fn key(crl: &CrlKey) -> Vec<u8> {
    let mut key = row::prefix(&crl.issuer);
    key.extend_from_slice(&crl.shard.to_be_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(number: u64, this_update: i64) -> CrlVersion {
        CrlVersion {
            record: number,
            outcome: Some(number),
            number,
            this_update,
            next_update: this_update + 4 * 86_400,
            entries: 0,
            as_of: number,
            base_number: None,
        }
    }

    fn row(lists: &[(u64, i64)]) -> CrlRow {
        let mut row = CrlRow::default();
        for (number, this_update) in lists {
            row.last_number = *number;
            row.publish(full(*number, *this_update));
        }
        row
    }

    fn base(row: &CrlRow, at: i64) -> Option<u64> {
        let base = row.base(UnixTime::from_seconds(at));
        base.map(|base| base.number)
    }

    fn base_beside_next(row: &CrlRow, at: i64) -> Option<u64> {
        let base = row.base_beside_next(UnixTime::from_seconds(at));
        base.map(|base| base.number)
    }

    #[test]
    fn base_is_the_oldest_list_that_a_cache_may_still_hand_out() {
        let before = row(&[(1, 0), (2, 86_400), (3, 87_300)]);
        // 1 was the newest until 86,400, so caches have it until 90,000.
        assert_eq!(base_beside_next(&before, 88_200), Some(1));
        let row = row(&[(1, 0), (2, 86_400), (3, 87_300), (4, 88_200)]);
        assert_eq!(base(&row, 89_999), Some(1));
        assert_eq!(base(&row, 90_000), Some(2));
        assert_eq!(base(&row, 91_800), Some(4));
        assert_eq!(base_beside_next(&row, 91_800), Some(4));
    }

    #[test]
    fn base_is_valid_and_of_no_clock_that_was_ahead() {
        assert_eq!(base(&row(&[]), 0), None);
        assert_eq!(base_beside_next(&row(&[]), 0), None);
        assert_eq!(base(&row(&[(1, 0)]), 10), Some(1));
        let expired = row(&[(1, 0)]);
        assert_eq!(base_beside_next(&expired, 5 * 86_400), None);
        let ahead = row(&[(1, 9 * 86_400)]);
        assert_eq!(base_beside_next(&ahead, 10), None);
        let set_right = row(&[(1, 9 * 86_400), (2, 10)]);
        assert_eq!(base(&set_right, 20), Some(2));
    }

    #[test]
    fn bases_are_forgotten_in_time_and_are_never_many() {
        let many: Vec<_> = (1..100).map(|number| (number, 10)).collect();
        assert_eq!(row(&many).bases.len(), MAX_BASES);
        let slow: Vec<_> = (1..100_u64).zip((0..).step_by(86_400)).collect();
        assert_eq!(row(&slow).bases.len(), 1);
    }

    #[test]
    fn delta_shares_the_number_of_the_list_before_once() {
        let mut row = row(&[(7, 0)]);
        assert_eq!(row.accompanied(), Some(7));
        row.last_delta = 7;
        assert_eq!(row.accompanied(), None);
        row.last_delta = 3;
        row.last_number = 8;
        assert_eq!(row.accompanied(), None, "a number was burnt since");
    }

    /// Numbers of lists made at these times.
    fn numbers(row: &mut CrlRow, times: &[i64]) -> Vec<u64> {
        times
            .iter()
            .map(|at| {
                let number = row.next_number(UnixTime::from_seconds(*at));
                row.note_number(number, *at);
                number
            })
            .collect()
    }

    #[test]
    fn numbers_follow_the_clock_and_never_fall() {
        let mut row = CrlRow::default();
        assert_eq!(
            numbers(&mut row, &[1_000, 1_000, 1_500]),
            [1_000, 1_001, 1_500]
        );
        // A clock that was ahead is followed from there on.
        assert_eq!(
            numbers(&mut row, &[90_000, 2_000, 2_010, 2_010, 2_020]),
            [90_000, 90_001, 90_011, 90_012, 90_021]
        );
        // Right again, or ahead by less: never below.
        assert_eq!(numbers(&mut row, &[90_000]), [178_001]);
    }

    #[test]
    fn numbers_that_were_taken_over_are_followed_by_the_clock() {
        let mut row = CrlRow::default();
        row.note_number(20_261_120_000_000, 5_000);
        let made = numbers(&mut row, &[5_000, 5_060]);
        assert_eq!(made, [20_261_120_000_001, 20_261_120_000_060]);
        let mut low = CrlRow::default();
        low.note_number(41, 5_000);
        assert_eq!(numbers(&mut low, &[5_000]), [5_000]);
        let mut highest = CrlRow::default();
        highest.note_number(1 << 62, 0);
        assert_eq!(
            numbers(&mut highest, &[i64::from(u32::MAX)]),
            [(1 << 62) + 4_294_967_295]
        );
    }

    #[test]
    fn bursts_do_not_lift_numbers_off_the_clock() {
        let mut row = CrlRow::default();
        for burst in 1..1_000 {
            let at = burst * 10;
            assert_eq!(numbers(&mut row, &[at, at, at])[0], by_clock(at));
        }
        assert_eq!(row.numbers_above_clock, 0);
    }

    #[test]
    fn nothing_is_based_on_the_final_list() {
        let mut row = row(&[(1, 0), (2, 10)]);
        row.publish(CrlVersion {
            next_update: UnixTime::MAX.seconds(),
            ..full(3, 20)
        });
        assert!(row.full.as_ref().is_some_and(CrlVersion::is_final));
        assert_eq!((row.delta, row.bases), (None, Vec::new()));
    }
}
