//! The ledger: what callers see. Recovery, committing, flushing and checking are in the files beside.

mod adopt;
mod answer;
mod api;
mod blob;
mod commit;
mod files;
mod flush;
mod mark;
mod open;
mod read;
mod recover;
mod start;
mod store;
mod verify;
mod walk;

pub use api::{Appended, Batch, NoProjection, Observer, Options, PrivateRecord};
pub use blob::{BlobRef, MAX_BLOB_BYTES};
pub use open::OpenLedger;
pub use verify::{ScrubStatus, VerifyReport};

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Sender;
use parking_lot::{Mutex, RwLock};

use crate::bundle::MAX_ENTRY_BYTES;
use crate::checkpoint::Checkpoint;
use crate::error::{Error, Stop};
use crate::file_lock::FileLock;
use crate::hash::TreeHead;
use crate::journal::{JournalWriter, Segments};
use commit::Request;
use flush::FlushState;
use store::Store;

/// Greatest length of a private record: a bundle of 256 fits in memory. What is longer goes into an
/// encrypted blob.
pub const MAX_PRIVATE_BYTES: usize = 64 * 1024;

/// Greatest sum of a batch's entries and private records with their framing: recovery reads a whole
/// journal segment into memory. Two million certificates revoked together fit.
pub const MAX_BATCH_BYTES: u64 = 48 * 1024 * 1024;

/// Framing of a record in the journal, for the limit above.
const FRAMING_BYTES: u64 = 16;

/// An open ledger. Cheap to clone; all methods block and may be called from any thread.
#[derive(Clone, Debug)]
pub struct Ledger {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    queue: RwLock<Option<Sender<Request>>>,
    threads: Mutex<Option<Threads>>,
}

/// What the ledger's threads and its callers share.
#[derive(Debug)]
struct Shared {
    store: Store,
    options: Options,
    segments: Mutex<Segments>,
    stop: Mutex<Option<Stop>>,
    flush: Mutex<FlushState>,
    published: RwLock<Option<Published>>,
    scrub_next: Mutex<u64>,
    /// Held, never read: the lock ends with it.
    _lock: FileLock,
}

/// The checkpoint that readers of the folder see.
#[derive(Clone, Debug)]
struct Published {
    note: String,
    checkpoint: Checkpoint,
}

#[derive(Debug)]
struct Threads {
    writer: JoinHandle<JournalWriter>,
    applier: JoinHandle<()>,
    flusher: JoinHandle<()>,
}

impl Ledger {
    /// Appends a batch: all of it or nothing. Returns when it is durable and the observer has seen it.
    /// Batches that wait at the same time share one sync.
    ///
    /// # Errors
    /// Limits, [`Error::DiskFull`] (nothing kept), [`Error::NotDurable`] (unknown until the ledger is
    /// opened again), [`Error::Observer`] (durable, the projection is not), [`Error::Stopped`] and
    /// [`Error::Closed`].
    pub fn append(&self, batch: Batch) -> Result<Appended, Error> {
        check_limits(&batch)?;
        let (reply, waiter) = answer::answer();
        {
            let queue = self.inner.queue.read();
            let queue = queue.as_ref().ok_or(Error::Closed)?;
            queue
                .send(Request { batch, reply })
                .map_err(|_| self.gone())?;
        }
        waiter.wait().unwrap_or_else(|| Err(self.gone()))
    }

    /// Entries that are durable.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.inner.shared.store.head().size
    }

    /// Size and root over the durable entries.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.inner.shared.store.head()
    }

    /// Private records that are durable.
    #[must_use]
    pub fn private_count(&self) -> u64 {
        self.inner.shared.store.live.read().private.end()
    }

    /// The log's identity, first line of its checkpoints.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.inner.shared.store.origin()
    }

    /// Why the ledger takes no more entries, if so.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        self.inner.shared.stop.lock().clone()
    }

    /// Completes what was queued, flushes, and leaves a mark that makes the next start fast. For all
    /// clones: later appends get [`Error::Closed`].
    ///
    /// # Errors
    /// The flush failed or the ledger had stopped: nothing durable is lost, the next start recovers.
    pub fn close(self) -> Result<(), Error> {
        self.inner.queue.write().take();
        let Some(threads) = self.inner.threads.lock().take() else {
            return Ok(());
        };
        let Some(writer) = threads.join() else {
            return Err(self.gone());
        };
        self.inner.shared.close(writer)
    }

    fn gone(&self) -> Error {
        self.stopped().map_or(Error::Closed, Error::Stopped)
    }
}

impl Shared {
    /// The first reason stays.
    fn stop(&self, reason: Stop) {
        tracing::error!(%reason, "ledger stops");
        self.stop.lock().get_or_insert(reason);
    }

    fn check_running(&self) -> Result<(), Error> {
        self.stop
            .lock()
            .clone()
            .map_or(Ok(()), |stop| Err(Error::Stopped(stop)))
    }
}

impl Threads {
    /// Waits for all; `None` when one panicked.
    fn join(self) -> Option<JournalWriter> {
        let writer = self.writer.join().ok();
        let applied = self.applier.join().is_ok();
        let flushed = self.flusher.join().is_ok();
        writer.filter(|_| applied && flushed)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.write().take();
        // Without close this is like a crash, except that the folder's lock is free on return. The
        // observer's own thread must not wait for itself.
        if let Some(threads) = self.threads.lock().take()
            && threads.applier.thread().id() != thread::current().id()
        {
            let _finished = threads.join();
        }
    }
}

fn check_limits(batch: &Batch) -> Result<(), Error> {
    if batch.entries.is_empty() && batch.private.is_empty() {
        return Err(Error::BatchEmpty);
    }
    let mut total = 0_u64;
    for entry in &batch.entries {
        if entry.len() > MAX_ENTRY_BYTES {
            return Err(Error::EntryTooLarge {
                length_bytes: entry.len(),
                limit_bytes: MAX_ENTRY_BYTES,
            });
        }
        total += entry.len() as u64 + FRAMING_BYTES;
    }
    for PrivateRecord { bytes } in &batch.private {
        if bytes.len() > MAX_PRIVATE_BYTES {
            return Err(Error::PrivateTooLarge {
                length_bytes: bytes.len(),
                limit_bytes: MAX_PRIVATE_BYTES,
            });
        }
        total += bytes.len() as u64 + FRAMING_BYTES;
    }
    if total > MAX_BATCH_BYTES {
        return Err(Error::BatchTooLarge {
            length_bytes: total,
            limit_bytes: MAX_BATCH_BYTES,
        });
    }
    Ok(())
}
