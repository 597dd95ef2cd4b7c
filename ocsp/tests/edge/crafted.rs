//! Folders as a killed edge, a failing disk or somebody's copy leave them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kasane_ca_core::authority::Status;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;
use parking_lot::Mutex;
use tempfile::TempDir;

use crate::common::{World, copy, world};
use crate::scene::{Edge, Killed, TERMINALS, is_revoked, issue, revoke};

/// An edge that was told of a revocation, holds it, and was killed; the authority is gone.
fn killed_with_one_held(world: &World) -> (Vec<u8>, Killed) {
    let issued = issue(world);
    let edge = Edge::ready(world, "edge-1");
    revoke(world, &issued.serial);
    edge.catch_up();
    assert!(is_revoked(edge.status(&issued.serial)));
    edge.cut_off();
    (issued.serial, edge.kill())
}

fn is_silent(edge: &Edge, serial: &[u8]) -> bool {
    edge.ask(serial).status == OcspResponseStatus::TryLater
}

fn reach(world: &World, edge: &Edge) {
    *edge.way.authority.lock() = Some(world.authority.clone());
    edge.catch_up();
}

/// A folder, and the serial numbers that were called revoked then.
type State = (TempDir, Vec<Vec<u8>>);

/// What a kill leaves; the store is made anew, and nothing is signed.
fn snapshot(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if ["store", "store.state", "keys", "lock"]
            .iter()
            .any(|it| name == *it)
        {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            snapshot(&entry.path(), &target);
        } else {
            // One that is being replaced may be gone.
            let _copied = fs::copy(entry.path(), target);
        }
    }
}

#[test]
fn edge_that_is_killed_between_any_two_writes_says_revoked_again() {
    let world = world();
    let serials: Vec<_> = (0..3).map(|_| issue(&world).serial).collect();
    let edge = Edge::ready(&world, "edge-1");
    let found: Arc<Mutex<Vec<State>>> = Arc::default();
    let (look, asked) = (Arc::clone(&found), serials.clone());
    let (follower, from) = (Arc::clone(&edge.follower), edge.replica().to_owned());
    edge.disk.watch(Box::new(move || {
        let is_told = |serial: &&Vec<u8>| {
            let status = follower.status(TERMINALS, serial).unwrap();
            matches!(status, Status::Revoked { .. })
        };
        let told = asked.iter().filter(is_told).cloned().collect();
        let path = tempfile::tempdir().unwrap();
        snapshot(&from, path.path());
        look.lock().push((path, told));
    }));
    for serial in &serials {
        revoke(&world, serial);
        edge.catch_up();
        assert!(is_revoked(edge.status(serial)));
    }
    world.authority.checkpoint().unwrap();
    // Something is left over.
    let _uncovered = issue(&world);
    edge.catch_up();
    edge.disk.look_away();
    edge.cut_off();
    let killed = edge.kill();
    let found = std::mem::take(&mut *found.lock());
    let (mut told_before, states) = (0, found.len());
    assert!(states > 20, "{states}");
    for (number, (path, told)) in found.into_iter().enumerate() {
        let edge = killed.elsewhere(path).start();
        assert!(edge.follower.known_as_of(edge.follower.now()).is_some());
        for serial in &told {
            let status = edge.follower.status(TERMINALS, serial).unwrap();
            assert!(matches!(status, Status::Revoked { .. }), "state {number}");
        }
        assert!(told.len() >= told_before);
        told_before = told.len();
    }
    assert_eq!(told_before, 3);
}

#[test]
fn append_that_was_cut_off_in_the_middle_is_not_damage() {
    let world = world();
    let (serial, killed) = killed_with_one_held(&world);
    let whole = fs::read(killed.file("held")).unwrap();
    let mut killed = killed;
    for part in 0..8 {
        let cut = whole.len() * part / 8;
        fs::write(killed.file("held"), &whole[..cut]).unwrap();
        let edge = killed.start();
        // The append came before the entry counted: nobody was told.
        assert_eq!(edge.status(&serial), CertStatus::GOOD, "{cut}");
        reach(&world, &edge);
        assert!(is_revoked(edge.status(&serial)), "{cut}");
        edge.cut_off();
        killed = edge.kill();
        assert_eq!(fs::read(killed.file("held")).unwrap(), whole, "{cut}");
    }
}

#[test]
fn damaged_file_of_what_was_held_makes_the_edge_silent_until_it_caught_up() {
    let world = world();
    let (serial, killed) = killed_with_one_held(&world);
    let whole = fs::read(killed.file("held")).unwrap();
    let mut killed = killed;
    let mut garbled = whole.clone();
    garbled[whole.len() - 3] ^= 4;
    for octets in [
        garbled,
        vec![0; 4_096],
        b"KSNHELD9 of another release".to_vec(),
    ] {
        fs::write(killed.file("held"), &octets).unwrap();
        let edge = killed.start();
        assert!(is_silent(&edge, &serial));
        assert_eq!(
            fs::read(edge.replica().join("held.refused")).unwrap(),
            octets
        );
        world.authority.checkpoint().unwrap();
        reach(&world, &edge);
        assert!(is_revoked(edge.status(&serial)));
        edge.cut_off();
        // And says so again.
        let edge = edge.restart();
        assert!(is_revoked(edge.status(&serial)));
        killed = edge.kill();
    }
}

