//! How far what is known reaches in time.
//!
//! An answer speaks for a moment at which this edge had every entry of the authority. That moment is the
//! authority's present in a page after which nothing was missing.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use kasane_ledger::disk::lacks_descriptor;
use kasane_verify::UnixTime;
use parking_lot::Mutex;

use super::note::Note;
use super::present::Present;
use crate::folder::{remove_durably, replace_durably};

/// The durable note is at most so much older than what is known, while there is contact.
const NOTE_SECONDS: i64 = 10;

/// A clock that moved by more against the authority's is noted at once.
const NOTE_CLOCK_SECONDS: i64 = 2;

/// Nothing is known.
const NEVER: i64 = i64::MIN;

/// How far what is known reaches in time.
pub(super) struct Knowledge {
    path: PathBuf,
    /// The start of the machine.
    boot: String,
    /// What the authority's clock shows.
    pub(super) present: Present,
    /// Seconds since the epoch.
    as_of: AtomicI64,
    durable: Mutex<Durable>,
    /// Whether nothing may be noted: what is held would be forgotten.
    is_withheld: AtomicBool,
}

/// A moment, seconds since the epoch, and the number of entries that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Complete {
    at: i64,
    size: u64,
}

struct Durable {
    /// The newest whose entries are durable.
    moment: Option<Complete>,
    /// One that waits for its entries.
    waits: Option<Complete>,
    /// What the note says.
    note: Option<Note>,
    /// Whether a note that counts no more is there still: it cannot be removed. After its end this edge
    /// would answer from it.
    is_stuck: bool,
}

/// Whether the note of a replica with `entries` entries may be believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Entries in the replica.
    pub(super) entries: u64,
    /// Whether what was held beyond them is there again as it was.
    pub(super) is_held_whole: bool,
}

impl Knowledge {
    /// As it was noted; nothing where no note can be believed, which is said and set aside.
    ///
    /// # Errors
    /// Those of the file system, when it cannot be opened for want of a descriptor, and when one that counts
    /// no more can be neither set aside nor removed: the next start might believe it.
    pub(super) fn read(path: PathBuf, boot: String, found: Found) -> io::Result<Self> {
        let note = match fs::read_to_string(&path) {
            Ok(text) => Note::parse(&text).ok_or("cannot be read"),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(""),
            Err(error) if lacks_descriptor(&error) => return Err(error),
            Err(_) => Err("cannot be read"),
        };
        let believed = note.clone().and_then(|note| match note.size {
            Some(size) if size > found.entries => {
                Err("is of a replica with more entries, which was put back since")
            }
            _ if !found.is_held_whole => Err("took revocations that were held and are lost"),
            _ => Ok(note),
        });
        if let Err(reason) = believed
            && !reason.is_empty()
        {
            let is_aside = fs::rename(&path, path.with_extension("refused")).is_ok();
            remove_durably(&path)?;
            tracing::error!(
                path = %path.display(), entries = found.entries, is_aside,
                "the note of how current this edge is {reason}: it answers nothing until it has \
                 caught up with the authority"
            );
        }
        let ahead = note.as_ref().map_or(0, |note| note.ahead_seconds);
        let at_boot = note.ok().and_then(|note| note.boot);
        let at_boot = at_boot.filter(|(noted, _)| !boot.is_empty() && *noted == boot);
        let believed = believed.ok();
        let moment = believed.as_ref().map(|note| Complete {
            at: note.as_of,
            size: note.size.unwrap_or(found.entries),
        });
        Ok(Self {
            path,
            boot,
            present: Present::noted(at_boot.map(|(_, at_boot)| at_boot), ahead),
            as_of: AtomicI64::new(moment.map_or(NEVER, |moment| moment.at)),
            durable: Mutex::new(Durable {
                moment,
                waits: None,
                note: believed,
                is_stuck: false,
            }),
            is_withheld: AtomicBool::new(false),
        })
    }

    /// The moment for which what is known speaks.
    pub(super) fn as_of(&self) -> Option<UnixTime> {
        let as_of = self.as_of.load(Ordering::Relaxed);
        (as_of != NEVER).then(|| UnixTime::from_seconds(as_of))
    }

    /// At `at` nothing was missing here; what was there are `size` entries.
    pub(super) fn complete(&self, at: UnixTime, size: u64) {
        let at = at.seconds();
        let mut durable = self.durable.lock();
        durable.waits.get_or_insert(Complete { at, size });
        if !durable.is_stuck {
            self.as_of.store(at, Ordering::Relaxed);
        }
    }

