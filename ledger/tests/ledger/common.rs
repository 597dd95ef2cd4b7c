//! What the ledger's tests share.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use kasane_ledger::checkpoint::{ed25519_key_id, ed25519_vkey};
use kasane_ledger::{
    Batch, CheckpointSigner, CheckpointVerifier, Error, Ledger, NoProjection, Observer, OpenLedger,
    Options,
};
use parking_lot::Mutex;

pub(crate) const ORIGIN: &str = "ledger.example/kasane";

/// A signer whose key is made from one byte.
pub(crate) struct TestSigner {
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl TestSigner {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        Self { pair, public }
    }

    pub(crate) fn verifier(&self) -> CheckpointVerifier {
        CheckpointVerifier::from_vkey(&ed25519_vkey(ORIGIN, &self.public)).unwrap()
    }
}

impl CheckpointSigner for TestSigner {
    fn key_name(&self) -> &str {
        ORIGIN
    }

    fn key_id(&self) -> [u8; 4] {
        ed25519_key_id(ORIGIN, &self.public)
    }

    fn sign(&self, note_text: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.pair.sign(note_text).as_ref().to_vec())
    }
}

/// Keeps what it is shown and checks that there are no gaps.
#[derive(Clone, Default)]
pub(crate) struct Recorder(pub(crate) Arc<Mutex<Vec<Vec<u8>>>>);

impl Observer for Recorder {
    fn committed(&mut self, first_index: u64, entries: &[Vec<u8>]) -> Result<(), String> {
        let mut seen = self.0.lock();
        if seen.len() as u64 != first_index {
            return Err(format!("gap: have {}, got {first_index}", seen.len()));
        }
        seen.extend_from_slice(entries);
        Ok(())
    }
}

pub(crate) fn small_segments() -> Options {
    Options {
        segment_bytes: 8 * 1024,
        ..Options::default()
    }
}

pub(crate) fn create(dir: &Path) -> Ledger {
    Ledger::create(dir, ORIGIN, Options::default()).unwrap();
    start(dir)
}

pub(crate) fn open(dir: &Path) -> Result<OpenLedger, Error> {
    Ledger::open(
        dir,
        Options::default(),
        Some(&TestSigner::new(1).verifier()),
    )
}

pub(crate) fn start(dir: &Path) -> Ledger {
    start_with(dir, Options::default())
}

pub(crate) fn start_with(dir: &Path, options: Options) -> Ledger {
    let open = Ledger::open(dir, options, Some(&TestSigner::new(1).verifier())).unwrap();
    let size = open.size();
    open.start(Box::new(NoProjection), size, &mut |_, _| {})
        .unwrap()
}

/// A distinct entry; lengths vary.
pub(crate) fn entry(index: u64) -> Vec<u8> {
    let mut bytes = index.to_be_bytes().to_vec();
    bytes.resize(8 + (index % 97) as usize, b'.');
    bytes
}

pub(crate) fn append_many(ledger: &Ledger, count: u64) {
    let first = ledger.size();
    for chunk in (first..first + count).collect::<Vec<_>>().chunks(1000) {
        let entries = chunk.iter().map(|index| entry(*index)).collect();
        ledger
            .append(Batch {
                entries,
                private: vec![],
            })
            .unwrap();
    }
}

/// Copies the folder as a crash could leave it: what vouches for other files first.
pub(crate) fn copy(from: &Path, to: &Path) {
    while let Err(error) = try_copy(from, to) {
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
        // A flush removed something meanwhile: such a copy is no moment of the folder.
        let _partly = fs::remove_dir_all(to);
    }
}

fn try_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in ["acknowledged", "checkpoint", "mark", "ledger"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name))?;
        }
    }
    for name in ["journal", "tile", "private", "blobs"] {
        let source = from.join(name);
        if source.exists() {
            copy_tree(&source, &to.join(name))?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for path in sorted(from)? {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

pub(crate) fn sorted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)?
        .map(|file| Ok(file?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// All files below a folder.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in sorted(dir).unwrap() {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

pub(crate) fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x01;
    fs::write(path, bytes).unwrap();
}
