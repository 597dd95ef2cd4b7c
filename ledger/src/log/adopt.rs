//! A copy of a ledger whose checkpoints are signed elsewhere.

use std::sync::atomic::Ordering;

use crate::checkpoint::CheckpointVerifier;
use crate::error::Error;
use crate::frontier::Frontier;
use crate::hash::Hash;
use crate::layout;
use crate::log::{Ledger, Published};

impl Ledger {
    /// Publishes a checkpoint that somebody else signed over exactly the durable entries: tiles and
    /// bundles are flushed first, as before a checkpoint of one's own.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when `verifier` does not know its signature; [`Error::Shorter`] or
    /// [`Error::Differs`] when it is of another tree; [`Error::DiskFull`], [`Error::NotDurable`],
    /// [`Error::Stopped`]. The old checkpoint stays.
    pub fn adopt_checkpoint(&self, note: &str, verifier: &CheckpointVerifier) -> Result<(), Error> {
        let checkpoint = verifier.open(note)?;
        let shared = &self.inner.shared;
        shared.check_running()?;
        let mut state = shared.flush.lock();
        let head = shared.flush_locked(&mut state)?;
        let expected = checkpoint.head();
        if head.size < expected.size {
            return Err(Error::Shorter {
                size: head.size,
                expected: expected.size,
                promised: "signed",
            });
        }
        if head != expected {
            return Err(Error::Differs {
                size: expected.size,
                expected: expected.root,
                found: head.root,
                promised: "signed",
            });
        }
        let files = &shared.store.files;
        let path = files.dir.join(layout::CHECKPOINT);
        let signed = &shared.store.signed_size;
        signed.fetch_max(head.size, Ordering::AcqRel);
        files
            .disk
            .replace(&path, note.as_bytes())
            .map_err(|e| Error::io("publishing", &path, e))?;
        *shared.published.write() = Some(Published {
            note: note.to_owned(),
            checkpoint,
        });
        Ok(())
    }

    /// Where the tree of the durable entries ends.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        Frontier(self.inner.shared.store.live.read().edge.clone())
    }

    /// The root that the tree had at `size`.
    ///
    /// # Errors
    /// [`Error::NoProof`] when it never had that size, [`Error::Tampered`], [`Error::Io`].
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        let store = &self.inner.shared.store;
        let present = store.head().size;
        if size > present {
            let (from, to) = (size, size);
            return Err(Error::NoProof {
                from,
                to,
                size: present,
            });
        }
        store.root_at(size)
    }
}
