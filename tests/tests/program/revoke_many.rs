//! Acts whose answer was lost, and acts at once.

use std::process::Stdio;

use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::text;
use serde_json::Value;

use crate::World;
use crate::edge_wait::seen;
use crate::revocation::{ALL_TERMINALS, NO_CANARY, issue, settings};

#[test]
fn repeated_act_waits_for_what_the_first_one_revoked_and_leaves_what_was_issued_since() {
    let world = &World::new();
    settings(world, &[], NO_CANARY);
    let service = Service::start_at(world, free_address());
    let serials = ["one", "two", "three"].map(|it| issue(world, it));
    let found = world.json(ALL_TERMINALS.into_iter().chain(["--dry-run"]));
    let counted_at = found["counted_at"].as_u64().unwrap().to_string();
    // On a busy CA there is another one meanwhile: it is left out, and said.
    let since = issue(world, "since");
    let differs = world.refusal(ALL_TERMINALS.into_iter().chain(["--confirm", "3"]));
    assert_eq!(differs.code, "revocation.count-differs");
    assert!(
        differs.message.contains("--counted-at"),
        "{}",
        differs.message
    );
    let confirmed = ["--confirm", "3", "--counted-at", &counted_at];
    let confirmed = || ALL_TERMINALS.into_iter().chain(confirmed).chain(["--wait"]);
    let done = world.json(confirmed());
    assert_eq!(
        (done["certificates"].as_u64(), done["issued_since"].as_u64()),
        (Some(3), Some(1)),
        "{done}"
    );
    assert_eq!(world.json(["show", &since])["known"]["state"], "valid");
    // Whoever does not know whether it was done says the same again, and waits again.
    let again = world.json(confirmed());
    assert_eq!(
        (
            again["certificates"].as_u64(),
            again["revoked_before"].as_u64()
        ),
        (Some(0), Some(3)),
        "{again}"
    );
    let looked_for = seen(&again, "this service", "ocsp");
    assert_eq!(looked_for["seen"]["says"], "revoked", "{again}");
    let last = looked_for["serial"].as_str().unwrap();
    assert!(serials.iter().any(|it| it == last), "{again}");
    assert!(service.stop().success());
}

#[test]
fn act_whose_service_died_is_repeated_by_the_same_command() {
    // Before it is durable nothing of it is there, afterwards all of it.
    for (point, left) in [
        ("mass-revocation-chosen", 2),
        ("mass-revocation-done", 0),
        ("mass-revocation-written", 0),
    ] {
        let world = World::new();
        settings(&world, &[], NO_CANARY);
        let serials = ["one", "two"].map(|it| issue(&world, it));
        let found = world.json(ALL_TERMINALS.into_iter().chain(["--dry-run"]));
        let counted_at = found["counted_at"].as_u64().unwrap().to_string();
        let confirmed = ["--confirm", "2", "--counted-at", &counted_at, "--wait"];
        let act = || ALL_TERMINALS.into_iter().chain(confirmed);
        let dying = world.kasane.clone().with("KASANE_FAIL_POINT", point);
        let service = Service::start_at(&dying, free_address());
        let lost = world.refusal(act());
        assert_eq!((lost.code.as_str(), lost.exit), ("socket.failed", 7));
        assert!(lost.message.contains("safe to"), "{}", lost.message);
        drop(service);
        let service = Service::start_at(&world, free_address());
        let again = world.json(act());
        assert_eq!(again["certificates"], left, "{point}: {again}");
        assert_eq!(again["revoked_before"], 2 - left, "{point}: {again}");
        let own = seen(&again, "this service", "ocsp");
        assert_eq!(own["seen"]["says"], "revoked", "{point}: {again}");
        for serial in &serials {
            let shown = world.json(["show", serial]);
            assert_eq!(shown["known"]["state"], "revoked", "{point}");
        }
        assert!(service.stop().success());
    }
}

#[test]
fn command_by_itself_ends_an_act_that_died_and_makes_its_lists() {
    let world = World::new();
    settings(&world, &[], NO_CANARY);
    let serials = ["one", "two"].map(|it| issue(&world, it));
    let dying = world
        .kasane
        .clone()
        .with("KASANE_FAIL_POINT", "mass-revocation-done");
    let service = Service::start_at(&dying, free_address());
    let lost = world.refusal(ALL_TERMINALS.into_iter().chain(["--yes"]));
    assert_eq!(lost.code, "socket.failed");
    drop(service);
    let serial = issue(&world, "three");
    let revoked = world.json(["revoke", &serial, "--reason", "superseded"]);
    let crls = &revoked["crls"];
    assert_eq!(crls["later"], false, "{revoked}");
    assert!(
        !crls["published"].as_array().unwrap().is_empty(),
        "{revoked}"
    );
    let _ = world.json(["crl", "publish"]);
    let listed = world.json(["crl", "list"]);
    let of_terminals = listed["crls"].as_array().unwrap().iter();
    let entries: u64 = of_terminals
        .filter(|it| it["issuer"] == "issuing-ecc-terminal" && it["delta"] == false)
        .map(|it| it["entries"].as_u64().unwrap())
        .sum();
    assert_eq!(entries, serials.len() as u64 + 1, "{listed}");
}

#[test]
fn acts_at_once_revoke_each_certificate_once_and_both_wait_for_it() {
    let world = World::new();
    settings(&world, &[], NO_CANARY);
    let service = Service::start_at(&world, free_address());
    for name in ["one", "two", "three"] {
        let _ = issue(&world, name);
    }
    let act = || {
        world
            .command(ALL_TERMINALS)
            .args(["--yes", "--wait", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let acts = [act(), act()].map(|it| it.wait_with_output().unwrap());
    let mut revoked = 0;
    for output in acts {
        assert!(output.status.success(), "{}", text(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        revoked += answer["certificates"].as_u64().unwrap();
        assert_eq!(
            seen(&answer, "this service", "ocsp")["seen"]["says"],
            "revoked"
        );
    }
    assert_eq!(revoked, 3);
    assert!(service.stop().success());
}
