//! The service is killed at random moments while several requesters want certificates.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kasane_tests::long;
use kasane_tests::program::{Kasane, Service};

use crate::World;
use crate::crash::assert_serials_are_unique;

const REQUESTERS: usize = 4;

#[test]
fn nothing_acknowledged_is_lost_under_load() {
    let world = World::new();
    let csrs: Vec<String> = (0..REQUESTERS).map(|_| world.csr()).collect();
    let rounds = long::choose(3, 60);
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    let mut unanswered: Vec<(usize, String)> = Vec::new();
    for round in 0..rounds {
        let service = Service::start(&world);
        let stop = AtomicBool::new(false);
        let kasane: &Kasane = &world;
        let answers = thread::scope(|scope| {
            let requesters: Vec<_> = csrs
                .iter()
                .enumerate()
                .map(|(number, csr)| {
                    let stop = &stop;
                    scope.spawn(move || ask(kasane, csr, number, round, stop))
                })
                .collect();
            thread::sleep(Duration::from_millis(200 + random() % 1_000));
            service.kill();
            stop.store(true, Ordering::Relaxed);
            requesters
                .into_iter()
                .map(|it| it.join().unwrap())
                .collect::<Vec<_>>()
        });
        for (number, (issued, open)) in answers.into_iter().enumerate() {
            acknowledged.extend(issued);
            unanswered.extend(open.into_iter().map(|key| (number, key)));
        }
    }
    assert!(
        acknowledged.len() >= rounds,
        "only {} certificates in all",
        acknowledged.len()
    );
    let listed: BTreeMap<_, _> = world
        .certificates()
        .into_iter()
        .map(|it| (it.serial, it.state))
        .collect();
    for (key, serial) in &acknowledged {
        assert_eq!(
            listed.get(serial).map(String::as_str),
            Some("valid"),
            "{key} is lost"
        );
    }
    assert!(
        !listed.values().any(|state| state == "recorded"),
        "every record has its outcome"
    );
    // Whoever was not answered asks again and gets a certificate.
    let service = Service::start(&world);
    for (number, key) in &unanswered {
        let issued = world.json(Kasane::issue_arguments(
            &csrs[*number],
            &terminal(*number),
            key,
        ));
        let serial = issued["serial"].as_str().unwrap().to_owned();
        assert!(acknowledged.insert(key.clone(), serial).is_none());
    }
    assert!(service.stop().success());
    assert_serials_are_unique(&world);
    let size = world.verified_ledger_size();
    println!(
        "long: kill -9 under load: {rounds} rounds, {} certificates acknowledged, {} asked again, {size} entries",
        acknowledged.len(),
        unanswered.len()
    );
}

/// Asks until told to stop or until the service is gone: what was acknowledged (request key and
/// serial), and what was left open.
fn ask(
    kasane: &Kasane,
    csr: &str,
    number: usize,
    round: usize,
    stop: &AtomicBool,
) -> (Vec<(String, String)>, Option<String>) {
    let mut acknowledged = Vec::new();
    for order in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("{round}-{number}-{order}");
        let terminal = terminal(number);
        let mut child = kasane
            .command(Kasane::issue_arguments(csr, &terminal, &key))
            .arg("--json")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // A command that came too late would take the folder itself: it is no part of this test.
        while child.try_wait().unwrap().is_none() {
            if stop.load(Ordering::Relaxed) {
                let _ = child.kill();
            }
            thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match answer["serial"].as_str() {
            Some(serial) if output.status.success() => {
                acknowledged.push((key, serial.to_owned()));
            }
            _ => return (acknowledged, Some(key)),
        }
    }
    (acknowledged, None)
}

fn terminal(number: usize) -> String {
    (number + 1).to_string()
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
