//! The process is killed at each step of an issuance.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use kasane_tests::program::{Kasane, Listed, Service, refusal_of};
use kasane_tests::tools::{Tool, succeed};

use crate::World;

const POINTS: [&str; 4] = ["authorized", "recorded", "signed", "finished"];

const SIGKILL: i32 = 9;

#[test]
fn command_killed_at_each_step_loses_nothing() {
    for point in POINTS {
        let world = World::new();
        let csr = world.csr();
        let before = world.certificates();
        let armed = world.kasane.clone().with("KASANE_FAIL_POINT", point);
        let output = armed.run(Kasane::issue_arguments(&csr, "1", "killed"));
        assert_killed(point, output.status);
        check_after(point, &world, &csr, &before);
    }
}

#[test]
fn service_killed_at_each_step_loses_nothing() {
    for point in POINTS {
        let world = World::new();
        let csr = world.csr();
        let before = world.certificates();
        let mut service = Service::start(&world.kasane.clone().with("KASANE_FAIL_POINT", point));
        let output = world
            .command(Kasane::issue_arguments(&csr, "1", "killed"))
            .arg("--json")
            .output()
            .unwrap();
        assert_eq!(refusal_of(&output).code, "socket.failed", "{point}");
        let status = service.ended_within(Duration::from_secs(10)).unwrap();
        assert_killed(point, status);
        // A service that starts again closes what the other left, as a command does.
        let again = Service::start(&world);
        check_after(point, &world, &csr, &before);
        assert!(again.stop().success());
    }
}

#[test]
fn acknowledged_certificate_survives_a_kill_of_the_service() {
    let world = World::new();
    let service = Service::start(&world);
    let issued = world.issue(&world.csr(), "kept");
    service.kill();
    let serial = issued["serial"].as_str().unwrap();
    let listed = world.certificates();
    let found = listed
        .iter()
        .find(|listed| listed.serial == serial)
        .unwrap();
    assert_eq!(found.state, "valid");
}

fn assert_killed(point: &str, status: ExitStatus) {
    assert_eq!(status.signal(), Some(SIGKILL), "{point}: {status}");
}

fn check_after(point: &str, world: &World, csr: &str, before: &[Listed]) {
    let known: BTreeSet<_> = before.iter().map(|listed| listed.serial.clone()).collect();
    let after = world.certificates();
    let new: Vec<_> = after
        .iter()
        .filter(|listed| !known.contains(&listed.serial))
        .collect();
    let states: Vec<_> = new.iter().map(|listed| listed.state.as_str()).collect();
    match point {
        "authorized" => assert_eq!(states, [""; 0], "nothing was recorded"),
        "finished" => assert_eq!(states, ["valid"], "the outcome was durable"),
        _ => {
            assert_eq!(
                states,
                ["abandoned"],
                "{point}: a record without outcome is closed"
            );
            assert!(
                new[0].revocation.is_some(),
                "{point}: its serial is revoked"
            );
            is_listed_in_its_crl(world, new[0]);
        }
    }
    let issued = world.issue(csr, "killed");
    let serial = issued["serial"].as_str().unwrap();
    match new.first() {
        Some(finished) if point == "finished" => assert_eq!(serial, finished.serial),
        Some(burnt) => assert_ne!(serial, burnt.serial, "{point}: a burnt serial comes back"),
        None => {}
    }
    assert_eq!(
        world.issue(csr, "killed")["serial"],
        serial,
        "{point}: same key, same certificate"
    );
    assert_serials_are_unique(world);
    assert!(world.verified_ledger_size() > 0);
}

pub(crate) fn assert_serials_are_unique(world: &World) {
    let mut serials = BTreeSet::new();
    for listed in world.certificates() {
        assert!(
            serials.insert((listed.issuer, listed.serial.clone())),
            "{}",
            listed.serial
        );
    }
}

/// A serial that was recorded and never signed is on the list all the same: should a device have
/// signed it, nobody shall trust it.
fn is_listed_in_its_crl(world: &World, burnt: &Listed) {
    let Some(_) = Tool::OpenSsl.or_skip("an abandoned serial on its CRL") else {
        return;
    };
    let last = u32::from_str_radix(&burnt.serial[burnt.serial.len() - 2..], 16).unwrap();
    let shard = (last % 16).to_string();
    let _ = world.json([
        "crl",
        "publish",
        "--issuer",
        &burnt.issuer,
        "--shard",
        &shard,
    ]);
    let shown = world.json(["crl", "show", &burnt.issuer, "--shard", &shard]);
    let pem = world.folder.path().join("abandoned.crl");
    std::fs::write(&pem, shown["pem"].as_str().unwrap()).unwrap();
    let printed = Tool::OpenSsl
        .command()
        .args(["crl", "-noout", "-text", "-in"])
        .arg(&pem)
        .output()
        .unwrap();
    let printed = succeed("openssl crl", &printed).to_lowercase();
    assert!(
        printed.contains(&format!("serial number: {}", burnt.serial)),
        "{printed}"
    );
    assert!(
        !printed.contains("reason code"),
        "an abandoned serial has no reason code"
    );
}
