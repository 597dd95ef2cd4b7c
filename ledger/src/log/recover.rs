//! From files to a tree: the base below the journal, then the journal.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::bundle::Bundle;
use crate::disk::Disk;
use crate::error::Error;
use crate::hash::{Hash, leaf_hash};
use crate::journal::{
    Ended, JournalWriter, Position, Replayer, Segment, Segments, decode_acknowledged,
};
use crate::layout::{self, Series, TILE_WIDTH};
use crate::log::files::{Files, read_bounded};
use crate::log::store::{Live, Store};
use crate::tail::Tail;
use crate::tree::{Edge, perfect_root};

/// The journal after it was replayed into a store.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) writer: JournalWriter,
    pub(crate) segments: Segments,
    /// Whether bytes of an unfinished batch are to be cut off.
    pub(crate) torn: bool,
}

/// Replays the journal on top of derived files. Changes nothing but derived files that are missing.
pub(crate) fn recover(store: &Store) -> Result<Recovered, Error> {
    let dir = &store.files.dir;
    let mut paths = Segments::list(dir)?;
    let newest = paths.last().cloned().ok_or_else(|| Error::Format {
        path: dir.join(layout::JOURNAL),
    })?;
    let bytes = read(&newest)?;
    if paths.len() > 1 && Replayer::new(&bytes).is_none() && !Replayer::has_groups(&bytes) {
        // A crash while the segment was being made; nothing was written to it.
        fs::remove_file(&newest).map_err(|e| Error::io("removing", &newest, e))?;
        paths.pop();
    }
    drop(bytes);

    let mut segments = Segments::default();
    let mut end: Option<Position> = None;
    let mut last = None;
    let count = paths.len();
    for (at, path) in paths.into_iter().enumerate() {
        let bytes = read(&path)?;
        let broken = |index, what| Error::Tampered {
            index,
            file: path.clone(),
            what,
        };
        let Some(mut replayer) = Replayer::new(&bytes) else {
            return Err(broken(
                end.map_or(0, |e| e.index),
                "journal segment has no valid header",
            ));
        };
        let first = replayer.position();
        match end {
            None => *store.live.write() = base(&store.files, first)?,
            Some(end) if end != first => {
                return Err(broken(
                    end.index,
                    "journal segment does not continue the one before",
                ));
            }
            Some(_) => {}
        }
        let ended = replay(store, &mut replayer)?;
        if ended == Ended::Damaged || (ended == Ended::Torn && at + 1 < count) {
            return Err(broken(
                replayer.broken_at(),
                "journal record does not fit its checksum",
            ));
        }
        check_acknowledged(dir, &path, &replayer, ended, at + 1 == count)?;
        let position = replayer.position();
        segments.0.push(Segment {
            path: path.clone(),
            first_index: first.index,
            first_private: first.private,
        });
        end = Some(position);
        last = Some((
            replayer.number(),
            replayer.good_bytes(),
            position,
            first,
            ended,
        ));
    }
    let Some((number, length, position, first, ended)) = last else {
        return Err(Error::Format {
            path: dir.join(layout::JOURNAL),
        });
    };
    let disk: Arc<dyn Disk> = Arc::clone(&store.files.disk);
    let first = (first.index, first.private);
    let writer = JournalWriter::resume(disk, dir, number, length, position, first)?;
    Ok(Recovered {
        writer,
        segments,
        torn: ended == Ended::Torn,
    })
}

