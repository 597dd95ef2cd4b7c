//! Rebuilding the tree from stored entries, and comparing every file with it.

use std::fs;
use std::io;
use std::sync::Arc;

use crate::bundle::{self, Bundle};
use crate::error::Error;
use crate::hash::{Hash, TreeHead, leaf_hash};
use crate::layout::{Series, TILE_WIDTH};
use crate::log::files::first_leaf;
use crate::log::store::Store;
use crate::log::verify::VerifyReport;
use crate::tree::{Edge, perfect_root};

/// A bundle that fits its tile.
pub(super) struct Checked {
    leaves: Vec<Hash>,
    pub(super) bytes: u64,
}

/// Checks a full bundle against its tile, and the tiles that end with it against their parents.
pub(super) fn check_bundle(store: &Store, n: u64) -> Result<Checked, Error> {
    let files = &store.files;
    let tile = stored_tile(store, 0, n)?;
    let parent = store.hash(1, n)?;
    let tile_fits = perfect_root(&tile) == Some(parent);
    let bundle = match files.read_entries(n) {
        Err(Error::Tampered { .. }) if !tile_fits => {
            return Err(files.bad_tile(0, n, "tile does not hash to the one above"));
        }
        other => other?,
    };
    let leaves: Vec<Hash> = bundle.iter().map(leaf_hash).collect();
    if let Some(at) = leaves
        .iter()
        .zip(&tile)
        .position(|(leaf, hash)| leaf != hash)
    {
        let index = n * TILE_WIDTH + at as u64;
        if !tile_fits && perfect_root(&leaves) == Some(parent) {
            let what = "tile does not hold the hash of its entry";
            let file = files.path(Series::Tile(0), n, None);
            return Err(Error::Tampered { index, file, what });
        }
        return Err(files.bad_entry(index, "entry does not hash to its leaf"));
    }
    if !tile_fits {
        return Err(files.bad_tile(0, n, "tile does not hash to the one above"));
    }
    // Tiles of higher levels whose last leaf is in this bundle.
    let (mut level, mut number) = (1, n);
    while number % TILE_WIDTH == TILE_WIDTH - 1 {
        number /= TILE_WIDTH;
        let tile = stored_tile(store, level, number)?;
        if perfect_root(&tile) != Some(store.hash(level + 1, number)?) {
            return Err(files.bad_tile(level, number, "tile does not hash to the one above"));
        }
        level += 1;
    }
    let bytes = bundle.iter().map(|entry| entry.len() as u64 + 2).sum();
    Ok(Checked { leaves, bytes })
}

/// The tree rebuilt from the stored entries, compared with every stored tile and with what was signed.
pub(super) fn walk(
    store: &Store,
    promised: Option<TreeHead>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, Error> {
    let (edge, first, tail) = {
        let live = store.live.read();
        let first = live.tail.first();
        let tail: Vec<Arc<[u8]>> = (first..live.tail.end())
            .filter_map(|i| live.tail.item(i))
            .collect();
        (live.edge.clone(), first, tail)
    };
    let mut walk = Walk {
        store,
        signed: promised,
        edge: Edge::default(),
        report: VerifyReport::default(),
    };
    walk.compare_signed(&[])?;
    let bundles = first / TILE_WIDTH;
    for n in 0..bundles {
        let checked = check_bundle(store, n)?;
        walk.report.bytes += checked.bytes;
        walk.report.entries += TILE_WIDTH;
        walk.add(&checked.leaves, &[])?;
        progress(walk.report.entries, edge.size());
    }
    for entries in tail.chunks(TILE_WIDTH as usize) {
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        walk.report.bytes += entries
            .iter()
            .map(|entry| entry.len() as u64 + 2)
            .sum::<u64>();
        walk.report.entries += entries.len() as u64;
        walk.add(&leaves, entries)?;
    }
    progress(walk.report.entries, edge.size());
    let (found, expected) = (walk.edge.head(), edge.head());
    if found != expected {
        let (size, promised) = (expected.size, "computed while appending");
        return Err(Error::Differs {
            size,
            expected: expected.root,
            found: found.root,
            promised,
        });
    }
    Ok(walk.report)
}

struct Walk<'a> {
    store: &'a Store,
    signed: Option<TreeHead>,
    edge: Edge,
    report: VerifyReport,
}

