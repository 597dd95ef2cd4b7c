//! What comes of one page.

use std::time::Duration;

use kasane_ledger::checkpoint::{Checkpoint, NoteError};

use super::check::{Covered, check, same};
use super::present::Moment;
use super::step::{Fault, Full};
use super::{Ask, FeedError, FollowError, Follower, Page};

impl Follower {
    /// Asks for a page and takes it.
    pub(super) fn take_page(&self, wait: Duration) -> Result<(), Fault> {
        if let Some(stop) = self.ledger.stopped() {
            return Err(FollowError::Replica(kasane_ledger::Error::Stopped(stop)).into());
        }
        self.make_room()?;
        let (received, is_full) = {
            let held = self.held.read();
            (held.end(), held.is_full(self.parts.held_limits))
        };
        let adopted = self.ledger.checkpoint_size().unwrap_or(0);
        let ask = Ask {
            from: received,
            checkpoint: adopted,
            covered_only: is_full,
            wait,
        };
        let asked = self.moment();
        let page = match self.parts.feed.page(&ask) {
            Ok(page) => page,
            Err(FeedError::Behind { size }) => {
                let (ours, theirs) = (received, size);
                return Err(FollowError::Rollback { ours, theirs }.into());
            }
            Err(error) => return Err(Fault::Passing(error)),
        };
        let came = self.moment();
        if page.origin != self.verifier.name() {
            return Err(FollowError::Origin {
                expected: self.verifier.name().to_owned(),
                found: page.origin,
            }
            .into());
        }
        if page.from != received {
            let what = format!("it begins with entry {}, not {received}", page.from);
            return Err(Fault::Passing(FeedError::Malformed { what }));
        }
        let checkpoint = self.checkpoint(&page, adopted)?;
        let (time, size) = (page.time, page.size);
        let taken = self.take(page, checkpoint);
        if let Err(Fault::Lasting(_)) = taken {
            return taken;
        }
        let present = &self.knowledge.present;
        present.heard(time, asked, came);
        // On a full disk too: what is held in memory counts as long as this process lives.
        let (end, full) = {
            let held = self.held.read();
            let is_full = held.is_full(self.parts.held_limits);
            let (entries, bytes) = (held.entries.len(), held.bytes);
            let full = Fault::Full(Full::NoCheckpoint { entries, bytes });
            (held.end(), is_full.then_some(full))
        };
        if end == size && self.ledger.checkpoint_size().is_some() {
            // What the authority stated is of its own time, however long it was on its way. Where that is
            // in the future here, it was stated after it was asked for.
            let stated = if time <= present.at(came) {
                time
            } else {
                time.min(asked.clock)
            };
            self.knowledge.complete(stated, size);
        }
        self.knowledge.durable(self.ledger.size(), false);
        taken?;
        full.filter(|_| end < size).map_or(Ok(()), Err)
    }

    /// What waited for the disk becomes durable, if it takes it now. Where it does not and no more may be
    /// held, nothing is asked for.
    fn make_room(&self) -> Result<(), Fault> {
        self.note_held();
        let cause = match self.store_covered() {
            Err(Fault::Disk(cause)) => cause.to_string(),
            other => return other,
        };
        let full = {
            let held = self.held.read();
            if !held.is_full(self.parts.held_limits) {
                return Ok(());
            }
            let (entries, bytes) = (held.entries.len(), held.bytes);
            Full::Disk {
                entries,
                bytes,
                cause,
            }
        };
        // Says nothing; but an edge that was removed hears of it.
        match self.parts.feed.count_signatures(&[]) {
            Err(FeedError::Removed) => Err(Fault::Passing(FeedError::Removed)),
            _ => Err(Fault::Full(full)),
        }
    }

    /// The page's checkpoint, signed by the pinned key and not older than the one before.
    fn checkpoint(&self, page: &Page, adopted: u64) -> Result<Option<(String, Checkpoint)>, Fault> {
        let Some(note) = &page.checkpoint else {
            return Ok(None);
        };
        let checkpoint = self.verifier.open(note).map_err(|error| match error {
            NoteError::Signature { .. } | NoteError::Unsigned { .. } => {
                FollowError::Unsigned(error).into()
            }
            malformed => Fault::Passing(FeedError::Malformed {
                what: malformed.to_string(),
            }),
        })?;
        if checkpoint.size < adopted {
            let (ours, theirs) = (adopted, checkpoint.size);
            return Err(FollowError::Rollback { ours, theirs }.into());
        }
        Ok(Some((note.clone(), checkpoint)))
    }

    /// Takes the page's entries: what is covered becomes durable, the rest is held.
    fn take(&self, page: Page, checkpoint: Option<(String, Checkpoint)>) -> Result<(), Fault> {
        let durable = self.ledger.size();
        let covered = match &checkpoint {
            Some((_, checkpoint)) if checkpoint.size >= durable => {
                let held = self.held.read();
                let entries: Vec<&[u8]> = held
                    .entries
                    .iter()
                    .chain(&page.entries)
                    .map(Vec::as_slice)
                    .collect();
                check(self.ledger.frontier(), &entries, checkpoint, &page.proof)?
            }
            Some((_, checkpoint)) => {
                let root = self.ledger.root_at(checkpoint.size)?;
                same(checkpoint.head(), root)?;
                Covered::Exactly(0)
            }
            None => Covered::Exactly(0),
        };
        let count = match covered {
            Covered::Exactly(count) => count,
            Covered::All => self.held.read().entries.len() + page.entries.len(),
        };
        self.hold_or_store(page.entries, count)?;
        if let Some((note, checkpoint)) = checkpoint
            && checkpoint.size == self.ledger.size()
            && self.ledger.checkpoint_size() != Some(checkpoint.size)
        {
            self.ledger
                .adopt_checkpoint(&note, &self.verifier)
                .map_err(Fault::Disk)?;
        }
        Ok(())
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            clock: self.parts.clock.now(),
            since_boot: self.parts.steady.since_boot(),
        }
    }
}
