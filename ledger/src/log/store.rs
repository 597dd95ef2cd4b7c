//! The tree and its files: what is still in memory, and what derived files hold.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::bundle::{self, Bundle};
use crate::disk::Disk;
use crate::error::Error;
use crate::hash::{Hash, TreeHead, leaf_hash};
use crate::layout::{self, Series, TILE_WIDTH};
use crate::recent::Recent;
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

/// Derived files, with what was read last.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    tiles: Mutex<Recent<(u8, u64), Tile>>,
    entries: Mutex<Recent<u64, Arc<Bundle>>>,
    private: Mutex<Recent<u64, Arc<Bundle>>>,
}

type Tile = Arc<Vec<Hash>>;

/// Files kept in memory: 64 tiles of 8 KiB; 8 bundles of at most 16 MiB, mostly far less.
const RECENT_TILES: usize = 64;
const RECENT_BUNDLES: usize = 8;

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

impl Files {
    pub(crate) fn new(dir: &Path, disk: Arc<dyn Disk>) -> Self {
        Self {
            dir: dir.to_path_buf(),
            disk,
            tiles: Mutex::new(Recent::new(RECENT_TILES)),
            entries: Mutex::new(Recent::new(RECENT_BUNDLES)),
            private: Mutex::new(Recent::new(RECENT_BUNDLES)),
        }
    }

    pub(crate) fn path(&self, series: Series, n: u64, width: Option<u64>) -> PathBuf {
        layout::path(&self.dir, series, n, width)
    }

