//! What takes a device out of service stands in the ledger, once, and lasts as long as it must.

use std::fs;
use std::time::{Duration, Instant};

use kasane_tests::program::{Kasane, Service};
use kasane_tests::simulator::Simulator;
use serde_json::Value;

use crate::hsm_faults::{csr, nothing_is_lost};
use crate::hsm_quickstart::copy_with_two_simulators;

/// The alarms in the ledger about one device: kinds, in their order.
fn alarms(kasane: &Kasane, device: &str) -> Vec<String> {
    let output = kasane.run(["ledger", "export"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let entries = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let bodies = entries.filter_map(|entry| {
        let body = entry["body"].clone();
        (entry["kind"] == "DeviceAlarmRaised" && body["device"] == device).then_some(body)
    });
    bodies
        .map(|body| {
            assert_ne!(body["serial"], "", "{body}");
            body["alarm"].as_str().unwrap().to_owned()
        })
        .collect()
}

fn eventually(what: &str, service: &Service, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < end, "never: {what}\n{}", service.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// What `hsm list` says of a device.
fn listed(kasane: &Kasane, device: &str) -> Value {
    let devices = kasane.json(["hsm", "list"]);
    let found = devices["devices"].as_array().unwrap().iter();
    let mut found = found.filter(|it| it["name"] == device);
    found.next().unwrap().clone()
}

fn issue(kasane: &Kasane, round: &str, count: usize) {
    // Makes the request that all of them ask with.
    let _ = csr(kasane);
    let asked = (0..count).map(|number| (format!("{round}-{number}"), None));
    nothing_is_lost(kasane, &asked.collect());
}

#[test]
fn device_that_signed_with_another_key_is_quarantined_over_a_restart_until_it_is_enabled() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let mut simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let before = listed(&kasane, "simulator-a");
    assert_eq!(before["state"], "in-service");
    for key in before["keys"].as_array().unwrap() {
        let id = u16::from_str_radix(key["device_id"].as_str().unwrap(), 16).unwrap();
        simulators[0].misbehave(&format!(r#"{{"do":"wrong_key","object":{id}}}"#));
    }
    issue(&kasane, "wrong", 4);
    let after = listed(&kasane, "simulator-a");
    assert_eq!(after["state"], "quarantined", "{after:#}");
    let wrong: u64 = after["usage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["wrong_signatures"].as_u64().unwrap())
        .sum();
    assert!(wrong >= 1, "{after:#}");
    assert!(alarms(&kasane, "simulator-a").contains(&"wrong-signature".to_owned()));
    assert!(service.stop().success());

    // Well again, but nobody said so.
    simulators[0].kill();
    simulators[0].restart();
    let service = Service::start(&kasane);
    let again = listed(&kasane, "simulator-a");
    assert_eq!(again["state"], "quarantined", "{again:#}");
    assert!(
        again["reason"]
            .as_str()
            .unwrap()
            .contains("does not verify"),
        "{again:#}"
    );
    issue(&kasane, "without", 3);
    let used = listed(&kasane, "simulator-a");
    let signed = |of: &Value| -> u64 {
        let usage = of["usage"].as_array().unwrap().iter();
        usage
            .map(|it| it["service"]["count"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(signed(&used), 0, "{used:#}");
    let said = kasane.run(["hsm", "list"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("quarantined: ") && said.contains("took 50 %"),
        "{said}"
    );

    let _ = kasane.json(["hsm", "enable", "simulator-a"]);
    eventually("in service", &service, || {
        listed(&kasane, "simulator-a")["state"] == "in-service"
    });
    assert!(service.stop().success());
    // And it stays so.
    let service = Service::start(&kasane);
    assert_eq!(listed(&kasane, "simulator-a")["state"], "in-service");
    issue(&kasane, "with", 4);
    assert!(signed(&listed(&kasane, "simulator-a")) > 0);
    let counted = alarms(&kasane, "simulator-a").len();
    assert!(service.stop().success());
    assert_eq!(alarms(&kasane, "simulator-a").len(), counted);
}

#[test]
fn refused_credential_is_told_once_though_the_service_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let password = kasane
        .dir()
        .join("credentials/simulator-a-signing.password");
    // Known to the ledger by its serial number.
    let service = Service::start(&kasane);
    assert!(service.stop().success());
    let right = fs::read(&password).unwrap();
    fs::write(&password, "not the password\n").unwrap();
    for _ in 0..2 {
        let service = Service::start(&kasane);
        issue(&kasane, "one-device", 2);
        eventually("told", &service, || {
            alarms(&kasane, "simulator-a") == ["device-disabled"]
        });
        assert_eq!(listed(&kasane, "simulator-a")["state"], "disabled");
        assert!(service.stop().success());
        assert_eq!(alarms(&kasane, "simulator-a"), ["device-disabled"]);
    }
    fs::write(&password, right).unwrap();
    // Nothing that was signed is in doubt.
    crate::hsm_faults::reconciliation_is_clean(&kasane);
}

#[test]
fn full_log_that_cannot_be_read_is_told_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    // 4d is GET LOG ENTRIES.
    simulators[0].misbehave(r#"{"do":"refuse","error":"invalid_data","command":77}"#);
    simulators[0].misbehave(r#"{"do":"fill_log"}"#);
    let mut rounds = 0..;
    eventually("told", &service, || {
        let round = rounds.next().unwrap();
        issue(&kasane, &format!("full-{round}"), 2);
        let told = alarms(&kasane, "simulator-a");
        told.contains(&"log-unreadable".to_owned()) && told.contains(&"log-full".to_owned())
    });
    let drained = || listed(&kasane, "simulator-a")["drained_log_entries"].as_u64();
    let before = drained();
    simulators[0].misbehave(r#"{"do":"behave"}"#);
    eventually("read again by itself", &service, || drained() > before);
    let told = alarms(&kasane, "simulator-a");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(service.stop().success());
}
