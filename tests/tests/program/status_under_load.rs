//! The service and an edge responder are killed and restarted in turn, again and again, while clients ask
//! both for status, one reads the CRLs, and certificates are revoked; each answer and each list is held
//! against what was known when it was given.

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
use kasane_tests::status_load::{Checker, CrlReader, Endpoint, Outage, Watched, revocations};
use serde_json::{Value, json};

use crate::World;
use crate::edge::{PATIENCE, eventually};

const CLIENTS: usize = 8;

/// Within that an edge tells of a revocation, whatever happens to the authority meanwhile: several
/// restarts and pauses.
const EDGE_TELLS_WITHIN: Duration = Duration::from_secs(60);

/// Within that a revocation is in a list: a delta follows the one before within 10 s, and a start, which
/// publishes what is due, may be cut short several times.
const LISTED_WITHIN: Duration = Duration::from_secs(60);

/// The endpoints.
const ORIGIN: usize = 0;
const EDGE: usize = 1;

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
fn no_answer_is_wrong_while_service_and_edge_are_killed_and_restarted() {
    let (kills, of_each_family) = long::choose((4, 24), (100, 600));
    let world = World::new();
    let (address, feed) = (free_address(), free_address());
    let mut service = Service::start_at_with_feed(&world, address, feed);
    let watched = enrol(&world, &service, of_each_family);
    let edge_folder = world.folder.path().join("edge");
    let enrolment = crate::edge::enrol(&world, feed, world.folder.path(), "edge-1", &[]);
    let edge_folder = crate::edge::make(&enrolment, &edge_folder);
    let edge_address = free_address();
    let mut edge = EdgeService::start_at(&edge_folder, edge_address);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    let about = |watched: &Watched| {
        let serial = hex::encode(&watched.serial);
        Question::about(&service, &watched.issuer, &serial)
    };
    let questions: Vec<_> = watched.iter().map(about).collect();
    let knows_every = |step: usize, edge: &EdgeService| {
        for question in questions.iter().step_by(step) {
            eventually("the edge knows what is asked", edge, || {
                question.status_at(edge.address()).is_some()
            });
        }
    };
    knows_every(1, &edge);
    let endpoints = vec![
        Endpoint::origin(address),
        Endpoint::follower(edge_address, EDGE_TELLS_WITHIN),
    ];
    let checker = Checker::new(endpoints, watched);
    let mut lists = CrlReader::new(&checker, ORIGIN, LISTED_WITHIN);
    let stop = AtomicBool::new(false);
    let [mut longest, mut longest_of_edge] = [Duration::ZERO; 2];
    let (acknowledged, service, edge) = thread::scope(|scope| {
        let _stop = Stop(&stop);
        for _ in 0..CLIENTS {
            scope.spawn(|| checker.ask_until(&stop));
        }
        scope.spawn(|| lists.ask_until(&stop));
        let revoking = scope.spawn(|| revoke_half(&world, checker.watched(), &stop));
        let away = |endpoint, from| {
            let until = Instant::now();
            checker.note_outage(Outage {
                endpoint,
                from,
                until,
            });
            until - from
        };
        for turn in 0..kills {
            thread::sleep(Duration::from_millis(500 + random() % 1_000));
            let from = Instant::now();
            service.kill();
            service = Service::start_at_with_feed(&world, address, feed);
            longest = longest.max(away(ORIGIN, from));
            if turn % 2 == 1 {
                thread::sleep(Duration::from_millis(random() % 500));
                let from = Instant::now();
                edge.kill();
                edge = EdgeService::start_at(&edge_folder, edge_address);
                // Each family has its signer.
                knows_every(of_each_family, &edge);
                longest_of_edge = longest_of_edge.max(away(EDGE, from));
            }
        }
        // Half of them at least are revoked by now, or soon.
        let acknowledged = revoking.join().unwrap();
        thread::sleep(Duration::from_millis(500));
        (acknowledged, service, edge)
    });
    // The edge was told of every one in the end, and so were the lists.
    for (watched, question) in checker.watched().iter().zip(&questions) {
        if watched.acknowledged.get().is_some() {
            eventually("revoked at the edge", &edge, || {
                question.is_revoked_at(edge.address())
            });
        }
    }
    eventually("every revocation is listed", &edge, || {
        lists.unlisted() == 0
    });
    assert!(edge.stop().success());
    assert!(service.stop().success());
    let ledger = revocations(&world);
    let asked = checker
        .watched()
        .iter()
        .filter(|it| it.asked.get().is_some());
    let asked = asked.count();
    lists.finish(&ledger);
    let counts = checker.finish(&ledger);
    for (what, count) in [
        ("good", counts.good),
        ("revoked", counts.revoked),
        ("by GET", counts.by_get),
        ("by POST", counts.good + counts.revoked - counts.by_get),
        ("with a nonce", counts.with_nonce),
        ("as a list", counts.lists),
        ("unanswered at a kill", counts.unanswered),
    ] {
        assert!(count > 0, "none {what}: {counts:?}");
    }
    assert!(acknowledged > 0 && asked >= acknowledged);
    let _ = world.verified_ledger_size();
    println!(
        "long: status under kill -9: {kills} restarts, {} of the edge, {asked} revocations ({} not acknowledged), \
         {counts:?}, longest restart {} ms, of the edge {} ms, no wrong answer",
        kills / 2,
        asked - acknowledged,
        longest.as_millis(),
        longest_of_edge.as_millis()
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

/// Revokes every other certificate, of both families by turns, and every third pair in one act; how many
/// were acknowledged.
fn revoke_half(kasane: &Kasane, watched: &[Watched], stop: &AtomicBool) -> usize {
    let half = watched.len() / 2;
    let mut reasons = ["key-compromise", "superseded"].into_iter().cycle();
    let mut acknowledged = 0;
    for (turn, number) in (0..half).step_by(2).enumerate() {
        let pair = [&watched[number], &watched[half + number]];
        let together = if turn % 3 == 2 { 2 } else { 1 };
        for (act, reason) in pair.chunks(together).zip(&mut reasons) {
            let revoke = || match act {
                [one] => one.revoke(kasane, reason),
                several => Watched::revoke_together(several, kasane, reason),
            };
            while !stop.load(Ordering::Relaxed) && !revoke() {
                thread::sleep(Duration::from_millis(5));
            }
            let done = act.iter().filter(|it| it.acknowledged.get().is_some());
            acknowledged += done.count();
            // Spread over the kills.
            thread::sleep(Duration::from_millis(random() % 300));
        }
    }
    acknowledged
}

fn random() -> u64 {
    let mut octets = [0; 8];
    SystemRandom.fill(&mut octets).unwrap();
    u64::from_be_bytes(octets)
}
