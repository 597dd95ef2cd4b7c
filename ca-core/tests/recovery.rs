//! Crashes, rebuilds, private records, stopped issuance.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{CrashAt, Stopped, p384, parts, request, requester, terminal_order, world};
use kasane_ca_core::authority::{Authority, Population, Status};
use kasane_ca_core::fail_point::FailPoint;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::certificate::{self, State};
use kasane_ca_core::reconcile::LogNotRead;
use kasane_ca_core::store::digest;
use kasane_ca_core::store_state::StoreState;
use kasane_ca_core::{Actor, Error};

#[test]
fn record_without_outcome_is_closed_as_abandoned_and_its_serial_revoked() {
    for point in FailPoint::ISSUANCE {
        let world = world();
        let Stopped {
            clock,
            backend,
            path,
        } = world.stopped();
        let folder = DataFolder::open(path.path()).unwrap();
        let mut crashing = parts(&clock, &backend);
        crashing.fail_points = Arc::new(CrashAt(point));
        let (authority, _) = Authority::start(&folder, crashing, &mut |_, _| {}).unwrap();
        let mut order = terminal_order("terminal-ecc", 1, &p384());
        order.request_key = Some("order-1".into());
        let before = authority.ledger().size();
        let crashed = catch_unwind(AssertUnwindSafe(|| {
            authority.issue(&requester(), order.clone())
        }));
        assert!(crashed.is_err(), "{point:?}");
        drop((authority, folder));

        let world = common::start(path, clock, backend);
        let left = world
            .authority
            .certificates_of(&order.identity.to_string())
            .unwrap();
        match point {
            FailPoint::Authorized => assert!(left.is_empty()),
            FailPoint::Recorded | FailPoint::Signed => {
                assert_eq!(world.recovered.certificates.len(), 1, "{point:?}");
                let (key, row) = &left[0];
                assert_eq!(row.state, State::Abandoned);
                let status = world.authority.status(&key.issuer, &key.serial).unwrap();
                assert!(
                    matches!(status, Status::Revoked { reason: None, .. }),
                    "{status:?}"
                );
            }
            _ => assert_eq!(left[0].1.state, State::Issued),
        }
        let issued = world.authority.issue(&requester(), order).unwrap();
        let same = left.iter().any(|(key, _)| key.serial == issued.serial);
        assert_eq!(
            same,
            point == FailPoint::Finished,
            "an abandoned serial never comes back"
        );
        assert!(world.authority.ledger().size() > before);
        world.authority.ledger().verify_all(&mut |_, _| {}).unwrap();
    }
}

#[test]
fn rebuilt_projection_is_the_same_to_the_digest() {
    let world = world();
    for number in [1, 2] {
        let order = terminal_order("terminal-ecc", number, &p384());
        world.authority.issue(&requester(), order).unwrap();
    }
    world
        .authority
        .keep_private(&Actor::system(), "operator/hanako", "hanako")
        .unwrap();
    let before = digest(world.authority.tables()).unwrap();
    let world = world.restart();
    assert_eq!(digest(world.authority.tables()).unwrap(), before, "kept");
    let world = world.stopped().without_store().start();
    assert_eq!(digest(world.authority.tables()).unwrap(), before, "rebuilt");
    let texts = world.authority.read_private("operator/hanako").unwrap();
    assert_eq!(texts, ["hanako"]);
}

#[test]
fn store_that_is_still_open_is_left_as_it_is() {
    let world = world();
    let issued = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let stopped = world.stopped();
    let folder = DataFolder::open(stopped.path.path()).unwrap();
    let state = StoreState::of(&folder);
    let open = state.open().unwrap();
    let again = state.open().err().unwrap();
    assert_eq!(again.code(), "store.in-use", "{again}");
    let row = certificate::find(&*open, &issued.issuer, &issued.serial).unwrap();
    assert!(row.is_some(), "nothing was removed");
}

