//! The service is killed and restarted again and again while clients ask it and an edge responder for
//! status and certificates are revoked; each answer is held against what was known when it was given.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_tests::bad_request::request;
use kasane_tests::edge::{EdgeService, Question};
use kasane_tests::http::Connection;
use kasane_tests::long;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::sample::{FACILITY, Key};
use kasane_tests::status_load::{Checker, Endpoint, Outage, Watched, revocations};
use serde_json::{Value, json};

use crate::World;
use crate::edge::{PATIENCE, eventually};

const CLIENTS: usize = 8;

/// Within that an edge tells of a revocation, whatever happens to the authority meanwhile: several
/// restarts and pauses.
const EDGE_TELLS_WITHIN: Duration = Duration::from_secs(60);

/// Profile, key and issuer of each family.
const FAMILIES: [(&str, Key, &str); 2] = [
    ("terminal-ecc", Key::P384, "issuing-ecc-terminal"),
    ("terminal-rsa", Key::Rsa2048, "issuing-rsa"),
];

/// Tells everybody to stop, also when the test fails.
pub(crate) struct Stop<'a>(pub(crate) &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn no_answer_is_wrong_while_the_service_is_killed_and_restarted() {
    let (kills, of_each_family) = long::choose((4, 24), (100, 600));
    let world = World::new();
    let (address, feed) = (free_address(), free_address());
    let mut service = Service::start_at_with_feed(&world, address, feed);
    let watched = enrol(&world, &service, of_each_family);
    let edge_folder = world.folder.path().join("edge");
    let enrolment = crate::edge::enrol(&world, feed, world.folder.path(), "edge-1", &[]);
    let edge_folder = crate::edge::make(&enrolment, &edge_folder);
    let edge = EdgeService::start(&edge_folder);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    for watched in &watched {
        let serial = hex::encode(&watched.serial);
        let question = Question::about(&service, &watched.issuer, &serial);
        eventually("the edge knows what is asked", &edge, || {
            question.status_at(edge.address()).is_some()
        });
    }
    let endpoints = vec![
        Endpoint::origin(address),
        Endpoint::follower(edge.address().parse().unwrap(), EDGE_TELLS_WITHIN),
    ];
    let checker = Checker::new(endpoints, watched);
    let stop = AtomicBool::new(false);
    let mut longest = Duration::ZERO;
    let (acknowledged, service) = thread::scope(|scope| {
        let _stop = Stop(&stop);
        for _ in 0..CLIENTS {
            scope.spawn(|| checker.ask_until(&stop));
        }
        let revoking = scope.spawn(|| revoke_half(&world, checker.watched(), &stop));
        for _ in 0..kills {
            thread::sleep(Duration::from_millis(500 + random() % 1_000));
            let from = Instant::now();
            service.kill();
            service = Service::start_at_with_feed(&world, address, feed);
            let until = Instant::now();
            longest = longest.max(until - from);
            checker.note_outage(Outage {
                endpoint: 0,
                from,
                until,
            });
        }
        // Half of them at least are revoked by now, or soon.
        let acknowledged = revoking.join().unwrap();
        thread::sleep(Duration::from_millis(500));
        (acknowledged, service)
    });
    // The edge was told of every one in the end.
    let told = checker.watched().iter();
    for watched in told.filter(|it| it.acknowledged.get().is_some()) {
        let serial = hex::encode(&watched.serial);
        let question = Question::about(&service, &watched.issuer, &serial);
        eventually("revoked at the edge", &edge, || {
            question.is_revoked_at(edge.address())
        });
    }
    assert!(edge.stop().success());
    assert!(service.stop().success());
    let ledger = revocations(&world);
    let asked = checker
        .watched()
        .iter()
        .filter(|it| it.asked.get().is_some());
    let asked = asked.count();
    let counts = checker.finish(&ledger);
    for (what, count) in [
        ("good", counts.good),
        ("revoked", counts.revoked),
        ("by GET", counts.by_get),
        ("by POST", counts.good + counts.revoked - counts.by_get),
        ("with a nonce", counts.with_nonce),
        ("unanswered at a kill", counts.unanswered),
    ] {
        assert!(count > 0, "none {what}: {counts:?}");
    }
    assert!(acknowledged > 0 && asked >= acknowledged);
    let _ = world.verified_ledger_size();
    println!(
        "long: status under kill -9: {kills} restarts, {asked} revocations ({} not acknowledged), {counts:?}, \
         longest restart {} ms, no wrong answer",
        asked - acknowledged,
        longest.as_millis()
    );
}

/// So many certificates of each family, all for one terminal and with one key each: keys cost time.
pub(crate) fn enrol(kasane: &Kasane, service: &Service, of_each_family: usize) -> Vec<Watched> {
    let mut connection = Connection::new(service.address().parse().unwrap());
    let mut watched = Vec::new();
    for (profile, key, issuer) in FAMILIES {
        let head = format!("GET /ca/{issuer}.cer HTTP/1.1\r\nHost: s\r\n\r\n");
        let issuer_der = connection.send(head.as_bytes()).unwrap().body;
        let command = issue_command(&key, profile);
        for _ in 0..of_each_family {
            let answer = kasane.post(&command, || {}).unwrap();
            let issued = &answer["issued"];
            let pem = issued["pem"].as_str().unwrap();
            let der = kasane_verify::pem::certificates(pem.as_bytes()).unwrap();
            let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
            watched.push(Watched::new(issuer, serial, &der[0], &issuer_der));
        }
    }
    watched
}

/// Issues a certificate for terminal 1 with a new key.
pub(crate) fn issue_command(key: &Key, profile: &str) -> Value {
    json!({ "issue": {
        "profile": profile,
        "identity": format!("facility/{FACILITY}/1"),
        "csr_base64": STANDARD.encode(request(&key.generate(), &[])),
    }})
}

/// Revokes every other certificate, of both families by turns; how many were acknowledged.
fn revoke_half(kasane: &Kasane, watched: &[Watched], stop: &AtomicBool) -> usize {
    let half = watched.len() / 2;
    let by_turns = (0..half)
        .step_by(2)
        .flat_map(|number| [&watched[number], &watched[half + number]]);
    let mut acknowledged = 0;
    for (watched, reason) in by_turns.zip(["key-compromise", "superseded"].into_iter().cycle()) {
        while !stop.load(Ordering::Relaxed) && !watched.revoke(kasane, reason) {
            thread::sleep(Duration::from_millis(5));
        }
        acknowledged += usize::from(watched.acknowledged.get().is_some());
        // Spread over the kills.
        thread::sleep(Duration::from_millis(random() % 300));
    }
    acknowledged
}

fn random() -> u64 {
    let mut octets = [0; 8];
    SystemRandom.fill(&mut octets).unwrap();
    u64::from_be_bytes(octets)
}