#[test]
fn damage_stays_to_be_found_until_the_note_counts_no_more() {
    let world = world();
    let (serial, killed) = killed_with_one_held(&world);
    let (held, note) = (killed.file("held"), killed.file("knowledge"));
    let noted = fs::read(&note).unwrap();
    let mut garbled = fs::read(&held).unwrap();
    *garbled.last_mut().unwrap() ^= 4;
    fs::write(&held, &garbled).unwrap();
    // A note that can be neither set aside nor removed.
    fs::remove_file(&note).unwrap();
    fs::create_dir_all(note.join("full")).unwrap();
    fs::write(note.with_extension("refused"), "a file").unwrap();
    let (refused, killed) = *killed.try_start().map(drop).unwrap_err();
    assert_eq!(refused.code(), "folder.io");
    assert!(refused.to_string().contains("knowledge"), "{refused}");
    assert_eq!(fs::read(&held).unwrap(), garbled);
    fs::remove_dir_all(&note).unwrap();
    // One that cannot be set aside is removed.
    fs::write(&note, noted).unwrap();
    fs::remove_file(note.with_extension("refused")).unwrap();
    fs::create_dir_all(note.with_extension("refused").join("full")).unwrap();
    let edge = killed.start();
    assert!(is_silent(&edge, &serial));
    let edge = edge.restart();
    assert!(is_silent(&edge, &serial));
    world.authority.checkpoint().unwrap();
    reach(&world, &edge);
    assert!(is_revoked(edge.status(&serial)));
}

#[test]
fn file_that_is_behind_the_replica_adds_nothing() {
    let world = world();
    let (serial, killed) = killed_with_one_held(&world);
    let before = fs::read(killed.file("held")).unwrap();
    let edge = killed.start();
    world.authority.checkpoint().unwrap();
    reach(&world, &edge);
    edge.cut_off();
    let killed = edge.kill();
    assert_eq!(fs::read(killed.file("held")).unwrap(), b"");
    // Killed after the replica took it, before the file was emptied.
    fs::write(killed.file("held"), before).unwrap();
    let edge = killed.start();
    assert_eq!(edge.follower.report().unwrap().held_entries, 0);
    assert!(is_revoked(edge.status(&serial)));
    let other = issue(&world);
    revoke(&world, &other.serial);
    reach(&world, &edge);
    edge.cut_off();
    assert!(is_revoked(edge.restart().status(&other.serial)));
}

#[test]
fn garbled_note_of_what_is_known_makes_the_edge_silent_until_it_caught_up() {
    let world = world();
    let (serial, killed) = killed_with_one_held(&world);
    let note = fs::read_to_string(killed.file("knowledge")).unwrap();
    // As if it spoke for a later year.
    let changed = note.replacen("2 1", "2 2", 1);
    assert_ne!(changed, note);
    let mut killed = killed;
    for garbled in [changed.as_str(), "", "\0\0\0\0", &note[..note.len() / 2]] {
        fs::write(killed.file("knowledge"), garbled).unwrap();
        let edge = killed.start();
        assert!(is_silent(&edge, &serial), "{garbled:?}");
        assert!(edge.replica().join("knowledge.refused").exists());
        killed = edge.kill();
    }
    let edge = killed.start();
    world.authority.checkpoint().unwrap();
    reach(&world, &edge);
    assert!(is_revoked(edge.status(&serial)));
}

#[test]
fn replica_that_was_put_back_knows_no_more_than_it_has() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    edge.cut_off();
    let killed = edge.kill();
    let before = tempfile::tempdir().unwrap();
    copy(&killed.file("ledger"), before.path());
    let edge = killed.start();
    revoke(&world, &issued.serial);
    world.authority.checkpoint().unwrap();
    let later = world.authority.now().plus_seconds(600);
    world.clock.set(later);
    edge.pass(600);
    reach(&world, &edge);
    assert!(is_revoked(edge.status(&issued.serial)));
    edge.cut_off();
    let killed = edge.kill();
    fs::remove_dir_all(killed.file("ledger")).unwrap();
    fs::create_dir(killed.file("ledger")).unwrap();
    copy(before.path(), &killed.file("ledger"));
    let edge = killed.start();
    assert!(is_silent(&edge, &issued.serial));
    reach(&world, &edge);
    assert!(is_revoked(edge.status(&issued.serial)));
    edge.cut_off();
    assert!(is_revoked(edge.restart().status(&issued.serial)));
}

#[test]
fn replica_that_lost_its_end_does_not_start() {
    let world = world();
    let (_, killed) = killed_with_one_held(&world);
    let journal = fs::read_dir(killed.file("ledger/journal")).unwrap();
    let newest = journal.map(|entry| entry.unwrap().path()).max().unwrap();
    let octets = fs::read(&newest).unwrap();
    fs::write(&newest, &octets[..octets.len() / 2]).unwrap();
    let (refused, _) = *killed.try_start().map(drop).unwrap_err();
    assert!(refused.code().starts_with("ledger."), "{refused}");
}

#[test]
fn two_edges_on_one_folder_are_refused() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let refused = DataFolder::open(edge.replica()).unwrap_err();
    assert_eq!(refused.code(), "folder.in-use");
}
