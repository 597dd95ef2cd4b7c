//! Checking everything that is stored, at once or bit by bit.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::error::{Error, Stop};
use crate::hash::{TreeHead, leaf_hash};
use crate::journal::Replayer;
use crate::layout::TILE_WIDTH;
use crate::log::store::Store;
use crate::log::walk::{check_bundle, walk};
use crate::log::{Ledger, Shared};

/// What a full check covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Entries rehashed.
    pub entries: u64,
    /// Private records checked against their checksums.
    pub private_records: u64,
    /// Full tiles compared.
    pub tiles: u64,
    /// Entries compared with the journal.
    pub journal_entries: u64,
    /// Bytes of entries.
    pub bytes: u64,
    /// The published checkpoint that the entries lead to.
    pub checkpoint: Option<TreeHead>,
}

/// How far a background check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrubStatus {
    /// Entries checked in this pass.
    pub checked: u64,
    /// Entries of the pass: those in full bundles.
    pub total: u64,
    /// Bytes read in this step.
    pub bytes: u64,
    /// Whether this step ended a pass; the next one starts again.
    pub complete: bool,
}

impl Ledger {
    /// Rehashes every entry, recomputes and compares every tile, and checks the private records, the
    /// journal, and the published checkpoint. Blobs are not part of it. `progress` gets entries done
    /// and entries to do. Appends go on meanwhile.
    ///
    /// # Errors
    /// [`Error::Tampered`] names the first entry and the file that do not fit;
    /// [`Error::PrivateDamaged`], [`Error::Differs`], [`Error::Io`].
    pub fn verify_all(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, Error> {
        let shared = &self.inner.shared;
        let signed = shared
            .published
            .read()
            .as_ref()
            .map(|p| p.checkpoint.head());
        let mut report = walk(&shared.store, signed, progress)?;
        report.private_records = check_private(&shared.store)?;
        report.journal_entries = check_journal(shared)?;
        Ok(report)
    }

    /// Checks the next bundles, about `max_bytes` of them, against their tiles, and tiles against those
    /// above, up to the tree in memory. Call it again and again at the rate that the disk can spare.
    ///
    /// # Errors
    /// [`Error::Tampered`] names the entry and the file; the ledger then takes no more entries.
    pub fn scrub_step(&self, max_bytes: u64) -> Result<ScrubStatus, Error> {
        let shared = &self.inner.shared;
        let mut next = shared.scrub_next.lock();
        let bundles = shared.store.live.read().tail.first() / TILE_WIDTH;
        let mut bytes = 0;
        while *next < bundles {
            bytes += check_bundle(&shared.store, *next)
                .inspect_err(|error| {
                    if matches!(error, Error::Tampered { .. }) {
                        shared.stop(Stop::Tampered(error.to_string()));
                    }
                })?
                .bytes;
            *next += 1;
            if bytes >= max_bytes {
                break;
            }
        }
        let complete = *next >= bundles;
        let checked = *next * TILE_WIDTH;
        if complete {
            *next = 0;
        }
        Ok(ScrubStatus {
            checked,
            total: bundles * TILE_WIDTH,
            bytes,
            complete,
        })
    }
}

fn check_private(store: &Store) -> Result<u64, Error> {
    let (first, end) = {
        let live = store.live.read();
        (live.private.first(), live.private.end())
    };
    (0..first / TILE_WIDTH).try_for_each(|n| store.files.read_private(n).map(drop))?;
    Ok(end)
}

/// Compares what the journal still holds with the tree.
fn check_journal(shared: &Shared) -> Result<u64, Error> {
    let store = &shared.store;
    let size = store.head().size;
    let paths: Vec<PathBuf> = shared
        .segments
        .lock()
        .0
        .iter()
        .map(|s| s.path.clone())
        .collect();
    let mut compared = 0;
    for (at, path) in paths.iter().enumerate() {
        let bytes = match fs::read(path) {
            // A flush removed it meanwhile: its entries are in bundles.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_listed(shared, path) => {
                continue;
            }
            other => other.map_err(|e| Error::io("reading", path, e))?,
        };
        let wrong = |index, what| Error::Tampered {
            index,
            file: path.clone(),
            what,
        };
        let mut replayer = Replayer::new(&bytes)
            .ok_or_else(|| wrong(size, "journal segment has no valid header"))?;
        let mut index = replayer.position().index;
        while let Ok(batch) = replayer.next_batch() {
            for entry in batch.entries {
                // Beyond `size` the second stage may not have come yet.
                if index < size {
                    if leaf_hash(entry) != store.hash(0, index)? {
                        return Err(wrong(index, "journal entry does not hash to its leaf"));
                    }
                    compared += 1;
                }
                index += 1;
            }
        }
        let last = at + 1 == paths.len();
        if (last && index < size) || (!last && replayer.good_bytes() < bytes.len() as u64) {
            let what = "journal record does not fit its checksum";
            return Err(wrong(replayer.broken_at(), what));
        }
    }
    Ok(compared)
}

fn is_listed(shared: &Shared, path: &PathBuf) -> bool {
    shared
        .segments
        .lock()
        .0
        .iter()
        .any(|segment| segment.path == *path)
}
