//! Creating and opening a ledger.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::checkpoint::{
    Checkpoint, CheckpointVerifier, MAX_NOTE_BYTES, Note, NoteError, is_key_name,
};
use crate::error::Error;
use crate::file_lock::FileLock;
use crate::hash::TreeHead;
use crate::journal::{JournalWriter, Position};
use crate::layout::{self, TILE_WIDTH};
use crate::log::api::Options;
use crate::log::blob::{BlobRef, append_blob};
use crate::log::files::Files;
use crate::log::mark::{self, Mark};
use crate::log::recover::{Recovered, recover};
use crate::log::store::{Live, Store};
use crate::log::{Ledger, Published, walk};

/// A recovered ledger, before its projection has caught up. Takes no entries yet.
#[derive(Debug)]
pub struct OpenLedger {
    pub(super) store: Store,
    pub(super) options: Options,
    pub(super) recovered: Recovered,
    pub(super) published: Option<Published>,
    pub(super) mark: Option<Mark>,
    pub(super) lock: FileLock,
}

impl Ledger {
    /// Makes a folder into an empty ledger.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one, [`Error::Origin`], [`Error::DiskFull`], [`Error::Io`].
    pub fn create(dir: &Path, origin: &str, options: Options) -> Result<(), Error> {
        if !is_key_name(origin) {
            return Err(Error::Origin {
                origin: origin.to_owned(),
            });
        }
        let taken = [
            layout::DESCRIPTION,
            layout::CHECKPOINT,
            layout::TILE,
            layout::MARK,
        ];
        if taken.iter().any(|name| dir.join(name).exists()) {
            return Err(Error::Exists {
                dir: dir.to_path_buf(),
            });
        }
        fs::create_dir_all(dir).map_err(|e| Error::io("creating", dir, e))?;
        // Not for those who may read the public part.
        for name in [layout::JOURNAL, layout::PRIVATE, layout::BLOBS] {
            let path = dir.join(name);
            let made = DirBuilder::new().mode(0o700).recursive(true).create(&path);
            made.map_err(|e| Error::io("creating", &path, e))?;
        }
        let disk = options.disk;
        let path = layout::segment(dir, 0);
        // Left by an attempt that did not get as far as the description.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("removing", &path, error));
            }
            _ => {}
        }
        let start = Position {
            index: 0,
            private: 0,
            sequence: 1,
        };
        JournalWriter::create(Arc::clone(&disk), dir, 0, start)?;
        mark::describe(disk.as_ref(), dir, origin)?;
        let parent = dir
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        File::open(parent)
            .and_then(|d| d.sync_all())
            .map_err(|e| Error::io("syncing", parent, e))
    }

    /// The origin of the ledger in `dir`, without opening it.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none.
    pub fn origin_of(dir: &Path) -> Result<String, Error> {
        mark::origin(dir)
    }

    /// Opens a ledger: takes its lock, replays the journal, cuts off an unfinished batch that was
    /// never acknowledged, and checks the tree against the last checkpoint and the last clean stop.
    /// With a verifier the checkpoint's signature is checked too.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Locked`]; [`Error::Shorter`], [`Error::Differs`],
    /// [`Error::Tampered`], [`Error::Checkpoint`] when the ledger is not what was promised;
    /// [`Error::Io`].
    pub fn open(
        dir: &Path,
        options: Options,
        verifier: Option<&CheckpointVerifier>,
    ) -> Result<OpenLedger, Error> {
        let origin = mark::origin(dir)?;
        let lock = lock(dir)?;
        let published = published(dir, &origin, verifier)?;
        let mark = Mark::read(dir)?;
        let store = Store {
            files: Files::new(dir, Arc::clone(&options.disk)),
            live: RwLock::new(Live::default()),
            origin,
            signed_size: AtomicU64::new(published.as_ref().map_or(0, |p| p.checkpoint.size)),
        };
        let recovered = recover(&store)?;
        let open = OpenLedger {
            store,
            options,
            recovered,
            published,
            mark,
            lock,
        };
        open.check_promises()?;
        open.check_recent()?;
        if open.recovered.torn {
            open.recovered.writer.cut_torn_tail()?;
        }
        Ok(open)
    }
}

