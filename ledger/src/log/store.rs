//! The tree and its files: what is still in memory, and what derived files hold.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::bundle;
use crate::error::Error;
use crate::hash::{Hash, TreeHead};
use crate::layout::{Series, TILE_WIDTH};
use crate::log::files::{Files, first_leaf};
use crate::tail::Tail;
use crate::tree::{Edge, FullTile, Subtrees, perfect_root};

/// Everything that is readable.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) files: Files,
    pub(crate) live: RwLock<Live>,
    pub(crate) origin: String,
    /// Size of the last checkpoint: files below it never change.
    pub(crate) signed_size: AtomicU64,
}

/// The part that is not, or not only, in derived files.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) edge: Edge,
    pub(crate) tail: Tail,
    pub(crate) private: Tail,
    /// Full tiles without a file yet.
    pub(crate) tiles: BTreeMap<(u8, u64), Arc<Vec<Hash>>>,
    /// Files that are written but not durable.
    pub(crate) unsynced: Vec<PathBuf>,
    /// Folders of partial files that a full file replaces once it is durable.
    pub(crate) stale: Vec<PathBuf>,
}

impl Store {
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn head(&self) -> TreeHead {
        self.live.read().edge.head()
    }

    /// Root at an earlier size.
    pub(crate) fn root_at(&self, size: u64) -> Result<Hash, Error> {
        crate::tree::range_hash(self, 0..size)
    }

    /// One hash of a level.
    pub(crate) fn hash(&self, level: u8, index: u64) -> Result<Hash, Error> {
        self.row(level, index, 1)?.first().copied().ok_or_else(|| {
            self.files
                .bad_tile(level, index / TILE_WIDTH, "hash is missing")
        })
    }

    /// Writes full bundles and tiles; not durable before the next flush.
    pub(crate) fn derive(&self) -> Result<(), Error> {
        self.live
            .write()
            .derive(&self.files, self.signed_size.load(Ordering::Acquire))
    }

    /// Hashes of a level that are in one tile.
    fn row(&self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, Error> {
        let n = first / TILE_WIDTH;
        let tile = {
            let live = self.live.read();
            let row: Option<Vec<Hash>> = (first..first + count)
                .map(|index| live.edge.hash(level, index))
                .collect();
            if let Some(row) = row {
                return Ok(row);
            }
            live.tiles.get(&(level, n)).cloned()
        };
        let tile = tile.map_or_else(|| self.files.tile(level, n), Ok)?;
        let at = (first % TILE_WIDTH) as usize;
        let row = tile.get(at..at + count as usize);
        row.map(<[Hash]>::to_vec)
            .ok_or_else(|| self.files.bad_tile(level, n, "hash is missing"))
    }
}

impl Subtrees for Store {
    type Error = Error;

    fn subtree(&self, height: u32, index: u64) -> Result<Hash, Error> {
        let level = (height / 8) as u8;
        let count = 1 << (height % 8);
        let row = self.row(level, index * count, count)?;
        let n = index * count / TILE_WIDTH;
        perfect_root(&row).ok_or_else(|| self.files.bad_tile(level, n, "hash is missing"))
    }
}

impl Live {
    /// Adds durable entries and private records.
    pub(crate) fn push<'a>(
        &mut self,
        entries: impl Iterator<Item = (Hash, &'a [u8])>,
        private: impl Iterator<Item = &'a [u8]>,
    ) {
        let mut full = Vec::new();
        for (leaf, entry) in entries {
            self.edge.push(leaf, &mut full);
            self.tail.push(entry);
        }
        for FullTile { level, n, hashes } in full {
            self.tiles.insert((level, n), Arc::new(hashes));
        }
        private.for_each(|record| self.private.push(record));
    }

    pub(crate) fn derive(&mut self, files: &Files, signed_size: u64) -> Result<(), Error> {
        while let Some((n, items)) = self.tail.full() {
            let bytes = bundle::encode_entries(&items);
            let path = files.put(
                Series::Entries,
                n,
                &bytes,
                (n + 1) * TILE_WIDTH <= signed_size,
            )?;
            self.wrote(path);
            self.tail.drop_full();
        }
        while let Some(((level, n), hashes)) = self.tiles.first_key_value() {
            let (level, n) = (*level, *n);
            let end = first_leaf(level, n + 1);
            let bytes = bundle::encode_tile(hashes);
            let path = files.put(Series::Tile(level), n, &bytes, end <= signed_size)?;
            self.wrote(path);
            self.tiles.remove(&(level, n));
        }
        while let Some((n, items)) = self.private.full() {
            let path = files.put(Series::Private, n, &bundle::encode_private(&items), false)?;
            self.wrote(path);
            self.private.drop_full();
        }
        Ok(())
    }

    fn wrote(&mut self, path: PathBuf) {
        let mut partial = path.clone();
        partial.as_mut_os_string().push(".p");
        self.stale.push(partial);
        self.unsynced.push(path);
    }
}