    /// The first `size` entries are durable here: notes the moment that they complete, unless the note
    /// is young; `at_once` does it all the same.
    pub(super) fn durable(&self, size: u64, at_once: bool) {
        let mut durable = self.durable.lock();
        let newer = durable.waits.take_if(|waits| waits.size <= size);
        durable.moment = newer.or(durable.moment);
        let Some(moment) = durable.moment.filter(|_| newer.is_some() || at_once) else {
            return;
        };
        let new = self.note_of(moment);
        if at_once || durable.note.as_ref().is_none_or(|old| is_due(old, &new)) {
            self.note(&mut durable, new);
        }
    }

    /// What was held beyond the durable entries counts no more, and with it the moments that rested on
    /// it: back to the newest that did not.
    pub(super) fn retreat(&self) {
        let mut durable = self.durable.lock();
        durable.waits = None;
        let at = durable.moment.map_or(NEVER, |moment| moment.at);
        self.as_of.store(at, Ordering::Relaxed);
    }

    /// From here on nothing is known, after a restart either.
    pub(super) fn forget(&self) {
        self.as_of.store(NEVER, Ordering::Relaxed);
        let mut durable = self.durable.lock();
        (durable.waits, durable.moment) = (None, None);
        self.remove(&mut durable);
    }

    /// While what is held cannot be noted, nothing is noted as known: after its death this edge would
    /// call good again what it had called revoked. It then answers nothing until it has caught up. Where
    /// the note cannot be removed either, it answers nothing from here on, until it can.
    pub(super) fn withhold(&self, is_withheld: bool) {
        let mut durable = self.durable.lock();
        let was_withheld = self.is_withheld.swap(is_withheld, Ordering::Relaxed);
        match durable.moment {
            _ if is_withheld && was_withheld && !durable.is_stuck => {}
            _ if is_withheld => self.remove(&mut durable),
            _ if !was_withheld => {}
            Some(moment) => {
                self.come_unstuck(&mut durable);
                let note = self.note_of(moment);
                self.note(&mut durable, note);
            }
            None => self.come_unstuck(&mut durable),
        }
    }

    /// Whether a restart without the authority would find nothing to answer from.
    pub(super) fn is_withheld(&self) -> bool {
        self.is_withheld.load(Ordering::Relaxed)
    }

    /// What the note would say counts again.
    fn come_unstuck(&self, durable: &mut Durable) {
        if std::mem::take(&mut durable.is_stuck) {
            let at = durable.moment.map_or(NEVER, |moment| moment.at);
            self.as_of.store(at, Ordering::Relaxed);
        }
    }

    fn note_of(&self, moment: Complete) -> Note {
        let at_boot = self.present.at_boot();
        Note {
            as_of: moment.at,
            size: Some(moment.size),
            ahead_seconds: self.present.ahead_seconds(),
            boot: at_boot
                .filter(|_| !self.boot.is_empty())
                .map(|at_boot| (self.boot.clone(), at_boot)),
        }
    }

    fn note(&self, durable: &mut Durable, note: Note) {
        if self.is_withheld() {
            return;
        }
        match replace_durably(&self.path, note.to_text().as_bytes()) {
            Ok(()) => durable.note = Some(note),
            // The older note stays: after a restart this edge claims less.
            Err(error) => tracing::warn!(
                %error, path = %self.path.display(), "how current this edge is cannot be noted"
            ),
        }
    }

    fn remove(&self, durable: &mut Durable) {
        durable.note = None;
        let was_stuck = durable.is_stuck;
        let removed = remove_durably(&self.path);
        durable.is_stuck = removed.is_err();
        let Err(error) = removed else {
            return;
        };
        self.as_of.store(NEVER, Ordering::Relaxed);
        if !was_stuck {
            tracing::error!(
                %error, path = %self.path.display(),
                "what counts no more cannot be removed, and this edge answers nothing meanwhile: remove it \
                 before this edge starts again"
            );
        }
    }
}