impl OpenLedger {
    /// Entries in the ledger.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.store.head().size
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.store.head()
    }

    /// Whether the ledger was closed, and not interrupted, the last time.
    #[must_use]
    pub fn was_closed(&self) -> bool {
        self.mark.is_some_and(|mark| mark.clean)
    }

    /// Checks the tree against a head that was noted elsewhere: it must contain it.
    ///
    /// # Errors
    /// [`Error::Shorter`], [`Error::Differs`], or [`Error::Tampered`] when reading everything tells
    /// which entry it is.
    pub fn check_head(&self, head: TreeHead) -> Result<(), Error> {
        self.check_promise(head, "noted beside the ledger")
    }

    /// The checkpoint found, as a signed note.
    #[must_use]
    pub fn latest_checkpoint(&self) -> Option<&str> {
        self.published.as_ref().map(|p| p.note.as_str())
    }

    /// Visits entries from `from` to the end, one bundle in memory at a time.
    ///
    /// # Errors
    /// [`Error::NoSuchEntry`] when `from` is beyond the end, [`Error::Tampered`], [`Error::Io`].
    pub fn entries(
        &self,
        from: u64,
        mut visit: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.store.entries(from, &mut visit)
    }

    /// A blob's content, checked against its hash.
    ///
    /// # Errors
    /// [`Error::BlobMissing`], [`Error::BlobDamaged`], [`Error::Io`].
    pub fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        append_blob(&self.store.files.dir, blob, &mut bytes)?;
        Ok(bytes)
    }

    /// The tree must be what was signed, and what was there at the last clean stop.
    fn check_promises(&self) -> Result<(), Error> {
        if let Some(Published { checkpoint, .. }) = &self.published {
            self.check_promise(checkpoint.head(), "signed")?;
        }
        let Some(mark) = self.mark else { return Ok(()) };
        self.check_promise(mark.head, "closed")?;
        let (size, private) = {
            let live = self.store.live.read();
            (live.edge.size(), live.private.end())
        };
        if private < mark.private {
            return Err(Error::NoSuchPrivate {
                index: mark.private - 1,
                count: private,
            });
        }
        if mark.clean && size != mark.head.size {
            let file = self.recovered.writer.segment().path;
            let what = "entry was added while the ledger was closed";
            return Err(Error::Tampered {
                index: mark.head.size,
                file,
                what,
            });
        }
        Ok(())
    }

    fn check_promise(&self, expected: TreeHead, promised: &'static str) -> Result<(), Error> {
        let size = self.size();
        if size < expected.size {
            return Err(Error::Shorter {
                size,
                expected: expected.size,
                promised,
            });
        }
        let found = self.store.root_at(expected.size)?;
        if found == expected.root {
            return Ok(());
        }
        // Reading everything may tell which entry or tile it is.
        walk::walk(&self.store, Some(expected), &mut |_, _| {})?;
        Err(Error::Differs {
            size: expected.size,
            expected: expected.root,
            found,
            promised,
        })
    }

    /// Entries since the last clean stop or checkpoint must hash to the tree; always the last bundle.
    fn check_recent(&self) -> Result<(), Error> {
        let checked = self.mark.map_or(0, |mark| mark.head.size);
        let checked = checked.max(self.store.signed_size.load(Ordering::Acquire)) / TILE_WIDTH;
        let bundles = self.store.live.read().tail.first() / TILE_WIDTH;
        for n in checked.min(bundles.saturating_sub(1))..bundles {
            walk::check_bundle(&self.store, n)?;
        }
        Ok(())
    }
}

fn lock(dir: &Path) -> Result<FileLock, Error> {
    let path = dir.join(layout::LOCK);
    let open = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let file = open.map_err(|e| Error::io("opening", &path, e))?;
    FileLock::try_take(file).map_err(|error| match error {
        TryLockError::WouldBlock => Error::Locked {
            dir: dir.to_path_buf(),
        },
        TryLockError::Error(error) => Error::io("locking", &path, error),
    })
}

fn published(
    dir: &Path,
    origin: &str,
    verifier: Option<&CheckpointVerifier>,
) -> Result<Option<Published>, Error> {
    let path = dir.join(layout::CHECKPOINT);
    let length = match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|e| Error::io("reading", &path, e))?.len() as usize,
    };
    if length > MAX_NOTE_BYTES {
        return Err(NoteError::Long {
            length_bytes: length,
            limit_bytes: MAX_NOTE_BYTES,
        }
        .into());
    }
    let note = fs::read_to_string(&path).map_err(|e| Error::io("reading", &path, e))?;
    let checkpoint = match verifier {
        Some(verifier) => verifier.open(&note)?,
        None => Checkpoint::from_text(&Note::parse(&note)?.text)?,
    };
    if checkpoint.origin != origin {
        let (expected, found) = (origin.to_owned(), checkpoint.origin);
        return Err(NoteError::Origin { expected, found }.into());
    }
    Ok(Some(Published { note, checkpoint }))
}
