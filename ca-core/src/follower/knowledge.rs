//! How far what is known reaches in time.
//!
//! An answer speaks for a moment at which this edge had every entry of the authority. That moment is the
//! authority's present in a page after which nothing was missing, and never later than the clock here.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use kasane_verify::UnixTime;
use parking_lot::Mutex;

use crate::folder::replace_durably;

/// The durable note is at most so much older than what is known, while there is contact.
const NOTE_SECONDS: i64 = 10;

/// A clock that moved by more against the authority's is noted at once.
const NOTE_CLOCK_SECONDS: i64 = 2;

/// Nothing is known.
const NEVER: i64 = i64::MIN;

/// How far what is known reaches in time.
pub(super) struct Knowledge {
    path: PathBuf,
    /// Seconds since the epoch.
    as_of: AtomicI64,
    /// By how much the clock here is ahead of the authority's.
    ahead_seconds: AtomicI64,
    durable: Mutex<Durable>,
}

struct Durable {
    /// What the note says.
    noted: i64,
    /// By how much the clock was ahead when it was written.
    noted_ahead: i64,
    /// A moment, and the number of entries that must be durable before it may be noted.
    waits: Option<(i64, u64)>,
}

impl Knowledge {
    /// As it was noted; nothing where no note can be read.
    pub(super) fn read(path: PathBuf) -> Self {
        let note = fs::read_to_string(&path).unwrap_or_default();
        let mut fields = note.split_whitespace().map(str::parse::<i64>);
        let (as_of, ahead) = match (fields.next(), fields.next(), fields.next()) {
            (Some(Ok(1)), Some(Ok(as_of)), Some(Ok(ahead))) => (as_of, ahead.max(0)),
            _ => (NEVER, 0),
        };
        Self {
            path,
            as_of: AtomicI64::new(as_of),
            ahead_seconds: AtomicI64::new(ahead),
            durable: Mutex::new(Durable {
                noted: as_of,
                noted_ahead: ahead,
                waits: None,
            }),
        }
    }

    /// The clock, put back to the authority's where it is ahead: no answer is of the future.
    pub(super) fn present(&self, clock: UnixTime) -> UnixTime {
        clock.plus_seconds(-self.ahead_seconds.load(Ordering::Relaxed))
    }

    /// The moment for which what is known speaks.
    pub(super) fn as_of(&self) -> Option<UnixTime> {
        let as_of = self.as_of.load(Ordering::Relaxed);
        (as_of != NEVER).then(|| UnixTime::from_seconds(as_of))
    }

    /// By how much the clock here is ahead of the authority's, in seconds.
    pub(super) fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }

    /// The authority says that it is `theirs` while the clock here says `clock`.
    pub(super) fn compare_clocks(&self, theirs: UnixTime, clock: UnixTime) {
        let ahead = clock.seconds_since(theirs).max(0);
        self.ahead_seconds.store(ahead, Ordering::Relaxed);
    }

    /// At `at` nothing was missing here; what was there are `size` entries.
    pub(super) fn complete(&self, at: UnixTime, size: u64) {
        self.as_of.store(at.seconds(), Ordering::Relaxed);
        let moment = (at.seconds(), size);
        self.durable.lock().waits.get_or_insert(moment);
    }

    /// The first `size` entries are durable here: notes the moment that they complete, unless the note
    /// is young; `at_once` does it all the same.
    pub(super) fn durable(&self, size: u64, at_once: bool) {
        let mut durable = self.durable.lock();
        let Some((at, needed)) = durable.waits else {
            return;
        };
        if needed > size {
            return;
        }
        durable.waits = None;
        let is_young = durable.noted != NEVER && at.saturating_sub(durable.noted) < NOTE_SECONDS;
        let moved = (self.ahead_seconds() - durable.noted_ahead).abs() > NOTE_CLOCK_SECONDS;
        if is_young && !moved && !at_once {
            return;
        }
        self.note(&mut durable, at);
    }

    /// What was held beyond the durable entries counts no more, and with it the moments that rested on
    /// it: back to the one that was noted.
    pub(super) fn retreat(&self) {
        let mut durable = self.durable.lock();
        durable.waits = None;
        self.as_of.store(durable.noted, Ordering::Relaxed);
    }

    /// From here on nothing is known, after a restart either.
    pub(super) fn forget(&self) {
        self.as_of.store(NEVER, Ordering::Relaxed);
        let mut durable = self.durable.lock();
        durable.waits = None;
        self.note(&mut durable, 0);
    }

    fn note(&self, durable: &mut Durable, at: i64) {
        let ahead = self.ahead_seconds();
        let note = format!("1 {at} {ahead}\n");
        match replace_durably(&self.path, note.as_bytes()) {
            Ok(()) => (durable.noted, durable.noted_ahead) = (at, ahead),
            // The older note stays: after a restart this edge claims less.
            Err(error) => tracing::warn!(
                %error, path = %self.path.display(), "how current this edge is cannot be noted"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn note_claims_no_more_than_what_is_durable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = Knowledge::read(path.clone());
        assert_eq!(knowledge.as_of(), None);
        knowledge.complete(at(1_000), 50);
        knowledge.complete(at(1_005), 60);
        assert_eq!(knowledge.as_of(), Some(at(1_005)));
        knowledge.durable(49, true);
        assert_eq!(Knowledge::read(path.clone()).as_of(), None);
        knowledge.durable(50, true);
        assert_eq!(Knowledge::read(path.clone()).as_of(), Some(at(1_000)));
        knowledge.complete(at(1_020), 70);
        knowledge.retreat();
        assert_eq!(knowledge.as_of(), Some(at(1_000)));
        knowledge.forget();
        assert_eq!(Knowledge::read(path).as_of(), Some(at(0)));
        assert_eq!(knowledge.as_of(), None);
    }

    #[test]
    fn clock_that_is_ahead_is_put_back_and_one_that_is_late_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let knowledge = Knowledge::read(folder.path().join("knowledge"));
        knowledge.compare_clocks(at(1_000), at(1_900));
        assert_eq!(knowledge.present(at(1_910)), at(1_010));
        knowledge.compare_clocks(at(2_000), at(1_000));
        assert_eq!(knowledge.present(at(1_010)), at(1_010));
    }
}
