//! How an authority begins: once, whole, and never over what was there.

#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use common::{SCRIPT, documents, now, p384, parts, request, terminal_order, world};
use kasane_ca_core::Error;
use kasane_ca_core::authority::{Authority, Population};
use kasane_ca_core::ceremony::Script;
use kasane_ca_core::clock::ManualClock;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::store::digest;
use kasane_hsm::InMemoryBackend;

struct Place {
    path: tempfile::TempDir,
    clock: Arc<ManualClock>,
    backend: Arc<InMemoryBackend>,
}

impl Place {
    fn new() -> Self {
        Self {
            path: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::new(now())),
            backend: Arc::new(InMemoryBackend::new()),
        }
    }

    fn begin(&self) -> Result<(), Error> {
        let folder = DataFolder::open_or_create(self.path.path())?;
        let script = Script::from_toml(SCRIPT)?;
        let parts = parts(&self.clock, &self.backend);
        Authority::begin(&folder, &parts, &script.authority, &documents(SCRIPT))
    }

    fn starts(&self) -> Result<(), Error> {
        let folder = DataFolder::open(self.path.path())?;
        let parts = parts(&self.clock, &self.backend);
        let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {})?;
        authority.stop(&folder)
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.path.path().join(name)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    common::copy(from, to);
}

#[test]
fn beginning_twice_changes_nothing() {
    let place = Place::new();
    place.begin().unwrap();
    let head = fs::read(place.at("ledger.head")).unwrap();
    place.begin().unwrap();
    assert_eq!(fs::read(place.at("ledger.head")).unwrap(), head);
    place.starts().unwrap();
}

#[test]
fn crash_while_the_ledger_is_made_is_continued() {
    let place = Place::new();
    fs::create_dir_all(place.at("ledger.making/journal")).unwrap();
    fs::write(place.at("ledger.making/half"), "x").unwrap();
    place.begin().unwrap();
    place.starts().unwrap();
}

#[test]
fn crash_before_the_first_checkpoint_is_noted_is_continued() {
    let place = Place::new();
    place.begin().unwrap();
    fs::remove_file(place.at("ledger.head")).unwrap();
    assert_eq!(place.starts().unwrap_err().code(), "authority.stopped");
    place.begin().unwrap();
    place.starts().unwrap();
}

#[test]
fn ledger_taken_back_to_its_beginning_is_not_begun_again() {
    let place = Place::new();
    place.begin().unwrap();
    copy(&place.at("ledger"), &place.at("early"));
    let folder = DataFolder::open(place.path.path()).unwrap();
    let made = parts(&place.clock, &place.backend);
    let (authority, _) = Authority::start(&folder, made, &mut |_, _| {}).unwrap();
    kasane_ca_core::ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
    authority.stop(&folder).unwrap();
    drop((authority, folder));
    fs::remove_dir_all(place.at("ledger")).unwrap();
    copy(&place.at("early"), &place.at("ledger"));
    fs::remove_dir_all(place.at("store")).unwrap();
    fs::remove_file(place.at("store.state")).unwrap();
    let head = fs::read(place.at("ledger.head")).unwrap();
    assert_eq!(place.begin().unwrap_err().code(), "ledger.shorter");
    assert_eq!(
        fs::read(place.at("ledger.head")).unwrap(),
        head,
        "the note stays"
    );
    // Without the note the authority's keys tell.
    fs::remove_file(place.at("ledger.head")).unwrap();
    assert_eq!(place.begin().unwrap_err().code(), "authority.stopped");
}

#[test]
fn configuration_is_on_record_before_anything_is_started() {
    let place = Place::new();
    place.begin().unwrap();
    let folder = DataFolder::open(place.path.path()).unwrap();
    let recorded = Authority::recorded_configuration(&folder).unwrap();
    let script = Script::from_toml(SCRIPT).unwrap();
    assert_eq!(recorded, script.authority);
    assert!(!folder.store().exists());
}

#[test]
fn interrupted_start_goes_on_where_it_was_and_ends_in_the_same_projection() {
    let world = world();
    let (asked, order) = (request(&p384()), terminal_order("terminal-ecc", 1, &p384()));
    let population = Population {
        profile: "terminal-ecc",
        count: 1_000,
        revoke_every: 10,
        key: asked.key(),
        holder: &order.identity.holder,
    };
    let filled = world
        .authority
        .populate(&population, &mut |_| ControlFlow::Continue(()));
    filled.unwrap();
    let digest_before = digest(world.authority.tables()).unwrap();
    let size = world.authority.ledger().size();
    let stopped = world.stopped().without_store();

    let folder = DataFolder::open(stopped.path.path()).unwrap();
    let starts = |most: u64, seen: &mut Vec<(u64, u64)>| {
        let parts = parts(&stopped.clock, &stopped.backend);
        Authority::start_while(&folder, parts, &mut |done, total| {
            seen.push((done, total));
            if done < most {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
    };
    let mut left = size;
    for _ in 0..3 {
        let mut seen = Vec::new();
        let error = starts(300, &mut seen).unwrap_err();
        assert_eq!(error.code(), "ledger.interrupted");
        assert_eq!(seen.first(), Some(&(0, left)), "it goes on where it was");
        left -= seen.last().unwrap().0;
        let state = fs::read_to_string(stopped.path.path().join("store.state")).unwrap();
        assert!(state.ends_with(" clean"), "kept over a restart: {state}");
    }
    assert!((1..size).contains(&left), "{left} of {size}");
    drop(folder);
    let world = stopped.start();
    assert_eq!(
        world.authority.ledger().size(),
        size,
        "nothing was appended"
    );
    assert_eq!(digest(world.authority.tables()).unwrap(), digest_before);
}
