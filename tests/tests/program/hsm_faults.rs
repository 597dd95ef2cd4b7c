//! Devices and the service die under load: nothing is lost, and nobody restarts anything.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kasane_tests::bad_request::request;
use kasane_tests::program::{Kasane, Service};
use kasane_tests::sample::Key;
use kasane_tests::simulator::Simulator;

use crate::hsm_quickstart::copy_with_two_simulators;

const REQUESTERS: usize = 3;

/// What one requester got, by request key: the serial, or none without an answer.
pub(crate) type Asked = Vec<(String, Option<String>)>;

/// One request for all: a request key belongs to its request.
pub(crate) fn csr(kasane: &Kasane) -> String {
    let path = kasane.dir().with_extension("csr");
    if !path.exists() {
        std::fs::write(&path, request(&Key::P384.generate(), &[])).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

/// Asks for certificates until told to stop.
pub(crate) fn ask(kasane: &Kasane, csr: &str, name: &str, stop: &AtomicBool) -> Asked {
    let mut asked = Vec::new();
    for order in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("{name}-{order}");
        let output = kasane
            .command(Kasane::issue_arguments(csr, "1", &key))
            .arg("--json")
            .output()
            .unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let serial = answer["serial"].as_str().map(str::to_owned);
        asked.push((key, serial.filter(|_| output.status.success())));
    }
    asked
}

/// Runs `faults` while several ask; what they were answered.
pub(crate) fn under_load(kasane: &Kasane, round: &str, faults: impl FnOnce()) -> Asked {
    let csr = csr(kasane);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let requesters: Vec<_> = (0..REQUESTERS)
            .map(|number| {
                let (csr, stop) = (&csr, &stop);
                let name = format!("{round}-{number}");
                scope.spawn(move || ask(kasane, csr, &name, stop))
            })
            .collect();
        faults();
        stop.store(true, Ordering::Relaxed);
        requesters
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    })
}

/// Whoever got no answer asks again; every certificate is valid, and stands under one key.
pub(crate) fn nothing_is_lost(kasane: &Kasane, asked: &Asked) {
    let csr = csr(kasane);
    let mut serials = std::collections::BTreeSet::new();
    for (key, serial) in asked {
        let serial = serial.clone().unwrap_or_else(|| {
            let again = kasane.json(Kasane::issue_arguments(&csr, "1", key));
            again["serial"].as_str().unwrap().to_owned()
        });
        assert!(serials.insert(serial), "{key}");
    }
    let listed = kasane.certificates();
    for serial in &serials {
        let found = listed.iter().find(|it| it.serial == *serial);
        assert_eq!(found.map(|it| it.state.as_str()), Some("valid"), "{serial}");
    }
    assert!(
        listed.iter().all(|it| it.state != "recorded"),
        "every record has its outcome"
    );
}

/// A device that was just started may not give its log yet, which is said: then it is asked again.
pub(crate) fn reconciliation_is_clean(kasane: &Kasane) {
    let reconcile = || {
        let output = kasane
            .command(["hsm", "reconcile", "--json"])
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.success(), report)
    };
    let (mut is_done, mut report) = reconcile();
    for _ in 0..20 {
        if is_done || report["not_read"].is_null() {
            break;
        }
        thread::sleep(Duration::from_millis(500));
        (is_done, report) = reconcile();
    }
    assert!(is_done, "{report:#}");
    assert_eq!(report["alarms"], serde_json::json!([]), "{report:#}");
}

#[test]
fn one_of_two_devices_killed_under_load_loses_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let mut simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let asked = under_load(&kasane, "one", || {
        thread::sleep(Duration::from_millis(700));
        simulators[0].kill();
        thread::sleep(Duration::from_millis(1500));
    });
    assert!(asked.len() >= REQUESTERS, "{asked:?}");
    let lost: Vec<_> = asked
        .iter()
        .filter(|(_, serial)| serial.is_none())
        .collect();
    assert!(lost.is_empty(), "{lost:?}\n{}", service.log());
    simulators[0].restart();
    reconciliation_is_clean(&kasane);
    assert!(service.stop().success());
}

#[test]
fn killed_devices_come_back_without_a_restart_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let mut simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let asked = under_load(&kasane, "both", || {
        thread::sleep(Duration::from_millis(500));
        for simulator in &mut simulators {
            simulator.kill();
        }
        thread::sleep(Duration::from_millis(500));
        for simulator in &mut simulators {
            simulator.restart();
        }
        thread::sleep(Duration::from_secs(3));
    });
    nothing_is_lost(&kasane, &asked);
    reconciliation_is_clean(&kasane);
    assert!(service.stop().success());
    assert!(kasane.verified_ledger_size() > 0);
}

#[test]
fn killed_service_starts_again_and_the_devices_logs_agree() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let asked = under_load(&kasane, "service", || {
        thread::sleep(Duration::from_millis(900));
        service.kill();
    });
    let service = Service::start(&kasane);
    nothing_is_lost(&kasane, &asked);
    reconciliation_is_clean(&kasane);
    assert!(service.stop().success());
}
