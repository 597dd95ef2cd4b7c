//! The folder is a C2SP tlog-tiles log: read here by its standard only, not through the crate.

use std::fs;
use std::path::Path;

use kasane_ledger::Ledger;
use sha2::{Digest as _, Sha256};

use crate::common::*;

type Digest = [u8; 32];

fn leaf(entry: &[u8]) -> Digest {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// MTH of RFC 6962 §2.1, word by word.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            let (left, right) = (mth(&leaves[..k]), mth(&leaves[k..]));
            Sha256::new()
                .chain_update([1])
                .chain_update(left)
                .chain_update(right)
                .finalize()
                .into()
        }
    }
}

/// The resource as a client asks for it: `kind` and number, partial by width.
fn fetch(dir: &Path, kind: &str, n: u64, width: u64) -> Vec<u8> {
    assert!(n < 1000, "enough for these trees");
    let partial = if width == 256 {
        String::new()
    } else {
        format!(".p/{width}")
    };
    fs::read(dir.join(format!("tile/{kind}/{n:03}{partial}"))).unwrap()
}

fn check_as_client(dir: &Path) -> u64 {
    let note = fs::read_to_string(dir.join("checkpoint")).unwrap();
    let checkpoint = TestSigner::new(1).verifier().open(&note).unwrap();
    assert_eq!(checkpoint.origin, ORIGIN);
    let mut entries = Vec::new();
    let mut n = 0;
    while (entries.len() as u64) < checkpoint.size {
        let width = (checkpoint.size - n * 256).min(256);
        let bundle = fetch(dir, "entries", n, width);
        let mut rest = bundle.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            entries.push(entry.to_vec());
            rest = after;
        }
        n += 1;
        assert_eq!(entries.len() as u64, (n - 1) * 256 + width);
    }
    let leaves: Vec<Digest> = entries.iter().map(|e| leaf(e)).collect();
    assert_eq!(mth(&leaves), checkpoint.root.0);
    let mut row = leaves;
    for level in 0.. {
        for (n, chunk) in row.chunks(256).enumerate() {
            let tile = fetch(dir, &level.to_string(), n as u64, chunk.len() as u64);
            assert_eq!(tile, chunk.concat(), "level {level}, tile {n}");
        }
        row = row.chunks_exact(256).map(mth).collect();
        if row.is_empty() {
            break;
        }
    }
    checkpoint.size
}

#[test]
fn a_client_of_the_folder_can_check_every_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let signer = TestSigner::new(1);
    for count in [0, 1, 254, 1, 1, 255, 500, 65_000] {
        append_many(&ledger, count);
        ledger.checkpoint(&signer).unwrap();
        assert_eq!(check_as_client(dir.path()), ledger.size());
    }
}

#[test]
fn partial_files_go_once_the_full_one_is_durable() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = create(dir.path());
    let signer = TestSigner::new(1);
    append_many(&ledger, 100);
    ledger.checkpoint(&signer).unwrap();
    assert!(dir.path().join("tile/0/000.p/100").exists());
    append_many(&ledger, 200);
    assert!(dir.path().join("tile/0/000.p/100").exists());
    ledger.checkpoint(&signer).unwrap();
    for name in ["tile/0/000.p", "tile/entries/000.p"] {
        assert!(!dir.path().join(name).exists());
    }
    assert!(dir.path().join("tile/1/000.p/1").exists());
}

#[test]
fn journal_and_private_records_are_closed_to_other_users() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    Ledger::create(dir.path(), ORIGIN, small_segments()).unwrap();
    for name in ["journal", "private", "blobs"] {
        let mode = fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}
