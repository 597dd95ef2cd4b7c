//! What followers are given.

use kasane_ledger::checkpoint::{Checkpoint, Note};

use super::Authority;
use crate::Error;
use crate::follower::Page;

impl Authority {
    /// The next page for a follower that has entries up to `from`: those that the newest checkpoint
    /// covers first, with a proof that they are the beginning of what it signs; then those that wait
    /// for the next one, unless `covered_only`. While an act that revokes many is recorded, none of these: a
    /// checkpoint over it follows at once, and whoever had to hold it would be busy with it. About `most_bytes` at a time.
    ///
    /// # Errors
    /// [`Error::Ledger`]: [`kasane_ledger::Error::NoSuchEntry`] when the follower has more than
    /// there is.
    pub fn feed_page(
        &self,
        from: u64,
        covered_only: bool,
        most_bytes: usize,
    ) -> Result<Page, Error> {
        // In this order: what is durable before `time` is among the first `size`, and so is an act that is
        // dated before it.
        let time = self.before_act(self.now());
        let covered_only = covered_only || self.is_recording_an_act();
        let checkpoint = self.ledger.latest_checkpoint();
        let size = self.ledger.size();
        let covered = match &checkpoint {
            Some(note) => signed(note)?.size,
            None => 0,
        };
        let end = match from {
            _ if from > size => {
                return Err(kasane_ledger::Error::NoSuchEntry { index: from, size }.into());
            }
            _ if from < covered => covered,
            _ if covered_only => from,
            _ => size,
        };
        let mut entries = Vec::new();
        let mut bytes = 0;
        if from < end {
            self.ledger.entries(from, |index, entry| {
                if index >= end || bytes >= most_bytes {
                    return std::ops::ControlFlow::Break(());
                }
                bytes += entry.len();
                entries.push(entry.to_vec());
                std::ops::ControlFlow::Continue(())
            })?;
        }
        let to = from + entries.len() as u64;
        let proof = if to < covered {
            self.ledger.prove_consistency(to, covered)?.hashes
        } else {
            Vec::new()
        };
        Ok(Page {
            origin: self.ledger.origin().to_owned(),
            time,
            size,
            from,
            checkpoint,
            proof,
            entries,
        })
    }
}

fn signed(note: &str) -> Result<Checkpoint, Error> {
    let read = Note::parse(note).and_then(|note| Checkpoint::from_text(&note.text));
    Ok(read.map_err(kasane_ledger::Error::from)?)
}