    /// Writes a full file. One that is there with other content is a torn write, or tampered with when
    /// a checkpoint covers it.
    fn put(&self, series: Series, n: u64, bytes: &[u8], signed: bool) -> Result<PathBuf, Error> {
        let path = self.path(series, n, None);
        match self.disk.create(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("writing", &path, error)),
        }
        let there = fs::read(&path).map_err(|e| Error::io("reading", &path, e))?;
        if there == bytes {
            return Ok(path);
        }
        if signed {
            let what = "differs from the journal although it is signed";
            let index = match series {
                Series::Tile(level) => first_leaf(level, n),
                _ => n * TILE_WIDTH + first_difference(&there, bytes),
            };
            return Err(Error::Tampered {
                index,
                file: path,
                what,
            });
        }
        self.disk
            .replace(&path, bytes)
            .map_err(|e| Error::io("writing", &path, e))?;
        Ok(path)
    }

    /// A full tile.
    pub(crate) fn tile(&self, level: u8, n: u64) -> Result<Arc<Vec<Hash>>, Error> {
        if let Some(tile) = self.tiles.lock().find(&(level, n)) {
            return Ok(tile);
        }
        let tile = Arc::new(self.read_tile(level, n)?);
        self.tiles.lock().keep((level, n), Arc::clone(&tile));
        Ok(tile)
    }

    /// A full tile from its file.
    pub(crate) fn read_tile(&self, level: u8, n: u64) -> Result<Vec<Hash>, Error> {
        let path = self.path(Series::Tile(level), n, None);
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => self.bad_tile(level, n, "tile is missing"),
            _ => Error::io("reading", &path, e),
        })?;
        bundle::decode_tile(&bytes, TILE_WIDTH as usize)
            .ok_or_else(|| self.bad_tile(level, n, "tile has a wrong length"))
    }

    /// A full entry bundle, checked against its level 0 tile.
    pub(crate) fn entries(&self, n: u64) -> Result<Arc<Bundle>, Error> {
        if let Some(bundle) = self.entries.lock().find(&n) {
            return Ok(bundle);
        }
        let bundle = self.read_entries(n)?;
        let tile = self.tile(0, n)?;
        if let Some(at) = bundle
            .iter()
            .zip(tile.iter())
            .position(|(e, h)| leaf_hash(e) != *h)
        {
            let what = "entry does not hash to its leaf";
            return Err(self.bad_entry(n * TILE_WIDTH + at as u64, what));
        }
        let bundle = Arc::new(bundle);
        self.entries.lock().keep(n, Arc::clone(&bundle));
        Ok(bundle)
    }

    /// A full entry bundle from its file.
    pub(crate) fn read_entries(&self, n: u64) -> Result<Bundle, Error> {
        let path = self.path(Series::Entries, n, None);
        let first = n * TILE_WIDTH;
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => self.bad_entry(first, "entry bundle is missing"),
            _ => Error::io("reading", &path, e),
        })?;
        match Bundle::entries(bytes) {
            Some(bundle) if bundle.len() as u64 == TILE_WIDTH => Ok(bundle),
            _ => Err(self.misframed(n)),
        }
    }

    /// A full bundle of private records.
    pub(crate) fn private(&self, n: u64) -> Result<Arc<Bundle>, Error> {
        if let Some(bundle) = self.private.lock().find(&n) {
            return Ok(bundle);
        }
        let bundle = Arc::new(self.read_private(n)?);
        self.private.lock().keep(n, Arc::clone(&bundle));
        Ok(bundle)
    }

    pub(crate) fn read_private(&self, n: u64) -> Result<Bundle, Error> {
        let file = self.path(Series::Private, n, None);
        let damaged = |position: u64, what| Error::PrivateDamaged {
            index: n * TILE_WIDTH + position,
            file: file.clone(),
            what,
        };
        let bytes = fs::read(&file).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => damaged(0, "file is missing"),
            _ => Error::io("reading", &file, e),
        })?;
        let bundle = Bundle::private(bytes).map_err(|at| damaged(at, "checksum does not fit"))?;
        if bundle.len() as u64 != TILE_WIDTH {
            return Err(damaged(bundle.len() as u64, "records are missing"));
        }
        Ok(bundle)
    }

    /// A bundle whose lengths do not add up: names the first entry that does not hash to its leaf.
    fn misframed(&self, n: u64) -> Error {
        let first = n * TILE_WIDTH;
        let what = "entry bundle does not hold 256 whole entries";
        let path = self.path(Series::Entries, n, None);
        let (Ok(bytes), Ok(tile)) = (fs::read(path), self.read_tile(0, n)) else {
            return self.bad_entry(first, what);
        };
        let mut rest = bytes.as_slice();
        let mut index = first;
        for leaf in tile {
            let Some((length, after)) = rest.split_first_chunk::<2>() else {
                break;
            };
            let length = usize::from(u16::from_be_bytes(*length));
            let Some((entry, after)) = after.split_at_checked(length) else {
                break;
            };
            if leaf_hash(entry) != leaf {
                break;
            }
            rest = after;
            index += 1;
        }
        self.bad_entry(index.min(first + TILE_WIDTH - 1), what)
    }

    pub(crate) fn bad_tile(&self, level: u8, n: u64, what: &'static str) -> Error {
        let file = self.path(Series::Tile(level), n, None);
        Error::Tampered {
            index: first_leaf(level, n),
            file,
            what,
        }
    }

    pub(crate) fn bad_entry(&self, index: u64, what: &'static str) -> Error {
        let file = self.path(Series::Entries, index / TILE_WIDTH, None);
        Error::Tampered { index, file, what }
    }
}

/// First leaf below a tile.
pub(crate) fn first_leaf(level: u8, n: u64) -> u64 {
    n.saturating_mul(TILE_WIDTH.saturating_pow(u32::from(level) + 1))
}

/// Position of the first entry that two encoded bundles do not share.
fn first_difference(there: &[u8], wanted: &[u8]) -> u64 {
    let (mut rest, mut position) = (wanted, 0);
    let mut at = 0;
    while let Some((length, _)) = rest.split_first_chunk::<2>() {
        let whole = 2 + usize::from(u16::from_be_bytes(*length));
        let Some((entry, after)) = rest.split_at_checked(whole) else {
            break;
        };
        if there.get(at..at + whole) != Some(entry) {
            break;
        }
        (rest, at, position) = (after, at + whole, position + 1);
    }
    position.min(TILE_WIDTH - 1)
}