impl Walk<'_> {
    /// Adds up to 256 leaves that start on a bundle boundary; `entries` when they are not in a file.
    fn add(&mut self, leaves: &[Hash], entries: &[Arc<[u8]>]) -> Result<(), Error> {
        let mut full = Vec::new();
        for (position, leaf) in leaves.iter().enumerate() {
            self.edge.push(*leaf, &mut full);
            if self
                .signed
                .is_some_and(|signed| signed.size == self.edge.size())
            {
                self.compare_signed(entries.get(..=position).unwrap_or_default())?;
            }
        }
        for tile in full {
            let stored = stored_tile(self.store, tile.level, tile.n)?;
            self.report.tiles += 1;
            if let Some(at) = tile
                .hashes
                .iter()
                .zip(&stored)
                .position(|(want, is)| want != is)
            {
                let index = first_leaf(tile.level, tile.n)
                    + at as u64 * TILE_WIDTH.pow(u32::from(tile.level));
                let file = self
                    .store
                    .files
                    .path(Series::Tile(tile.level), tile.n, None);
                return Err(Error::Tampered {
                    index,
                    file,
                    what: "hash is not that of its entries",
                });
            }
        }
        Ok(())
    }

    /// At the size of the checkpoint: its root, and the partial files that it needs.
    fn compare_signed(&mut self, entries: &[Arc<[u8]>]) -> Result<(), Error> {
        let head = self.edge.head();
        let Some(signed) = self.signed.filter(|signed| signed.size == head.size) else {
            return Ok(());
        };
        if signed.root != head.root {
            self.name_entry_in_partial_bundle()?;
            let (size, expected, found) = (head.size, signed.root, head.root);
            return Err(Error::Differs {
                size,
                expected,
                found,
                promised: "signed",
            });
        }
        for (level, n, hashes) in self.edge.partial() {
            let width = hashes.len() as u64;
            let index = first_leaf(level, n);
            self.compare_partial(Series::Tile(level), n, width, index, |bytes| {
                let found = bundle::decode_tile(bytes, hashes.len())?;
                let at = found.iter().zip(hashes).position(|(is, want)| is != want);
                Some(at.map(|at| at as u64 * TILE_WIDTH.pow(u32::from(level))))
            })?;
        }
        if !entries.is_empty() {
            let n = (head.size - 1) / TILE_WIDTH;
            let width = entries.len() as u64;
            self.compare_partial(Series::Entries, n, width, n * TILE_WIDTH, |bytes| {
                let found = Bundle::entries(bytes.to_vec())?;
                let at = found
                    .iter()
                    .zip(entries)
                    .position(|(is, want)| *is != **want);
                (at.is_some() || found.len() == entries.len()).then_some(at.map(|at| at as u64))
            })?;
        }
        self.report.checkpoint = Some(signed);
        Ok(())
    }

    /// With a wrong root, the stored partial leaf tile tells which entry of the last bundle changed.
    fn name_entry_in_partial_bundle(&self) -> Result<(), Error> {
        let Some((0, n, hashes)) = self.edge.partial().next() else {
            return Ok(());
        };
        let files = &self.store.files;
        let width = Some(hashes.len() as u64);
        let stored = fs::read(files.path(Series::Tile(0), n, width)).ok();
        let stored = stored.and_then(|bytes| bundle::decode_tile(&bytes, hashes.len()));
        let wrong = stored.and_then(|s| s.iter().zip(hashes).position(|(was, is)| was != is));
        wrong.map_or(Ok(()), |at| {
            Err(Error::Tampered {
                index: n * TILE_WIDTH + at as u64,
                file: files.path(Series::Entries, n, width),
                what: "entry does not hash to its leaf",
            })
        })
    }

    /// `first_wrong` gives the offset of the first entry concerned; `None` for a malformed file.
    fn compare_partial(
        &self,
        series: Series,
        n: u64,
        width: u64,
        first: u64,
        first_wrong: impl Fn(&[u8]) -> Option<Option<u64>>,
    ) -> Result<(), Error> {
        let file = self.store.files.path(series, n, Some(width));
        let wrong = |offset, what| {
            Err(Error::Tampered {
                index: first + offset,
                file: file.clone(),
                what,
            })
        };
        match fs::read(&file) {
            Ok(bytes) => match first_wrong(&bytes) {
                Some(None) => Ok(()),
                Some(Some(offset)) => wrong(offset, "partial file differs from the entries"),
                None => wrong(0, "partial file is malformed"),
            },
            // The full file may have taken its place.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.store.files.path(series, n, None).exists() {
                    return Ok(());
                }
                wrong(0, "partial file of the checkpoint is missing")
            }
            Err(error) => Err(Error::io("reading", &file, error)),
        }
    }
}

/// A full tile from its file, or from memory when it has none yet.
fn stored_tile(store: &Store, level: u8, n: u64) -> Result<Vec<Hash>, Error> {
    let waiting = store.live.read().tiles.get(&(level, n)).cloned();
    waiting.map_or_else(|| store.files.read_tile(level, n), |tile| Ok(tile.to_vec()))
}