#[test]
fn damaged_store_is_rebuilt() {
    let world = world();
    let issued = world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let Stopped {
        clock,
        backend,
        path,
    } = world.stopped();
    for entry in std::fs::read_dir(path.path().join("store")).unwrap() {
        let file = entry.unwrap().path();
        if file.is_file() {
            let mut bytes = std::fs::read(&file).unwrap();
            for byte in bytes.iter_mut().take(4096) {
                *byte ^= 0xA5;
            }
            std::fs::write(&file, bytes).unwrap();
        }
    }
    let world = common::start(path, clock, backend);
    let status = world
        .authority
        .status(&issued.issuer, &issued.serial)
        .unwrap();
    assert_eq!(status, Status::Good);
}

#[test]
fn erased_private_records_cannot_be_read() {
    let world = world();
    let actor = Actor::system();
    world
        .authority
        .keep_private(&actor, "operator/hanako", "花子 hanako@example.jp")
        .unwrap();
    world
        .authority
        .erase_private(&actor, "operator/hanako", "left")
        .unwrap();
    assert!(
        world
            .authority
            .read_private("operator/hanako")
            .unwrap()
            .is_empty()
    );
    let found = walk(world.path.path()).into_iter().any(|file| {
        std::fs::read(file).is_ok_and(|bytes| bytes.windows(6).any(|window| window == b"hanako@"))
    });
    assert!(!found, "the text is nowhere in the clear");
}

#[test]
fn stopped_authority_issues_nothing() {
    let world = world();
    world
        .authority
        .stop_issuance("scrub found a difference".into());
    let order = terminal_order("terminal-ecc", 1, &p384());
    let refused = world.authority.issue(&requester(), order).unwrap_err();
    assert!(matches!(refused, Error::Stopped { .. }));
}

#[test]
fn second_process_is_told_that_the_folder_is_in_use() {
    let world = world();
    let refused = DataFolder::open(world.path.path()).unwrap_err();
    assert_eq!(refused.code(), "folder.in-use");
}

#[test]
fn production_refuses_software_keys_and_populations() {
    let world = world();
    let script = common::SCRIPT.replace("\"demo\"", "\"production\"");
    let refused = kasane_ca_core::ceremony::Script::from_toml(&script)
        .map(|script| kasane_ca_core::configuration::Configuration::new(script.authority));
    assert_eq!(refused.unwrap().unwrap_err().code(), "authority.mode");
    let real = script.replace("\"demonstration\"", "\"real\"");
    let script = kasane_ca_core::ceremony::Script::from_toml(&real).unwrap();
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let documents = common::documents(&real);
    let parts = parts(&world.clock, &world.backend);
    let begun = Authority::begin(&folder, &parts, &script.authority, &documents);
    assert_eq!(begun.unwrap_err().code(), "authority.mode");
    assert!(!path.path().join("ledger").exists());
}

#[test]
fn production_refuses_a_device_whose_log_nobody_may_read() {
    let world = world();
    let script = common::SCRIPT
        .replace("\"demo\"", "\"production\"")
        .replace("\"demonstration\"", "\"real\"");
    let authority = kasane_ca_core::ceremony::Script::from_toml(&script)
        .unwrap()
        .authority;
    let documents = common::documents(&script);
    let begin = |reason| {
        let path = tempfile::tempdir().unwrap();
        let folder = DataFolder::open_or_create(path.path()).unwrap();
        let mut parts = parts(&world.clock, &world.backend);
        let logs = &mut parts.devices.context.logs_not_read;
        logs.insert("hsm-b".to_owned(), reason);
        let refused = Authority::begin(&folder, &parts, &authority, &documents).unwrap_err();
        assert_eq!(refused.code(), "authority.mode");
        refused.to_string()
    };
    let refused = begin(LogNotRead::NoAuditCredential);
    assert!(
        refused.contains("hsm-b") && refused.contains("audit"),
        "{refused}"
    );
    // One that is away now is told later, and is no reason to refuse: only the keys in software are.
    let away = LogNotRead::NotOpened {
        reason: "no answer".into(),
    };
    let refused = begin(away);
    assert!(refused.contains("keys must live in hardware"), "{refused}");
}