fn replay(store: &Store, replayer: &mut Replayer<'_>) -> Result<Ended, Error> {
    loop {
        let batch = match replayer.next_batch() {
            Ok(batch) => batch,
            Err(ended) => return Ok(ended),
        };
        let entries = batch.entries.iter().map(|entry| (leaf_hash(entry), *entry));
        store
            .live
            .write()
            .push(entries, batch.private.iter().copied());
        match store.derive() {
            Ok(()) => {}
            // Stays in memory until there is space.
            Err(error) if error.may_pass() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Refuses a journal that ends before what was noted as acknowledged.
fn check_acknowledged(
    dir: &Path,
    file: &Path,
    replayer: &Replayer<'_>,
    ended: Ended,
    newest: bool,
) -> Result<(), Error> {
    let path = dir.join(layout::ACKNOWLEDGED);
    let noted = match fs::read(&path) {
        Ok(bytes) => decode_acknowledged(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("reading", &path, error)),
    };
    let Position { index, private, .. } = replayer.position();
    match noted {
        Some((i, p)) if newest && (i > index || p > private) => Err(match ended {
            Ended::Whole => Error::Shorter {
                size: index,
                expected: i,
                promised: "acknowledged",
            },
            _ => Error::Tampered {
                index: replayer.broken_at(),
                file: file.to_path_buf(),
                what: "journal record was acknowledged and does not fit its checksum",
            },
        }),
        _ => Ok(()),
    }
}

/// The tree up to where the journal begins. Level 0 comes from the entries, every other level from the
/// tiles below it, so that a changed tile shows in the root.
fn base(files: &Files, at: Position) -> Result<Live, Error> {
    let mut tail = Tail::starting_at(at.index);
    let needed = (at.index % TILE_WIDTH) as usize;
    let mut leaves = Vec::new();
    if needed > 0 {
        let n = at.index / TILE_WIDTH;
        let bad = || {
            files.bad_entry(
                at.index - 1,
                "entries below the journal are missing or damaged",
            )
        };
        let bundle = prefix(files, Series::Entries, n, needed, Bundle::entries)?;
        for entry in bundle.ok_or_else(bad)?.iter().take(needed) {
            leaves.push(leaf_hash(entry));
            tail.push(entry);
        }
    }
    let mut private = Tail::starting_at(at.private);
    let needed = (at.private % TILE_WIDTH) as usize;
    if needed > 0 {
        let n = at.private / TILE_WIDTH;
        let bundle = prefix(files, Series::Private, n, needed, |b| {
            Bundle::private(b).ok()
        })?;
        let bundle = bundle.ok_or_else(|| Error::PrivateDamaged {
            index: at.private - 1,
            file: files.path(Series::Private, n, None),
            what: "records below the journal are missing or damaged",
        })?;
        bundle
            .iter()
            .take(needed)
            .for_each(|record| private.push(record));
    }

    let mut levels = vec![leaves];
    let mut count = at.index / TILE_WIDTH;
    while count > 0 {
        let level = levels.len() as u8;
        let first = count - count % TILE_WIDTH;
        let row: Result<Vec<Hash>, Error> = (first..count)
            .map(|n| {
                let tile = files.read_tile(level - 1, n)?;
                perfect_root(&tile).ok_or_else(|| files.bad_tile(level - 1, n, "tile is not full"))
            })
            .collect();
        levels.push(row?);
        count /= TILE_WIDTH;
    }
    let edge = Edge::from_levels(at.index, levels);
    let edge =
        edge.ok_or_else(|| files.bad_entry(at.index, "tiles below the journal do not add up"))?;
    Ok(Live {
        edge,
        tail,
        private,
        ..Live::default()
    })
}

/// The full file, or a partial one with at least `needed` items.
fn prefix(
    files: &Files,
    series: Series,
    n: u64,
    needed: usize,
    decode: impl Fn(Vec<u8>) -> Option<Bundle>,
) -> Result<Option<Bundle>, Error> {
    let widths = (needed as u64..TILE_WIDTH).map(Some);
    for width in std::iter::once(None).chain(widths) {
        let path = files.path(series, n, width);
        match read_bounded(&path) {
            Ok(bytes) => {
                let bundle = decode(bytes).filter(|bundle| bundle.len() >= needed);
                if bundle.is_some() {
                    return Ok(bundle);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("reading", &path, error)),
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| Error::io("reading", path, e))
}
