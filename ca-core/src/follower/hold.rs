//! What is held, and what of it becomes durable.

use kasane_ledger::{Batch, Ledger};

use super::held::Held;
use super::step::Fault;
use super::{FollowError, Follower};
use crate::projection::{ApplyError, meta};

/// Entries and octets that the replica is given at once.
const BATCH_ENTRIES: usize = 4_096;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Where so many are held that were revoked, another touches all that is kept: to look through them for
/// each would take longer.
const MANY: usize = 1_024;

impl Follower {
    /// Of what is held and what is new, the first `count` become durable; the rest is held.
    pub(super) fn hold_or_store(&self, new: Vec<Vec<u8>>, count: usize) -> Result<(), Fault> {
        // While catching up nothing is applied twice.
        let is_direct = self.held.read().entries.is_empty() && count == new.len();
        if !is_direct {
            self.hold(new)?;
            self.held.write().covered = count;
            return self.store_covered();
        }
        if new.is_empty() {
            return Ok(());
        }
        let first = self.held.read().first;
        let outcome = store(&self.ledger, &new);
        // A disk that fills up may have taken some; and what the tables lack counts from here.
        let progress = self.progress()?;
        let stored = usize::try_from(progress.next_index.saturating_sub(first));
        let rest: Vec<_> = new.into_iter().skip(stored.unwrap_or(usize::MAX)).collect();
        let covered = rest.len();
        *self.held.write() = Held::none(progress);
        let held = self.hold(rest);
        self.held.write().covered = covered;
        outcome?;
        held?;
        Ok(self.refresh_issuers()?)
    }

    /// What is held and covered becomes durable.
    pub(super) fn store_covered(&self) -> Result<(), Fault> {
        let (first, outcome) = {
            // Only this thread changes it: who asks for a status is not kept waiting.
            let held = self.held.read();
            if held.covered == 0 {
                drop(held);
                // They could not be read the last time.
                return Ok(self.refresh_issuers()?);
            }
            (held.first, store(&self.ledger, held.covered()))
        };
        let progress = self.progress()?;
        let stored = usize::try_from(progress.next_index.saturating_sub(first));
        let stored = stored.unwrap_or(usize::MAX);
        if stored > 0 {
            let rest = self.held.read().without(stored, &*self.tables, progress);
            let rest = rest.map_err(FollowError::from)?;
            if let Err(error) = self.held_file.lock().compact(rest.first, &rest.entries) {
                tracing::warn!(%error, "the file of what is held keeps what is durable elsewhere");
            }
            *self.held.write() = rest;
        }
        outcome?;
        Ok(self.refresh_issuers()?)
    }

    /// Holds entries; what they revoke is revoked at once. They are noted before, so that nothing is said
    /// that a killed edge would forget.
    fn hold(&self, new: Vec<Vec<u8>>) -> Result<(), FollowError> {
        if new.is_empty() {
            return Ok(());
        }
        self.note_held_and(&new);
        for entry in new {
            // One at a time: an entry of a mass revocation changes thousands of rows, and who asks
            // for a status is not kept waiting by a whole page of them.
            let mut held = self.held.write();
            let before = held.view.revocations();
            let pushed = held.push(&*self.tables, entry);
            // Under the lock: who reads the new count waits for the new status.
            self.advance(&held, held.view.revocations() - before);
            pushed?;
        }
        Ok(())
    }

    /// So many more are revoked by what is held.
    fn advance(&self, held: &Held, more: usize) {
        let octets = match held.view.revocations() {
            _ if more == 0 => return,
            // They end with every octet.
            MANY.. => (0..=u8::MAX).collect(),
            _ => held.view.revoked_octets(),
        };
        for octet in octets {
            self.status_changes.advance(octet);
        }
    }

    /// Holds what was held before a restart.
    ///
    /// # Errors
    /// [`ApplyError::Store`]: the file is left as it is.
    pub(super) fn hold_again(&self, entries: Vec<Vec<u8>>) -> Result<(), ApplyError> {
        let mut held = self.held.write();
        for entry in entries {
            match held.push(&*self.tables, entry) {
                Ok(()) => {}
                Err(error @ ApplyError::Store(_)) => return Err(error),
                // One that means nothing here stopped the edge before: so did those after it.
                Err(_) => break,
            }
        }
        let mut file = self.held_file.lock();
        let kept = file.keep(held.first, &held.entries);
        if let Err(error) = kept.and_then(|()| file.sync()) {
            tracing::error!(%error, "what no checkpoint covers is held in memory only");
            self.knowledge.withhold(true);
        }
        Ok(())
    }

    /// Notes what is held and could not be noted before.
    pub(super) fn note_held(&self) {
        if self.knowledge.is_withheld() {
            self.note_held_and(&[]);
        }
    }

    fn note_held_and(&self, new: &[Vec<u8>]) {
        let noted = {
            let held = self.held.read();
            let mut file = self.held_file.lock();
            let noted = file.append(held.first, &held.entries, new);
            noted.and_then(|()| file.sync())
        };
        if let Err(error) = &noted
            && !self.knowledge.is_withheld()
        {
            tracing::error!(
                %error,
                "what no checkpoint covers is not durable here: if this edge ends now, it answers nothing \
                 until it reaches the authority"
            );
        }
        self.knowledge.withhold(noted.is_err());
    }

    /// Believes nothing any more that no checkpoint covers.
    pub(super) fn drop_held(&self) {
        let Ok(progress) = self.progress() else {
            return;
        };
        let mut held = self.held.write();
        let revoked = held.view.revoked_octets();
        *held = Held::none(progress);
        drop(held);
        self.knowledge.retreat();
        self.held_file.lock().set_aside();
        self.knowledge.withhold(false);
        revoked
            .into_iter()
            .for_each(|octet| self.status_changes.advance(octet));
    }

    fn progress(&self) -> Result<meta::Progress, FollowError> {
        Ok(meta::progress(&*self.tables)?)
    }
}

/// Appends checked entries, a bounded number at a time. What was stored before a failure stays.
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