#[test]
fn population_has_status_and_distinct_serials() {
    let world = world();
    let key = request(&p384()).key().clone();
    let order = terminal_order("terminal-ecc", 1, &p384());
    let population = Population {
        profile: "terminal-ecc",
        count: 1_200,
        revoke_every: 100,
        key: &key,
        holder: &order.identity.holder,
    };
    world
        .authority
        .populate(&population, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let (mut good, mut revoked) = (0, 0);
    world
        .authority
        .each_certificate("issuing-ecc-terminal", &mut |key, row| {
            assert_eq!(key.serial.len(), 16);
            if row.subject.starts_with("facility/") {
                if row.revocation.is_some() {
                    revoked += 1
                } else {
                    good += 1
                }
            }
            true
        })
        .unwrap();
    assert_eq!((good, revoked), (1_188, 12));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path))
        } else {
            files.push(path)
        }
    }
    files
}

/// Stops, changes the folder, and tells how the next start ends.
fn start_after(world: common::World, change: impl FnOnce(&std::path::Path)) -> Result<(), Error> {
    let Stopped {
        clock,
        backend,
        path,
    } = world.stopped();
    change(path.path());
    let folder = DataFolder::open(path.path()).unwrap();
    Authority::start(&folder, parts(&clock, &backend), &mut |_, _| {}).map(|_| ())
}

#[test]
fn ledger_that_lost_its_checkpoint_is_refused() {
    let refused = start_after(world(), |path| {
        for name in ["checkpoint", "mark", "acknowledged"] {
            let _absent = std::fs::remove_file(path.join("ledger").join(name));
        }
    });
    assert_eq!(refused.unwrap_err().code(), "authority.stopped");
}

#[test]
fn lost_note_of_the_newest_checkpoint_is_refused() {
    let refused = start_after(world(), |path| {
        std::fs::remove_file(path.join("ledger.head")).unwrap();
    });
    assert_eq!(refused.unwrap_err().code(), "authority.stopped");
}

#[test]
fn older_copy_of_the_ledger_is_refused_whatever_the_store_says() {
    let older = world();
    let path = older.path.path().to_owned();
    let copy = tempfile::tempdir().unwrap();
    let older = older.restart();
    let common::World {
        authority,
        clock,
        backend,
        folder,
        path: held,
        ..
    } = older;
    authority.stop(&folder).unwrap();
    drop((authority, folder));
    common::copy(&path.join("ledger"), copy.path());
    let newer = common::start(held, clock, backend);
    let order = terminal_order("terminal-ecc", 1, &p384());
    newer.authority.issue(&requester(), order).unwrap();
    let refused = start_after(newer, |path| {
        std::fs::remove_dir_all(path.join("ledger")).unwrap();
        std::fs::create_dir(path.join("ledger")).unwrap();
        common::copy(copy.path(), &path.join("ledger"));
        // As after a power cut: the store is not believed and could not tell.
        std::fs::write(path.join("store.state"), "2 another-boot").unwrap();
    });
    assert_eq!(refused.unwrap_err().code(), "ledger.shorter");
}

#[test]
fn ledger_that_vanished_is_not_begun_again() {
    let world = world();
    let common::World {
        authority,
        clock,
        backend,
        folder,
        path,
        ..
    } = world;
    authority.stop(&folder).unwrap();
    drop(authority);
    std::fs::remove_dir_all(path.path().join("ledger")).unwrap();
    let script = kasane_ca_core::ceremony::Script::from_toml(common::SCRIPT).unwrap();
    let begun = Authority::begin(
        &folder,
        &parts(&clock, &backend),
        &script.authority,
        &common::documents(common::SCRIPT),
    );
    assert_eq!(begun.unwrap_err().code(), "authority.stopped");
}

#[test]
fn new_contact_after_an_erasure_is_kept_and_the_old_one_stays_gone() {
    let world = world();
    let actor = Actor::system();
    let subject = "facility/1312345679";
    world
        .authority
        .keep_private(&actor, subject, "first")
        .unwrap();
    world
        .authority
        .erase_private(&actor, subject, "asked to")
        .unwrap();
    world
        .authority
        .keep_private(&actor, subject, "second")
        .unwrap();
    assert_eq!(world.authority.read_private(subject).unwrap(), ["second"]);
    let world = world.restart();
    assert_eq!(world.authority.read_private(subject).unwrap(), ["second"]);
}

#[test]
fn folder_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let path = tempfile::tempdir().unwrap();
    std::fs::set_permissions(path.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let refused = DataFolder::open_or_create(path.path()).unwrap_err();
    assert_eq!(refused.code(), "folder.open-to-others");
}
