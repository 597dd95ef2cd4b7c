//! One page after another.

use std::time::Duration;

use kasane_ledger::checkpoint::{Checkpoint, NoteError};
use kasane_ledger::{Batch, Ledger};

use super::check::{Covered, check, same};
use super::held::Held;
use super::{Ask, Contact, FeedError, FollowError, Follower, Page};
use crate::projection::{Provisional, meta};

/// Entries and octets that the replica is given at once.
const BATCH_ENTRIES: usize = 4_096;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// What came of asking once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A page was taken: ask again.
    Followed,
    /// Not this time: ask again after a pause.
    Failed,
    /// There is no going on: an operator must look.
    Stopped,
}

/// Why a page was not taken.
enum Fault {
    /// This time.
    Passing(FeedError),
    /// For good.
    Lasting(FollowError),
    /// The disk is full, or fails: what was received is held in memory.
    Disk(kasane_ledger::Error),
}

impl Follower {
    /// Asks once for what is new, and takes it. Blocks for about `wait` where there is nothing. To be
    /// called again and again by one thread.
    pub fn step(&self, wait: Duration) -> Step {
        let _one = self.stepping.lock();
        if matches!(
            *self.contact.read(),
            Contact::Stopped { .. } | Contact::Removed
        ) {
            return Step::Stopped;
        }
        match self.take_page(wait) {
            Ok(()) => {
                self.set_contact(Contact::Current);
                Step::Followed
            }
            Err(Fault::Passing(FeedError::Removed)) => {
                tracing::error!("this responder was removed at the authority: it answers no more");
                self.knowledge.forget();
                self.status_changes.halt();
                self.set_contact(Contact::Removed);
                Step::Stopped
            }
            Err(Fault::Passing(error)) => {
                self.fails(error.code(), error.to_string());
                Step::Failed
            }
            Err(Fault::Disk(error)) => {
                self.fails(error.code(), error.to_string());
                Step::Failed
            }
            Err(Fault::Lasting(error)) => {
                tracing::error!(
                    code = error.code(), %error,
                    "this edge follows no further; it answers from what it checked until that is too old"
                );
                // What is not of this ledger is not believed. Whatever else went wrong, a revocation that
                // was heard of stands.
                if error.is_of_another_ledger() {
                    self.drop_held();
                }
                self.set_contact(Contact::Stopped {
                    code: error.code(),
                    reason: error.to_string(),
                });
                Step::Stopped
            }
        }
    }

