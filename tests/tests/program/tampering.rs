//! Changed bytes in the ledger.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kasane_tests::program::{Kasane, Service, refusal_of};

use crate::World;

#[test]
fn changed_entry_is_named_and_nothing_is_issued() {
    let world = World::new();
    let issued = world.issue(&world.csr(), "one");
    let record = issued["record"].as_u64().unwrap();
    let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
    // The bytes to be signed stand in the entry bundle; another validity, another name, whatever.
    let file = change(&world.dir().join("ledger/tile/entries"), &serial);
    let refusal = world.refusal(["ledger", "verify"]);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("ledger.tampered", 6),
        "{file:?}"
    );
    assert!(
        refusal.message.contains(&record.to_string()),
        "{record}: {}",
        refusal.message
    );
    // Start-up or the scrub finds it: the service issues nothing for long.
    let mut service = Service::launch(&world);
    let refused = match service.ended_within(Duration::from_secs(5)) {
        Some(status) => {
            assert_eq!(status.code(), Some(6), "{}", service.log());
            service.log()
        }
        None => {
            let refusal = world.refusal(Kasane::issue_arguments(&world.csr(), "1", "two"));
            assert_eq!(refusal.exit, 6, "{}", refusal.message);
            refusal.message
        }
    };
    assert!(
        refused.contains("tampered") || refused.contains("stopped"),
        "{refused}"
    );
}

/// An entry that lies long before the last clean mark: no start reads it again, the scrub does.
#[test]
fn scrub_finds_an_old_change_and_stops_issuance() {
    let world = World::new();
    let csr = world.csr();
    let service = Service::start(&world);
    let issued = world.issue(&csr, "old");
    let record = issued["record"].as_u64().unwrap();
    // Past the next full bundle of 256 entries.
    let mut last = record;
    let mut number = 0;
    while last < (record / 256 + 1) * 256 {
        last = world.issue(&csr, &format!("fill-{number}"))["outcome"]
            .as_u64()
            .unwrap();
        number += 1;
    }
    assert!(service.stop().success());
    let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
    change(&world.dir().join("ledger/tile/entries"), &serial);
    let mut service = Service::launch(&world);
    let end = Instant::now() + Duration::from_secs(90);
    let mut more = 0;
    let stopped = loop {
        assert!(Instant::now() < end, "it issues on: {}", service.log());
        if let Some(status) = service.ended_within(Duration::from_millis(500)) {
            assert_eq!(status.code(), Some(6), "{}", service.log());
            break service.log();
        }
        let output = world
            .command(Kasane::issue_arguments(&csr, "1", &format!("more-{more}")))
            .arg("--json")
            .output()
            .unwrap();
        more += 1;
        if !output.status.success() {
            let refusal = refusal_of(&output);
            assert_eq!(refusal.exit, 6, "{refusal:?}");
            break refusal.message;
        }
    };
    assert!(
        stopped.contains(&format!("entry {record}")),
        "entry {record}: {stopped}"
    );
}

#[test]
fn shortened_ledger_does_not_start() {
    let world = World::new();
    let before = world.folder.path().join("before");
    copy(world.dir(), &before);
    world.issue(&world.csr(), "one");
    // Somebody puts yesterday's ledger back, and keeps what says how far it was.
    let ledger = world.dir().join("ledger");
    fs::remove_dir_all(&ledger).unwrap();
    copy(&before.join("ledger"), &ledger);
    let refusal = world.refusal(Kasane::issue_arguments(&world.csr(), "1", "two"));
    assert_eq!(refusal.exit, 6, "{}: {}", refusal.code, refusal.message);
}

fn copy(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(status.success());
}

/// Changes one bit shortly after `needle` in the file below `folder` that contains it.
fn change(folder: &Path, needle: &[u8]) -> PathBuf {
    for file in files(folder) {
        let mut bytes = fs::read(&file).unwrap();
        if let Some(at) = bytes
            .windows(needle.len())
            .position(|window| window == needle)
        {
            bytes[at + needle.len() + 100] ^= 1;
            fs::write(&file, bytes).unwrap();
            return file;
        }
    }
    panic!("no file below {} has it", folder.display());
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}
