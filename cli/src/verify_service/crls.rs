//! CRLs in files, read again when they change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use kasane_verify::crl::{IndexedCrl, MAX_CRL_BYTES};
use kasane_verify::pem;
use kasane_verify::revocation::HeldCrls;

/// Most files of all folders together.
const MAX_FILES: usize = 1_000;

/// The files, and what was read of them.
#[derive(Debug)]
pub(super) struct CrlFiles {
    paths: Vec<PathBuf>,
    held: Arc<HeldCrls>,
    known: BTreeMap<PathBuf, Known>,
}

/// A file as it was when it was read.
#[derive(Debug)]
struct Known {
    stamp: Stamp,
    crls: Vec<Arc<IndexedCrl>>,
}

/// What changes with a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length_bytes: u64,
}

impl CrlFiles {
    pub(super) fn new(paths: Vec<PathBuf>, held: Arc<HeldCrls>) -> Self {
        Self {
            paths,
            held,
            known: BTreeMap::new(),
        }
    }

    /// Reads what is new or has changed, and forgets what is gone. A file that cannot be read now, as
    /// one that is being written, leaves what it held before in place. How many files failed.
    pub(super) fn refresh(&mut self) -> usize {
        let (files, mut failed) = self.list();
        let mut changed = false;
        for path in &files {
            match self.read_again(path) {
                Ok(read) => changed |= read,
                Err(error) => {
                    failed += 1;
                    tracing::error!(path = %path.display(), %error, "a CRL cannot be read");
                }
            }
        }
        let before = self.known.len();
        self.known.retain(|path, _| files.contains(path));
        if changed || self.known.len() != before {
            let all: Vec<_> = self
                .known
                .values()
                .flat_map(|known| known.crls.iter().cloned())
                .collect();
            tracing::info!(files = self.known.len(), crls = all.len(), "CRLs were read");
            self.held.replace(all);
        }
        failed
    }

    fn list(&self) -> (BTreeSet<PathBuf>, usize) {
        let (mut files, mut failed) = (BTreeSet::new(), 0);
        for path in &self.paths {
            if let Err(error) = list_into(path, &mut files) {
                failed += 1;
                tracing::error!(path = %path.display(), %error, "CRLs cannot be listed");
                // What was there stays until the folder can be read.
                let kept = self.known.keys().filter(|known| known.starts_with(path));
                files.extend(kept.cloned());
            }
        }
        (files, failed)
    }

    /// Whether it was read.
    fn read_again(&mut self, path: &Path) -> io::Result<bool> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let stamp = Stamp {
            modified: metadata.modified().ok(),
            length_bytes: metadata.len(),
        };
        let known = self.known.get(path);
        if known.is_some_and(|known| known.stamp == stamp) {
            return Ok(false);
        }
        let read = read(file);
        // Noted in either case, so that a bad file is named once and not again and again.
        let (crls, result) = match read {
            Ok(crls) => (crls, Ok(true)),
            Err(error) => {
                let old = known.map(|known| known.crls.clone());
                (old.unwrap_or_default(), Err(error))
            }
        };
        self.known.insert(path.to_owned(), Known { stamp, crls });
        result
    }
}

/// The file itself, or the files of the folder whose names say that they are CRLs.
fn list_into(path: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        if matches!(extension, Some("crl" | "der" | "pem")) && path.is_file() {
            if files.len() >= MAX_FILES {
                let message = format!("more than {MAX_FILES} files of CRLs");
                return Err(io::Error::other(message));
            }
            files.insert(path);
        }
    }
    Ok(())
}

fn read(file: File) -> io::Result<Vec<Arc<IndexedCrl>>> {
    let mut octets = Vec::new();
    file.take(MAX_CRL_BYTES as u64 + 1)
        .read_to_end(&mut octets)?;
    let lists = if pem::is_der(&octets) {
        vec![octets]
    } else {
        pem::crls(&octets).map_err(io::Error::other)?
    };
    lists
        .into_iter()
        .map(|der| IndexedCrl::from_der(der).map(Arc::new))
        .collect::<Result<_, _>>()
        .map_err(io::Error::other)
}
