//! What the authority's clock shows, as far as an edge can tell.
//!
//! A page bears the authority's time, and was made after it was asked for and before it came. From then
//! on time goes on here as the machine counts it, so no answer is of the future however the clock here
//! is set. The count begins anew when the machine starts: then the clock is believed again, less what it
//! was ahead when the authority was last heard of.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kasane_verify::UnixTime;

/// The authority was not heard of since the machine started.
const UNKNOWN: i64 = i64::MIN;

/// Pages that are made while an act revokes many speak for the time before it: so much later than due the
/// authority's time may be without its clock having been put back.
const HELD_BACK_MILLISECONDS: i64 = 300_000;

/// Clock and count at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// What the clock says.
    pub(super) clock: UnixTime,
    /// What passed since the machine started.
    pub(super) since_boot: Duration,
}

/// The authority's clock.
#[derive(Debug)]
pub(super) struct Present {
    /// What it showed when this machine started, at least; milliseconds since the epoch.
    at_boot: AtomicI64,
    /// By how much the clock here was ahead of it.
    ahead_seconds: AtomicI64,
}

impl Present {
    /// As it was noted: `at_boot` only in the same boot.
    pub(super) fn noted(at_boot: Option<i64>, ahead_seconds: i64) -> Self {
        Self {
            at_boot: AtomicI64::new(at_boot.unwrap_or(UNKNOWN)),
            ahead_seconds: AtomicI64::new(ahead_seconds.max(0)),
        }
    }

    /// The present, no later than the clock here or the authority's.
    pub(super) fn at(&self, moment: Moment) -> UnixTime {
        match self.at_boot.load(Ordering::Relaxed) {
            UNKNOWN => {
                let ahead = self.ahead_seconds.load(Ordering::Relaxed);
                moment.clock.plus_seconds(-ahead)
            }
            at_boot => {
                let theirs = at_boot.saturating_add(milliseconds(moment.since_boot));
                moment
                    .clock
                    .min(UnixTime::from_seconds(theirs.div_euclid(1_000)))
            }
        }
    }

    /// The authority said that it was `theirs`, between the two moments.
    pub(super) fn heard(&self, theirs: UnixTime, asked: Moment, came: Moment) {
        let theirs = theirs.seconds().saturating_mul(1_000);
        let least = theirs.saturating_sub(milliseconds(came.since_boot));
        // A time in whole seconds may be nearly one later.
        let most = theirs
            .saturating_add(1_000)
            .saturating_sub(milliseconds(asked.since_boot));
        let known = self.at_boot.load(Ordering::Relaxed);
        // What was learned before stands, so that a page that was long on its way puts nothing back;
        // unless the authority's clock was put back.
        let at_boot = if known.saturating_sub(most) > HELD_BACK_MILLISECONDS {
            least
        } else {
            known.max(least)
        };
        self.at_boot.store(at_boot, Ordering::Relaxed);
        let ahead = came.clock.seconds_since(self.at(came)).max(0);
        self.ahead_seconds.store(ahead, Ordering::Relaxed);
    }

    /// What the authority's clock showed when this machine started, if it was heard of since.
    pub(super) fn at_boot(&self) -> Option<i64> {
        let at_boot = self.at_boot.load(Ordering::Relaxed);
        (at_boot != UNKNOWN).then_some(at_boot)
    }

    /// By how much the clock here was ahead when the authority was last heard of.
    pub(super) fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(clock: i64, since_boot: u64) -> Moment {
        Moment {
            clock: UnixTime::from_seconds(clock),
            since_boot: Duration::from_secs(since_boot),
        }
    }

    fn heard(present: &Present, theirs: i64, asked: Moment, came: Moment) {
        present.heard(UnixTime::from_seconds(theirs), asked, came);
    }

    fn at(present: &Present, moment: Moment) -> i64 {
        present.at(moment).seconds()
    }

    #[test]
    fn clock_that_is_ahead_is_put_back_and_one_that_is_late_is_left() {
        let present = Present::noted(None, 0);
        assert_eq!(at(&present, moment(1_900, 50)), 1_900);
        heard(&present, 1_000, moment(1_900, 50), moment(1_900, 50));
        assert_eq!(at(&present, moment(1_910, 60)), 1_010);
        assert_eq!(present.ahead_seconds(), 900);
        heard(&present, 2_000, moment(1_000, 70), moment(1_000, 70));
        assert_eq!(at(&present, moment(1_010, 80)), 1_010);
        assert_eq!(present.ahead_seconds(), 0);
    }

    #[test]
    fn clock_that_is_stepped_forward_without_contact_moves_nothing() {
        let present = Present::noted(None, 0);
        heard(&present, 1_000, moment(1_000, 50), moment(1_000, 50));
        assert_eq!(at(&present, moment(90_000, 60)), 1_010);
        // And back.
        assert_eq!(at(&present, moment(1_020, 70)), 1_020);
        assert_eq!(at(&present, moment(500, 80)), 500);
    }

    #[test]
    fn page_that_speaks_for_the_time_before_an_act_puts_nothing_back() {
        let present = Present::noted(None, 0);
        heard(&present, 1_000, moment(1_000, 50), moment(1_000, 50));
        // An act began then and goes on.
        for seconds in (5..=250).step_by(5) {
            let now = moment(1_000 + seconds, 50 + seconds.unsigned_abs());
            heard(&present, 1_000, now, now);
            assert_eq!(at(&present, now), 1_000 + seconds);
            assert_eq!(present.ahead_seconds(), 0);
        }
    }

    #[test]
    fn page_that_was_long_on_its_way_puts_nothing_back() {
        let present = Present::noted(None, 0);
        heard(&present, 1_000, moment(1_000, 50), moment(1_000, 50));
        heard(&present, 1_001, moment(1_000, 50), moment(1_012, 62));
        assert_eq!(at(&present, moment(1_012, 62)), 1_012);
        assert_eq!(present.ahead_seconds(), 0);
    }

    #[test]
    fn authority_whose_clock_was_put_back_is_followed_back() {
        let present = Present::noted(None, 0);
        heard(&present, 9_000, moment(9_000, 50), moment(9_000, 50));
        heard(&present, 1_000, moment(9_060, 110), moment(9_060, 110));
        assert_eq!(at(&present, moment(9_070, 120)), 1_010);
    }

    #[test]
    fn times_without_measure_do_not_wrap() {
        let present = Present::noted(Some(i64::MAX), i64::MAX);
        assert_eq!(at(&present, moment(5, u64::MAX)), 5);
        heard(&present, i64::MAX, moment(5, 0), moment(i64::MIN, u64::MAX));
        let _ = present.at(moment(i64::MAX, u64::MAX));
    }
}
