//! What is remembered of a series beside what the ledger says.

use kasane_verify::UnixTime;

/// After a failure a series rests: each attempt burns a CRL number.
const FIRST_REST_SECONDS: i64 = 30;

/// The longest rest, well below the hour in which a revocation must be in a CRL.
const LONGEST_REST_SECONDS: i64 = 600;

/// After somebody asked for a list that does not hold, and no other could be made: many may ask.
const REST_ON_DEMAND_SECONDS: i64 = 10;

/// How often people are told that the list of a root waits for a ceremony.
const REMINDER_SECONDS: i64 = 86_400;

/// What the projection does not say of a series.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Series {
    pub(crate) full_for_revocation: Option<UnixTime>,
    pub(crate) delta_for_revocation: Option<UnixTime>,
    failures: u32,
    pub(crate) rests_until: Option<UnixTime>,
    /// Until then nobody's question makes a list.
    rests_on_demand_until: Option<UnixTime>,
    /// When people were last told that a ceremony is due.
    reminded_at: Option<UnixTime>,
    /// From when and until when a revocation waits for its list.
    waits: Option<(UnixTime, UnixTime)>,
}

impl Series {
    pub(crate) fn rests(&self, now: UnixTime) -> bool {
        is_before(now, self.rests_until, LONGEST_REST_SECONDS)
    }

    /// The same for what somebody asks for.
    pub(crate) fn rests_on_demand(&self, now: UnixTime) -> bool {
        is_before(now, self.rests_on_demand_until, REST_ON_DEMAND_SECONDS)
    }

    pub(crate) fn brought_nothing_on_demand(&mut self, now: UnixTime) {
        self.rests_on_demand_until = Some(now.plus_seconds(REST_ON_DEMAND_SECONDS));
    }

    /// A revocation waits until `pause` seconds after the list made at `last`.
    pub(crate) fn wait(&mut self, last: Option<UnixTime>, pause: i64, now: UnixTime) {
        let Some(last) = last else { return };
        let until = last.plus_seconds(pause);
        let until = self.waits.map_or(until, |(_, before)| until.min(before));
        self.waits = Some((now, until));
    }

    /// What began to wait in `present` after it was `known` waits here too.
    pub(crate) fn keep_what_waits_since(&mut self, known: &Self, present: &Self) {
        if present.waits != known.waits {
            self.waits = present.waits;
        }
    }

    /// Nothing waits, as far as is known.
    pub(crate) const fn wait_for_nothing(&mut self) {
        self.waits = None;
    }

    /// Whether the wait is over.
    pub(crate) fn has_waited(&self, now: UnixTime) -> bool {
        // A clock that was set back since makes no longer wait.
        let is_over = |(since, until)| now >= until || now < since;
        self.waits.is_some_and(is_over) && !self.rests(now)
    }

    pub(crate) const fn succeeded(&mut self) {
        self.failures = 0;
        self.rests_until = None;
    }

    pub(crate) fn failed(&mut self, now: UnixTime) {
        let rest = FIRST_REST_SECONDS << self.failures.min(5);
        self.failures = self.failures.saturating_add(1);
        self.rests_until = Some(now.plus_seconds(rest.min(LONGEST_REST_SECONDS)));
    }

    /// Whether people are to be told now that a ceremony is due.
    pub(crate) fn reminds(&mut self, now: UnixTime) -> bool {
        let due = |last: UnixTime| now < last || now.seconds_since(last) >= REMINDER_SECONDS;
        let reminds = self.reminded_at.is_none_or(due);
        if reminds {
            self.reminded_at = Some(now);
        }
        reminds
    }
}

/// Whether a rest of at most `longest_seconds` goes on. One that a clock ahead began would last as long
/// as that clock was wrong.
fn is_before(now: UnixTime, until: Option<UnixTime>, longest_seconds: i64) -> bool {
    until.is_some_and(|until| now < until && until.seconds_since(now) <= longest_seconds)
}
