use std::os::unix::fs::PermissionsExt;

use kasane_hsm::config::{CredentialHindrance, TryOutcome};
use kasane_verify::UnixTime;

use super::*;
use crate::clock::ManualClock;

const PIN: &str = "739154";

struct World {
    folder: tempfile::TempDir,
    refused: RefusedCredentials,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(UnixTime::from_seconds(1_800_000_000));
        let refused = RefusedCredentials::new(&folder.path().join("data"), Arc::new(clock));
        let world = Self { folder, refused };
        world.write(PIN);
        world
    }

    fn pin(&self) -> PathBuf {
        self.folder.path().join("pin")
    }

    /// A new file in the place of the old one.
    fn write(&self, pin: &str) {
        let beside = self.folder.path().join("beside");
        fs::write(&beside, pin).unwrap();
        fs::rename(beside, self.pin()).unwrap();
    }

    /// What a process holds that starts now.
    fn start(&self) -> Arc<dyn CredentialRecord> {
        self.start_with(&Credential::File(self.pin()))
    }

    fn start_with(&self, credential: &Credential) -> Arc<dyn CredentialRecord> {
        self.refused.record(credential, &device(), "pin")
    }

    fn notes(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path().join("data/hsm-credentials")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|it| it == "toml"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect()
    }
}

fn device() -> DeviceName {
    DeviceName::new("token-a").unwrap()
}

fn refuse(record: &dyn CredentialRecord) {
    record.begin().unwrap();
    record.end(TryOutcome::Refused("CKR_PIN_INCORRECT"));
}

fn refusal(result: Result<(), CredentialHindrance>) -> String {
    match result {
        Err(CredentialHindrance::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn refused_credential_is_not_shown_again_after_a_restart() {
    let world = World::new();
    refuse(&*world.start());
    for _ in 0..3 {
        let next = world.start();
        let said = refusal(next.begin());
        for part in [
            "2027-01-15T08:00:00Z",
            "CKR_PIN_INCORRECT",
            "pin",
            "kasane hsm enable token-a",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(said, refusal(next.check()));
    }
}

#[test]
fn changed_file_gives_one_more_try_but_no_third() {
    let world = World::new();
    refuse(&*world.start());
    world.write("739155");
    refuse(&*world.start());
    world.write("739156");
    let said = refusal(world.start().begin());
    assert!(said.contains("refusal 2 in a row"), "{said}");
    assert!(world.refused.forget(&device()).unwrap());
    let right = world.start();
    right.begin().unwrap();
    right.end(TryOutcome::Accepted);
    assert!(world.notes().is_empty());
    assert!(!world.refused.forget(&device()).unwrap());
}

#[test]
fn right_credential_ends_the_row_of_refusals() {
    let world = World::new();
    for pin in ["1", "2", "3", "4"] {
        refuse(&*world.start());
        world.write(pin);
        let right = world.start();
        right.begin().unwrap();
        right.end(TryOutcome::Accepted);
    }
    assert!(world.notes().is_empty());
}

#[test]
fn credential_without_a_file_waits_for_people() {
    let world = World::new();
    for credential in [
        Credential::Environment("PIN".to_owned()),
        Credential::Prompt(true),
    ] {
        refuse(&*world.start_with(&credential));
        for _ in 0..2 {
            let said = refusal(world.start_with(&credential).check());
            assert!(said.contains("kasane hsm enable token-a"), "{said}");
        }
        assert!(world.refused.forget(&device()).unwrap());
        world.start_with(&credential).check().unwrap();
    }
}

#[test]
fn crash_in_the_middle_of_a_try_counts() {
    let world = World::new();
    for _ in 0..2 {
        let crashed = world.start();
        crashed.begin().unwrap();
        drop(crashed);
        // A new file is no excuse: the device may have been asked.
        world.write(PIN);
    }
    let said = refusal(world.start().begin());
    assert!(said.contains("without a clear answer"), "{said}");
    assert!(world.refused.forget(&device()).unwrap());
    world.start().begin().unwrap();
}

#[test]
fn device_that_was_not_there_costs_no_try() {
    let world = World::new();
    for _ in 0..10 {
        let start = world.start();
        start.begin().unwrap();
        start.end(TryOutcome::NotLookedAt);
    }
    for _ in 0..2 {
        let start = world.start();
        start.begin().unwrap();
        start.end(TryOutcome::Unclear);
    }
    let _ = refusal(world.start().begin());
}

#[test]
fn one_process_at_a_time_shows_a_credential() {
    let world = World::new();
    let first = world.start();
    first.begin().unwrap();
    let second = world.start();
    std::thread::scope(|scope| {
        // Waits for the first one's answer, and is bound by it.
        let waiting = scope.spawn(|| second.begin());
        first.end(TryOutcome::Refused("CKR_PIN_INCORRECT"));
        let _ = refusal(waiting.join().unwrap());
    });
}

#[test]
fn file_that_changed_since_it_was_read_is_not_what_is_shown() {
    let world = World::new();
    let old = world.start();
    world.write("other");
    let said = refusal(old.begin());
    assert!(said.contains("start the process again"), "{said}");
    world.start().begin().unwrap();
}

#[test]
fn note_holds_nothing_of_the_credential() {
    let world = World::new();
    refuse(&*world.start());
    let short = world.notes();
    assert_eq!(short.len(), 1);
    assert!(!short[0].contains(PIN));
    assert!(world.refused.forget(&device()).unwrap());
    world.write(&PIN.repeat(3));
    refuse(&*world.start());
    // But for inode and time of the file it is the same note: not even the length is in it.
    let without_stamp = |notes: &[String]| {
        let lines = notes[0].lines();
        let lines: Vec<_> = lines.filter(|line| !line.starts_with("stamp")).collect();
        lines.join("\n")
    };
    assert_eq!(without_stamp(&short), without_stamp(&world.notes()));
}

#[test]
fn note_that_is_damaged_or_cannot_be_written_keeps_the_credential_back() {
    let world = World::new();
    refuse(&*world.start());
    let folder = world.folder.path().join("data/hsm-credentials");
    let mode = fs::metadata(&folder).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
    fs::write(folder.join("token-a.pin.toml"), "refusals = \"none\"").unwrap();
    let said = refusal(world.start().begin());
    assert!(said.contains("token-a.pin.toml"), "{said}");
    assert!(world.refused.forget(&device()).unwrap());
    // A folder in the place of the note that is written beside.
    fs::create_dir(folder.join("token-a.pin.new")).unwrap();
    match world.start().begin() {
        Err(CredentialHindrance::NotNow(reason)) => {
            assert!(reason.contains("token-a.pin.toml"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_devices_and_credentials_are_not_concerned() {
    let world = World::new();
    refuse(&*world.start());
    let file = Credential::File(world.pin());
    let longer = DeviceName::new("token-a-2").unwrap();
    world.refused.record(&file, &longer, "pin").check().unwrap();
    world
        .refused
        .record(&file, &device(), "audit")
        .check()
        .unwrap();
    assert!(!world.refused.forget(&longer).unwrap());
    let _ = refusal(world.start().check());
}
