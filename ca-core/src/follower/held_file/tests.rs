//! The file of what is held, as a kill, a full disk or somebody leave it.

use std::os::unix::fs::MetadataExt;

use kasane_ledger::disk::RealDisk;

use super::*;

fn open(path: &Path, durable: u64) -> (HeldFile, Kept) {
    HeldFile::open(Arc::new(RealDisk), path.to_owned(), durable).unwrap()
}

fn entries(from: u8, to: u8) -> Vec<Vec<u8>> {
    (from..to).map(|it| vec![it; 100]).collect()
}

fn kept(path: &Path, durable: u64) -> (Vec<Vec<u8>>, bool) {
    let (_, kept) = open(path, durable);
    (kept.entries, kept.damage.is_none())
}

fn scene() -> (tempfile::TempDir, PathBuf, HeldFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("held");
    let (file, kept) = open(&path, 50);
    assert!(kept.entries.is_empty() && kept.damage.is_none());
    (folder, path, file)
}

#[test]
fn append_writes_what_is_new_and_nothing_else() {
    let (_folder, path, mut file) = scene();
    file.append(50, &[], &entries(0, 1)).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    let first = fs::read(&path).unwrap();
    for next in 1..=200_u8 {
        let before = fs::metadata(&path).unwrap().len();
        file.append(50, &entries(0, next), &entries(next, next + 1))
            .unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.ino(), after.len()), (inode, before + 112));
    }
    assert!(fs::read(&path).unwrap().starts_with(&first));
    assert_eq!(kept(&path, 50), (entries(0, 201), true));
    // What the replica has meanwhile is not held.
    assert_eq!(kept(&path, 52), (entries(2, 201), true));
    assert_eq!(kept(&path, 300), (Vec::new(), true));
}

#[test]
fn file_is_emptied_with_what_is_held_and_never_grows_with_what_is_durable() {
    let (_folder, path, mut file) = scene();
    file.append(50, &[], &entries(0, 9)).unwrap();
    file.compact(59, &[]).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    // There is always something that the newest checkpoint does not cover.
    let (mut first, mut most) = (59, 0);
    let page = vec![vec![7; 10_000]; 10];
    let mut held = Vec::new();
    for _ in 0..50 {
        file.append(first, &held, &page).unwrap();
        held.extend(page.clone());
        first += held.len() as u64 - 1;
        held = vec![page[0].clone()];
        file.compact(first, &held).unwrap();
        most = most.max(fs::metadata(&path).unwrap().len());
        assert_eq!(kept(&path, first), (held.clone(), true));
    }
    assert!(most < 300_000, "{most}");
}

#[test]
fn torn_append_is_cut_off_and_the_next_follows_what_is_whole() {
    let (_folder, path, mut file) = scene();
    file.append(50, &[], &entries(0, 3)).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let (mut file, kept) = open(&path, 50);
        assert!(kept.damage.is_none(), "{cut}");
        let count = u8::try_from(kept.entries.len()).unwrap();
        assert_eq!(kept.entries, entries(0, count));
        file.append(50, &kept.entries, &entries(count, 4)).unwrap();
        assert_eq!(self::kept(&path, 50), (entries(0, 4), true), "{cut}");
    }
}

#[test]
fn file_that_was_changed_or_is_of_elsewhere_is_set_aside() {
    let (_folder, path, mut file) = scene();
    file.append(50, &[], &entries(0, 3)).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    changed[150] ^= 1;
    for (octets, durable, left) in [
        (changed, 50, 1),
        ([&whole[..], &[0; 40]].concat(), 50, 3),
        (
            b"something else entirely, longer than a header".to_vec(),
            50,
            0,
        ),
        // The replica was put back.
        (whole.clone(), 49, 0),
    ] {
        fs::write(&path, &octets).unwrap();
        let (mut file, kept) = open(&path, durable);
        let reason = kept.damage.unwrap();
        assert_eq!(kept.entries, entries(0, left));
        // What is known counts no more before this does.
        assert_eq!(fs::read(&path).unwrap(), octets);
        file.give_up(&reason);
        assert_eq!(fs::read(path.with_extension("refused")).unwrap(), octets);
        file.append(durable, &kept.entries, &entries(left, 9))
            .unwrap();
        assert_eq!(self::kept(&path, durable), (entries(0, 9), true));
    }
}

#[test]
fn file_of_the_release_before_that_holds_nothing_is_whole() {
    let (_folder, path, _) = scene();
    fs::write(&path, 50_u64.to_be_bytes()).unwrap();
    let (mut file, kept) = open(&path, 50);
    assert!(kept.damage.is_none() && kept.entries.is_empty());
    file.append(50, &[], &entries(0, 2)).unwrap();
    assert_eq!(self::kept(&path, 50), (entries(0, 2), true));
}

#[test]
fn file_without_measure_is_not_read() {
    let (_folder, path, _) = scene();
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(kept(&path, 50), (Vec::new(), false));
}

#[test]
fn what_could_not_be_written_is_written_later() {
    let (_folder, path, mut file) = scene();
    fs::create_dir(&path).unwrap();
    assert!(file.append(50, &[], &entries(0, 2)).is_err());
    assert!(file.append(50, &entries(0, 2), &entries(2, 3)).is_err());
    fs::remove_dir(&path).unwrap();
    file.append(50, &entries(0, 3), &[]).unwrap();
    assert_eq!(kept(&path, 50), (entries(0, 3), true));
}

#[test]
fn what_was_set_aside_counts_no_more() {
    let (_folder, path, mut file) = scene();
    file.append(50, &[], &entries(0, 3)).unwrap();
    file.set_aside();
    assert_eq!(kept(&path, 50), (Vec::new(), true));
    assert!(path.with_extension("refused").exists());
    file.append(50, &[], &entries(4, 5)).unwrap();
    assert_eq!(kept(&path, 50), (entries(4, 5), true));
    // Where it cannot be renamed it is emptied.
    fs::remove_file(path.with_extension("refused")).unwrap();
    fs::create_dir_all(path.with_extension("refused").join("full")).unwrap();
    file.set_aside();
    assert_eq!(kept(&path, 50), (Vec::new(), true));
}
