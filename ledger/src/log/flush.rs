//! Making tiles and bundles durable, checkpoints, and the clean stop.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::bundle;
use crate::checkpoint::{Checkpoint, CheckpointSigner, Note, NoteSignature};
use crate::disk::lacks_descriptor;
use crate::error::{Error, Stop};
use crate::hash::TreeHead;
use crate::journal::JournalWriter;
use crate::layout::{self, Series, TILE_WIDTH};
use crate::log::files::Files;
use crate::log::mark::Mark;
use crate::log::{Ledger, Published, Shared};
use crate::tree::Edge;

/// What the last flush covered. Held while flushing, so that one runs at a time.
#[derive(Debug, Default)]
pub(crate) struct FlushState {
    done: Option<(u64, u64)>,
}

/// One moment of the log.
struct Snapshot {
    edge: Edge,
    entries: Vec<Arc<[u8]>>,
    private: Vec<Arc<[u8]>>,
    private_end: u64,
    files: Vec<PathBuf>,
    stale: Vec<PathBuf>,
}

impl Ledger {
    /// Flushes tiles and bundles, full and partial, durably; then signs the tree and publishes the
    /// checkpoint in one step for readers. Returns the signed note.
    ///
    /// # Errors
    /// [`Error::Signer`], [`Error::DiskFull`], [`Error::NotDurable`], [`Error::Stopped`]; the old
    /// checkpoint stays.
    pub fn checkpoint(&self, signer: &dyn CheckpointSigner) -> Result<String, Error> {
        let shared = &self.inner.shared;
        shared.check_running()?;
        let mut state = shared.flush.lock();
        let head = shared.flush_locked(&mut state)?;
        let checkpoint = Checkpoint::new(shared.store.origin(), head);
        let text = checkpoint.to_text();
        let signature = signer
            .sign(text.as_bytes())
            .map_err(|reason| Error::Signer { reason })?;
        let name = signer.key_name().to_owned();
        let line = NoteSignature {
            name,
            key_id: signer.key_id(),
            signature,
        };
        let note = Note {
            text,
            signatures: vec![line],
        }
        .to_text();
        let files = &shared.store.files;
        let path = files.dir.join(layout::CHECKPOINT);
        // From the first attempt on readers may have seen it.
        shared
            .store
            .signed_size
            .fetch_max(head.size, Ordering::AcqRel);
        files
            .disk
            .replace(&path, note.as_bytes())
            .map_err(|e| Error::io("publishing", &path, e))?;
        *shared.published.write() = Some(Published {
            note: note.clone(),
            checkpoint,
        });
        Ok(note)
    }

    /// Entries that the published checkpoint covers; none before the first.
    #[must_use]
    pub fn checkpoint_size(&self) -> Option<u64> {
        let published = self.inner.shared.published.read();
        published.as_ref().map(|p| p.checkpoint.size)
    }

    /// The checkpoint that readers of the folder see, as a signed note.
    #[must_use]
    pub fn latest_checkpoint(&self) -> Option<String> {
        self.inner
            .shared
            .published
            .read()
            .as_ref()
            .map(|p| p.note.clone())
    }
}

impl Shared {
    /// Makes everything that derives from durable entries durable; drops the journal below it.
    pub(super) fn flush(&self) -> Result<TreeHead, Error> {
        self.flush_locked(&mut self.flush.lock())
    }

    pub(super) fn close(&self, mut writer: JournalWriter) -> Result<(), Error> {
        self.check_running()?;
        let head = self.flush()?;
        let private = self.store.live.read().private.end();
        if !writer.is_fresh() {
            writer.rotate()?;
            self.segments.lock().0.push(writer.segment());
        }
        let files = &self.store.files;
        self.segments
            .lock()
            .remove_until(&files.dir, head.size, private)?;
        Mark {
            clean: true,
            head,
            private,
        }
        .write(files.disk.as_ref(), &files.dir)
    }

    pub(super) fn flush_locked(&self, state: &mut FlushState) -> Result<TreeHead, Error> {
        let mut snapshot = self.snapshot()?;
        let head = snapshot.edge.head();
        let covers = (head.size, snapshot.private_end);
        if state.done == Some(covers) && snapshot.files.is_empty() {
            return Ok(head);
        }
        let files = &self.store.files;
        if let Err(error) = write_partial(files, &mut snapshot) {
            self.later(snapshot);
            return Err(error);
        }
        if let Err(cause) = files.disk.sync_files(&files.dir, &snapshot.files) {
            if lacks_descriptor(&cause) {
                // What could not be opened was not synced in vain either.
                self.later(snapshot);
                return Err(Error::io("syncing", &files.dir, cause));
            }
            self.stop(Stop::Sync(cause.to_string()));
            return Err(Error::not_durable("syncing", &files.dir, cause));
        }
        self.segments
            .lock()
            .remove_until(&files.dir, covers.0, covers.1)?;
        for folder in &snapshot.stale {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, folder = %folder.display(), "stale partial tiles stay");
                }
                _ => {}
            }
        }
        state.done = Some(covers);
        Ok(head)
    }

    /// What was not synced is so the next time.
    fn later(&self, mut snapshot: Snapshot) {
        let mut live = self.store.live.write();
        live.unsynced.append(&mut snapshot.files);
        live.stale.append(&mut snapshot.stale);
    }

    fn snapshot(&self) -> Result<Snapshot, Error> {
        let mut live = self.store.live.write();
        // Under the same lock, so that what is left is less than a tile everywhere.
        live.derive(
            &self.store.files,
            self.store.signed_size.load(Ordering::Acquire),
        )?;
        Ok(Snapshot {
            edge: live.edge.clone(),
            entries: live.tail.head(),
            private: live.private.head(),
            private_end: live.private.end(),
            files: std::mem::take(&mut live.unsynced),
            stale: std::mem::take(&mut live.stale),
        })
    }
}

fn write_partial(files: &Files, snapshot: &mut Snapshot) -> Result<(), Error> {
    let mut partial: Vec<(Series, u64, usize, Vec<u8>)> = Vec::new();
    for (level, n, hashes) in snapshot.edge.partial() {
        partial.push((
            Series::Tile(level),
            n,
            hashes.len(),
            bundle::encode_tile(hashes),
        ));
    }
    if !snapshot.entries.is_empty() {
        let n = snapshot.edge.size() / TILE_WIDTH;
        let bytes = bundle::encode_entries(&snapshot.entries);
        partial.push((Series::Entries, n, snapshot.entries.len(), bytes));
    }
    if !snapshot.private.is_empty() {
        let n = snapshot.private_end / TILE_WIDTH;
        let bytes = bundle::encode_private(&snapshot.private);
        partial.push((Series::Private, n, snapshot.private.len(), bytes));
    }
    for (series, n, width, bytes) in partial {
        let path = files.path(series, n, Some(width as u64));
        match files.disk.create(&path, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let there = fs::read(&path).map_err(|e| Error::io("reading", &path, e))?;
                if there != bytes {
                    files
                        .disk
                        .replace(&path, &bytes)
                        .map_err(|e| Error::io("writing", &path, e))?;
                }
            }
            other => other.map_err(|e| Error::io("writing", &path, e))?,
        }
        snapshot.files.push(path);
    }
    Ok(())
}