    fn take_page(&self, wait: Duration) -> Result<(), Fault> {
        if let Some(stop) = self.ledger.stopped() {
            return Err(FollowError::Replica(kasane_ledger::Error::Stopped(stop)).into());
        }
        let (durable, held, is_full) = {
            let held = self.held.read();
            (self.ledger.size(), held.entries.len(), held.is_full())
        };
        let received = durable + held as u64;
        let adopted = self.ledger.checkpoint_size().unwrap_or(0);
        let ask = Ask {
            from: received,
            checkpoint: adopted,
            covered_only: is_full,
            wait,
        };
        let page = match self.parts.feed.page(&ask) {
            Ok(page) => page,
            Err(FeedError::Behind { size }) => {
                let (ours, theirs) = (received, size);
                return Err(FollowError::Rollback { ours, theirs }.into());
            }
            Err(error) => return Err(Fault::Passing(error)),
        };
        let clock = self.parts.clock.now();
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
        self.knowledge.compare_clocks(time, clock);
        // On a full disk too: what is held in memory counts as long as this process lives.
        let received = self.ledger.size() + self.held.read().entries.len() as u64;
        if received == size && self.ledger.checkpoint_size().is_some() {
            let present = self.knowledge.present(clock);
            self.knowledge.complete(time.min(present), size);
        }
        self.knowledge.durable(self.ledger.size(), false);
        taken
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
                let root = self
                    .ledger
                    .root_at(checkpoint.size)
                    .map_err(FollowError::Replica)?;
                same(checkpoint.head(), root)?;
                Covered::Exactly(0)
            }
            None => Covered::Exactly(0),
        };
        let count = match covered {
            Covered::Exactly(count) => count,
            Covered::All => self.held.read().entries.len() + page.entries.len(),
        };
        let is_news = !page.entries.is_empty() || count > 0;
        let outcome = self.hold_or_store(page.entries, count);
        if is_news {
            let held = self.held.read();
            self.held_file.write(self.ledger.size(), &held.entries);
        }
        outcome?;
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

    /// Of what is held and what is new, the first `count` become durable; the rest is held.
    fn hold_or_store(&self, new: Vec<Vec<u8>>, count: usize) -> Result<(), Fault> {
        // While catching up nothing is applied twice.
        let is_direct = self.held.read().entries.is_empty() && count == new.len();
        let covered = if is_direct {
            new
        } else {
            self.hold(new)?;
            self.held
                .read()
                .entries
                .iter()
                .take(count)
                .cloned()
                .collect()
        };
        if covered.is_empty() {
            return Ok(());
        }
        let before = self.ledger.size();
        let outcome = store(&self.ledger, &covered);
        // A disk that fills up may have taken some.
        let stored = usize::try_from(self.ledger.size() - before).unwrap_or(usize::MAX);
        let progress = self.progress()?;
        if is_direct {
            *self.held.write() = Held::none(Provisional::after(progress));
            self.hold(covered.into_iter().skip(stored).collect())?;
        } else {
            // Only this thread changes it: who asks for a status is not kept waiting.
            let rest = self.held.read().without(stored, &*self.tables, progress);
            *self.held.write() = rest.map_err(FollowError::from)?;
        }
        outcome?;
        Ok(self.refresh_issuers().map_err(FollowError::Issuers)?)
    }

    fn progress(&self) -> Result<meta::Progress, FollowError> {
        Ok(meta::progress(&*self.tables)?)
    }

    /// Holds entries; what they revoke is revoked at once.
    fn hold(&self, entries: Vec<Vec<u8>>) -> Result<(), FollowError> {
        if entries.is_empty() {
            return Ok(());
        }
        for entry in entries {
            // One at a time: an entry of a mass revocation changes thousands of rows, and who asks
            // for a status is not kept waiting by a whole page of them.
            self.held.write().push(&*self.tables, entry)?;
        }
        let revoked = self.held.read().view.revoked_octets();
        // After the lock: who reads the new count reads the new status.
        revoked
            .into_iter()
            .for_each(|octet| self.status_changes.advance(octet));
        Ok(())
    }

    /// Believes nothing any more that no checkpoint covers.
    fn drop_held(&self) {
        let Ok(progress) = self.progress() else {
            return;
        };
        let mut held = self.held.write();
        let revoked = held.view.revoked_octets();
        *held = Held::none(Provisional::after(progress));
        drop(held);
        self.knowledge.retreat();
        self.held_file.set_aside();
        revoked
            .into_iter()
            .for_each(|octet| self.status_changes.advance(octet));
    }

    fn fails(&self, code: &'static str, reason: String) {
        let mut contact = self.contact.write();
        let since = match &*contact {
            Contact::Failing { since, .. } => *since,
            _ => self.parts.clock.now(),
        };
        if !matches!(&*contact, Contact::Failing { code: known, .. } if *known == code) {
            tracing::warn!(
                code,
                reason,
                "the authority is not followed for now; it is tried again"
            );
        }
        *contact = Contact::Failing {
            since,
            code,
            reason,
        };
    }

    fn set_contact(&self, contact: Contact) {
        let mut present = self.contact.write();
        if contact == Contact::Current && *present != Contact::Current {
            tracing::info!("the authority is followed");
        }
        *present = contact;
    }
}

/// Appends checked entries, a bounded number at a time. What was stored before a failure stays and is
/// counted by the ledger's size.
fn store(ledger: &Ledger, entries: &[Vec<u8>]) -> Result<(), kasane_ledger::Error> {
    let mut rest = entries;
    while !rest.is_empty() {
        let mut bytes = 0;
        let count = rest
            .iter()
            .take(BATCH_ENTRIES)
            .take_while(|entry| {
                bytes += entry.len();
                bytes <= BATCH_BYTES
            })
            .count()
            .max(1);
        let (now, later) = rest.split_at(count.min(rest.len()));
        ledger.append(Batch {
            entries: now.to_vec(),
            private: Vec::new(),
        })?;
        rest = later;
    }
    Ok(())
}

impl From<FollowError> for Fault {
    fn from(error: FollowError) -> Self {
        Self::Lasting(error)
    }
}

impl From<kasane_ledger::Error> for Fault {
    fn from(error: kasane_ledger::Error) -> Self {
        match error {
            error @ kasane_ledger::Error::DiskFull { .. } => Self::Disk(error),
            other => Self::Lasting(FollowError::Replica(other)),
        }
    }
}
