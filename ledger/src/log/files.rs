//! Derived files: tiles and bundles.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::bundle::{self, Bundle};
use crate::disk::Disk;
use crate::error::Error;
use crate::hash::{Hash, leaf_hash};
use crate::layout::{self, Series, TILE_WIDTH};
use crate::recent::Recent;

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

/// The longest derived file: 256 private records of the greatest length.
const MAX_FILE_BYTES: u64 = TILE_WIDTH * (crate::log::MAX_PRIVATE_BYTES as u64 + 8);

/// Files kept in memory: 64 tiles of 8 KiB; 8 bundles of at most 16 MiB, mostly far less.
const RECENT_TILES: usize = 64;
const RECENT_BUNDLES: usize = 8;

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
    pub(crate) fn put(
        &self,
        series: Series,
        n: u64,
        bytes: &[u8],
        signed: bool,
    ) -> Result<PathBuf, Error> {
        let path = self.path(series, n, None);
        match self.disk.create(&path, bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("writing", &path, error)),
        }
        let there = read_bounded(&path).map_err(|e| Error::io("reading", &path, e))?;
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
        let bytes = read_bounded(&path).map_err(|e| match e.kind() {
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
        let bytes = read_bounded(&path).map_err(|e| match e.kind() {
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
        let bytes = read_bounded(&file).map_err(|e| match e.kind() {
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
        let (Ok(bytes), Ok(tile)) = (read_bounded(&path), self.read_tile(0, n)) else {
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

/// A derived file, or its beginning when it is longer than any can be.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
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