/// Whether the note is too old, or of another time than the authority's.
fn is_due(old: &Note, new: &Note) -> bool {
    let at_boot = |note: &Note| note.boot.as_ref().map_or(0, |(_, at_boot)| *at_boot);
    let moved = |old: i64, new: i64, most: i64| old.saturating_sub(new).saturating_abs() > most;
    !(0..NOTE_SECONDS).contains(&new.as_of.saturating_sub(old.as_of))
        || moved(old.ahead_seconds, new.ahead_seconds, NOTE_CLOCK_SECONDS)
        || moved(at_boot(old), at_boot(new), NOTE_CLOCK_SECONDS * 1_000)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const WHOLE: Found = Found {
        entries: 1_000,
        is_held_whole: true,
    };

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn read(path: &Path, found: Found) -> Knowledge {
        Knowledge::read(path.to_owned(), "boot".to_owned(), found).unwrap()
    }

    fn noted(path: &Path) -> Option<UnixTime> {
        read(path, WHOLE).as_of()
    }

    #[test]
    fn note_claims_no_more_than_what_is_durable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = read(&path, WHOLE);
        assert_eq!(knowledge.as_of(), None);
        knowledge.complete(at(1_000), 50);
        knowledge.complete(at(1_005), 60);
        assert_eq!(knowledge.as_of(), Some(at(1_005)));
        knowledge.durable(49, true);
        assert_eq!(noted(&path), None);
        knowledge.durable(50, true);
        assert_eq!(noted(&path), Some(at(1_000)));
        // What is not noted for its youth is durable all the same.
        knowledge.complete(at(1_006), 60);
        knowledge.durable(60, false);
        assert_eq!(noted(&path), Some(at(1_000)));
        // A stop leaves no young one behind.
        knowledge.durable(60, true);
        assert_eq!(noted(&path), Some(at(1_006)));
        knowledge.complete(at(1_020), 70);
        knowledge.retreat();
        assert_eq!(knowledge.as_of(), Some(at(1_006)));
        knowledge.forget();
        assert_eq!(knowledge.as_of(), None);
        assert_eq!(noted(&path), None);
    }

    #[test]
    fn note_of_more_entries_than_the_replica_has_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = read(&path, WHOLE);
        knowledge.complete(at(1_000), 50);
        knowledge.durable(50, true);
        let of = |entries| Found { entries, ..WHOLE };
        assert_eq!(read(&path, of(50)).as_of(), Some(at(1_000)));
        assert_eq!(read(&path, of(49)).as_of(), None);
        // It is kept for who examines, and counts no more.
        assert!(path.with_extension("refused").exists());
        assert_eq!(read(&path, of(50)).as_of(), None);
    }

    #[test]
    fn note_counts_only_with_what_was_held_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = read(&path, WHOLE);
        knowledge.complete(at(1_000), 50);
        knowledge.durable(50, true);
        let lost = Found {
            is_held_whole: false,
            ..WHOLE
        };
        assert_eq!(read(&path, lost).as_of(), None);
    }

    #[test]
    fn note_of_an_older_release_is_believed_and_a_garbled_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        fs::write(&path, "1 1000 900\n").unwrap();
        let old = read(&path, WHOLE);
        assert_eq!(old.as_of(), Some(at(1_000)));
        assert_eq!(old.present.ahead_seconds(), 900);
        for garbled in [
            &b""[..],
            b"\0\0\0",
            b"2 1000 50 0 - 0 00000000\n",
            &[0xff; 9],
        ] {
            fs::write(&path, garbled).unwrap();
            assert_eq!(noted(&path), None, "{garbled:?}");
        }
    }

    #[test]
    fn nothing_is_known_while_a_note_that_counts_no_more_cannot_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = read(&path, WHOLE);
        knowledge.complete(at(1_000), 50);
        knowledge.durable(50, true);
        // A folder in its place is not removed like a file.
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        knowledge.withhold(true);
        assert_eq!(knowledge.as_of(), None);
        knowledge.complete(at(1_001), 50);
        knowledge.withhold(true);
        assert_eq!(knowledge.as_of(), None);
        fs::remove_dir(&path).unwrap();
        // What is held was noted after all.
        knowledge.withhold(false);
        assert_eq!(knowledge.as_of(), Some(at(1_000)));
        knowledge.withhold(true);
        knowledge.complete(at(1_002), 50);
        assert_eq!(knowledge.as_of(), Some(at(1_002)));
        assert_eq!(noted(&path), None);
        knowledge.durable(50, true);
        knowledge.withhold(false);
        assert!(noted(&path).is_some());
    }

    #[test]
    fn nothing_is_noted_while_what_is_held_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("knowledge");
        let knowledge = read(&path, WHOLE);
        knowledge.complete(at(1_000), 50);
        knowledge.durable(50, true);
        knowledge.withhold(true);
        assert_eq!(noted(&path), None);
        knowledge.complete(at(1_100), 50);
        knowledge.durable(50, true);
        assert_eq!(noted(&path), None);
        assert_eq!(knowledge.as_of(), Some(at(1_100)));
        knowledge.withhold(false);
        assert_eq!(noted(&path), Some(at(1_100)));
    }
}
