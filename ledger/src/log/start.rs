//! From an open ledger to one that takes entries: its projection catches up first.

use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::error::Error;
use crate::journal::Segments;
use crate::log::api::Observer;
use crate::log::flush::FlushState;
use crate::log::mark::Mark;
use crate::log::open::OpenLedger;
use crate::log::store::Store;
use crate::log::{Ledger, Shared, commit};

/// Entries handed to the observer at once while it catches up.
const REPLAY_ENTRIES: usize = 256;

impl OpenLedger {
    /// Hands the observer every entry from `first_unapplied` on, then takes entries. `progress` gets
    /// entries done and entries to do.
    ///
    /// # Errors
    /// [`Error::ProjectionAhead`] when the projection knows entries that are not there,
    /// [`Error::Observer`] when it refuses one, and errors of reading.
    pub fn start(
        self,
        observer: Box<dyn Observer>,
        first_unapplied: u64,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Ledger, Error> {
        self.start_while(observer, first_unapplied, &mut |done, total| {
            progress(done, total);
            ControlFlow::Continue(())
        })
    }

    /// The same as long as `go_on`, which gets entries done and entries to do, says so. When it does
    /// not, the ledger is as it was, and the observer has been given a whole number of entries.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when it was told to stop; else as [`start`](Self::start).
    pub fn start_while(
        self,
        mut observer: Box<dyn Observer>,
        first_unapplied: u64,
        go_on: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Ledger, Error> {
        let size = self.size();
        if first_unapplied > size {
            return Err(Error::ProjectionAhead {
                applied: first_unapplied,
                size,
            });
        }
        catch_up(&self.store, observer.as_mut(), first_unapplied, go_on)?;
        let disk = Arc::clone(&self.options.disk);
        // From here on a crash is not a clean stop. The promise of the last stop stays.
        let mut mark = self.mark.unwrap_or_else(|| Mark {
            clean: true,
            head: self.head(),
            private: self.store.live.read().private.end(),
        });
        if mark.clean || self.mark.is_none() {
            mark.clean = false;
            mark.write(disk.as_ref(), &self.store.files.dir)?;
        }
        let shared = Arc::new(Shared {
            store: self.store,
            options: self.options,
            segments: Mutex::new(Segments(self.recovered.segments.0)),
            stop: Mutex::new(None),
            flush: Mutex::new(FlushState::default()),
            published: RwLock::new(self.published),
            scrub_next: Mutex::new(0),
            _lock: self.lock,
        });
        commit::start(shared, self.recovered.writer, observer)
    }
}

fn catch_up(
    store: &Store,
    observer: &mut dyn Observer,
    from: u64,
    go_on: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), Error> {
    let total = store.head().size - from;
    let mut first = from;
    let mut ask = |applied: u64| {
        let interrupted = total > 0 && go_on(applied - from, total).is_break();
        let size = from + total;
        if interrupted && applied < size {
            Err(Error::Interrupted { applied, size })
        } else {
            Ok(())
        }
    };
    ask(first)?;
    let mut waiting: Vec<Vec<u8>> = Vec::with_capacity(REPLAY_ENTRIES);
    let mut refused = None;
    let mut hand_over = |waiting: &mut Vec<Vec<u8>>| {
        if waiting.is_empty() {
            return Ok(());
        }
        let handed = observer.committed(first, waiting);
        handed.map_err(|reason| Error::Observer {
            index: first,
            reason,
        })?;
        first += waiting.len() as u64;
        waiting.clear();
        ask(first)
    };
    store.entries(from, &mut |_, entry| {
        waiting.push(entry.to_vec());
        if waiting.len() == REPLAY_ENTRIES
            && let Err(error) = hand_over(&mut waiting)
        {
            refused = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    refused.map_or(Ok(()), Err)?;
    hand_over(&mut waiting)
}
