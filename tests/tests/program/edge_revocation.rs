//! How revocations reach edge responders: who waits, the canary, and many at once.

use std::process::Stdio;
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question};
use kasane_tests::long::choose;
use kasane_tests::program::{Service, free_address};
use serde_json::Value;

use crate::edge::{Network, PATIENCE, enrol, eventually, make};
use crate::revocation::{ALL_TERMINALS, NO_CANARY, left, populated, settings};

/// Prints what the figure asks for: no timing is asserted here.
#[test]
fn revocations_are_visible_at_every_edge() {
    let network = Network::new();
    let service = network.service();
    let folders = [network.edge("edge-1"), network.edge("edge-2")];
    let edges = folders.each_ref().map(EdgeService::start);
    for (edge, folder) in edges.iter().zip(&folders) {
        edge.wait_until_it_answers(folder, PATIENCE);
    }
    let count = choose(20, 500);
    let mut milliseconds = Vec::new();
    for number in 0..count {
        let request_key = format!("visible-{number}");
        let issued = network.world.issue(&network.world.csr(), &request_key);
        let serial = issued["serial"].as_str().unwrap();
        let asked = Question::about(&service, "issuing-ecc-terminal", serial);
        let mut command = network
            .world
            .command(["revoke", serial, "--reason", "superseded"]);
        let begun = Instant::now();
        let mut revoking = command.stdout(Stdio::null()).spawn().unwrap();
        for edge in &edges {
            let end = Instant::now() + PATIENCE;
            while !asked.is_revoked_at(edge.address()) {
                assert!(Instant::now() < end, "{}", edge.log());
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        milliseconds.push(begun.elapsed().as_millis());
        assert!(revoking.wait().unwrap().success());
    }
    milliseconds.sort_unstable();
    let at = |part: usize| milliseconds[(milliseconds.len() - 1) * part / 100];
    println!(
        "long: {count} revocations, from the start of the command to both edges: median {} ms, p99 {} ms, \
         most {} ms",
        at(50),
        at(99),
        at(100)
    );
    assert!(service.stop().success());
}

/// Whether an edge called "edge-1" was seen to tell of a revocation, and the service itself as well.
fn both_told(seen: &Value) -> bool {
    ["this service", "edge-1"].iter().all(|name| {
        let of_it = |it: &&Value| it["endpoint"] == *name && it["what"] == "ocsp";
        let seen = seen.as_array().unwrap().iter().find(of_it);
        seen.is_some_and(|it| it["after_milliseconds"].is_u64() && it["seen"]["says"] == "revoked")
    })
}

#[test]
fn wait_and_canary_ask_an_enrolled_edge_at_its_address() {
    let network = Network::new();
    let service = network.service();
    let address = free_address();
    let url = format!("http://{address}");
    let (world, folder) = (&network.world, network.folder());
    let enrolment = enrol(world, network.feed, folder, "edge-1", &["--url", &url]);
    let edge_folder = make(&enrolment, &folder.join("edge-1"));
    let edge = EdgeService::start_at(&edge_folder, address);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    let issued = world.issue(&world.csr(), "waited-for");
    let serial = issued["serial"].as_str().unwrap();
    let asked = Question::about(&service, "issuing-ecc-terminal", serial);
    let answer = world.json([
        "revoke",
        serial,
        "--reason",
        "superseded",
        "--wait",
        "--timeout",
        "120",
    ]);
    assert!(both_told(&answer["visibility"]), "{answer}");
    // It returned, so it is so.
    assert!(asked.is_revoked_at(service.address()));
    assert!(asked.is_revoked_at(edge.address()));
    assert!(service.stop().success());

    // From the next start on there is a canary, and it looks at the edge as well.
    settings(world, &[], "[canary]\nenabled = true\n");
    let service = network.service();
    let mut report = Value::Null;
    eventually("a canary was measured", &edge, || {
        report = world.json(["status", "canary"]);
        report["count"].as_u64().unwrap() > 0
    });
    assert!(both_told(&report["last"]["observations"]), "{report}");
    let of_edge = report["endpoints"].as_array().unwrap().iter();
    let of_edge: Vec<_> = of_edge.filter(|it| it["endpoint"] == "edge-1").collect();
    assert_eq!(of_edge.len(), 1, "an edge hands out no CRLs: {report}");
    assert_eq!(of_edge[0]["url"], url.as_str());
    let serial = report["last"]["serial"].as_str().unwrap();
    let issuer = report["last"]["issuer"].as_str().unwrap();
    let canary = Question::about(&service, issuer, serial);
    assert!(canary.is_revoked_at(edge.address()));

    // One that is gone is named, and the revocation stands.
    assert!(edge.stop().success());
    let issued = world.issue(&world.csr(), "edge-away");
    let serial = issued["serial"].as_str().unwrap();
    let refusal = world.refusal([
        "revoke",
        serial,
        "--reason",
        "superseded",
        "--wait",
        "--timeout",
        "2",
    ]);
    assert_eq!(refusal.code, "revocation.not-visible");
    assert!(refusal.message.contains("edge-1"), "{}", refusal.message);
    let _ = world.json(["responder", "remove", "edge-1", "--reason", "moved"]);
    let issued = world.issue(&world.csr(), "edge-removed");
    let serial = issued["serial"].as_str().unwrap();
    let answer = world.json(["revoke", serial, "--reason", "superseded", "--wait"]);
    let seen = answer["visibility"].as_array().unwrap();
    assert!(
        seen.iter().all(|it| it["endpoint"] == "this service"),
        "{answer}"
    );
    assert!(service.stop().success());
}

#[test]
fn mass_revocation_is_known_at_the_edge_for_each_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let authority = populated(&folder.path().join("data"), "3000");
    settings(&authority, &[], NO_CANARY);
    let (feed, address) = (free_address(), free_address());
    let service = Service::start_with_feed(&authority, feed);
    let url = format!("http://{address}");
    let enrolment = enrol(&authority, feed, folder.path(), "edge-1", &["--url", &url]);
    let edge_folder = make(&enrolment, &folder.path().join("edge-1"));
    let edge = EdgeService::start_at(&edge_folder, address);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    let listed = authority.certificates();
    let questions: Vec<_> = listed
        .iter()
        .filter(|it| it.subject.contains(kasane_tests::sample::FACILITY) && it.state == "valid")
        .map(|it| {
            (
                Question::about(&service, &it.issuer, &it.serial),
                it.revocation.is_some(),
            )
        })
        .collect();
    let good = questions.iter().filter(|(_, revoked)| !revoked).count();
    assert_eq!(u64::try_from(good).unwrap(), left(&authority));
    for (question, revoked) in questions.iter().step_by(25) {
        assert_eq!(question.is_revoked_at(edge.address()), *revoked);
    }
    let arguments = ALL_TERMINALS.into_iter();
    let answer = authority.json(arguments.chain(["--yes", "--wait", "--timeout", "120"]));
    assert!(both_told(&answer["visibility"]), "{answer}");
    for (question, _) in &questions {
        eventually("revoked", &edge, || question.is_revoked_at(edge.address()));
    }
    // And durable: it says so without the authority after its own death.
    eventually("everything is durable at the edge", &edge, || {
        let report = edge_folder.json(["responder", "status"]);
        report["held_entries"] == 0
    });
    service.kill();
    edge.kill();
    let edge = EdgeService::start_at(&edge_folder, address);
    for (question, _) in questions.iter().step_by(25) {
        assert!(question.is_revoked_at(edge.address()));
    }
    assert!(edge.stop().success());
}
