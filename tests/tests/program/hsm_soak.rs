//! Random faults of the devices under load, for long.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::long;
use kasane_tests::program::{Kasane, Service};
use kasane_tests::simulator::Simulator;

use crate::hsm_faults::{nothing_is_lost, under_load};
use crate::hsm_quickstart::copy_with_two_simulators;

/// What a device that is in a bad way does, short of signing wrongly. Its log is not filled: what it
/// cannot log any more is an alarm, rightly.
const FAULTS: [&str; 11] = [
    r#"{"do":"drop_sessions"}"#,
    r#"{"do":"delay","milliseconds":300,"count":4}"#,
    r#"{"do":"delay","milliseconds":1500,"command":86,"count":1}"#,
    r#"{"do":"garbage","kind":"noise","count":2}"#,
    r#"{"do":"garbage","kind":"truncated","count":1}"#,
    r#"{"do":"garbage","kind":"wrong_mac","count":1}"#,
    r#"{"do":"garbage","kind":"bad_gateway","count":2}"#,
    r#"{"do":"lose_request","count":2}"#,
    r#"{"do":"lose_answer","command":86,"count":1}"#,
    r#"{"do":"lose_answer","count":1}"#,
    r#"{"do":"go_away","milliseconds":1500}"#,
];

#[test]
fn random_faults_of_devices_lose_nothing_and_the_logs_agree() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let mut simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let duration = long::choose(Duration::from_secs(40), Duration::from_secs(30 * 60));
    let mut faults = 0;
    let mut kills = 0;
    let asked = under_load(&kasane, "soak", || {
        let begun = Instant::now();
        while begun.elapsed() < duration {
            let (which, fault) = (random(2), random(FAULTS.len() + 1));
            match FAULTS.get(fault) {
                Some(fault) => simulators[which].misbehave(fault),
                None => {
                    simulators[which].kill();
                    thread::sleep(Duration::from_millis(200));
                    simulators[which].restart();
                    kills += 1;
                }
            }
            faults += 1;
            thread::sleep(Duration::from_millis(400));
        }
    });
    for simulator in &simulators {
        simulator.misbehave(r#"{"do":"behave"}"#);
    }
    for device in ["simulator-a", "simulator-b"] {
        let _ = kasane.json(["hsm", "enable", device]);
    }
    let answered = asked.iter().filter(|(_, serial)| serial.is_some()).count();
    assert!(answered > 0, "{}", service.log());
    nothing_is_lost(&kasane, &asked);
    let unlogged = no_alarm_about_signatures(&kasane);
    let (records, attempts) = at_most_one_signature_is_released(&kasane);
    assert!(service.stop().success());
    let size = kasane.verified_ledger_size();
    println!(
        "long: faults of devices for {} s: {faults} faults, {kills} kills, {answered} certificates \
         answered, {} asked again, {records} records, {attempts} further attempts, {size} entries, \
         0 lost, 0 alarms about signatures, {unlogged} about starts and sessions of a full log",
        duration.as_secs(),
        asked.len() - answered,
    );
}

/// A device that is killed again and again may start with a full log: what it could not log is an
/// alarm, rightly. Any other is a failure.
fn no_alarm_about_signatures(kasane: &Kasane) -> usize {
    let output = kasane
        .command(["hsm", "reconcile"])
        .arg("--json")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let alarms = report["alarms"].as_array().unwrap();
    let of_full_log =
        |it: &serde_json::Value| it["alarm"].as_str().unwrap().starts_with("unlogged-");
    assert!(alarms.iter().all(of_full_log), "{alarms:#?}");
    alarms.len()
}

/// Each record has one outcome; how many records and further attempts there are.
fn at_most_one_signature_is_released(kasane: &Kasane) -> (usize, usize) {
    let output = kasane.run(["ledger", "export"]);
    assert!(output.status.success());
    let mut outcomes: BTreeMap<u64, usize> = BTreeMap::new();
    let mut attempts = 0;
    for line in output.stdout.split(|octet| *octet == b'\n') {
        if line.is_empty() {
            continue;
        }
        let entry: serde_json::Value = serde_json::from_slice(line).unwrap();
        match entry["kind"].as_str().unwrap() {
            "CertificateIssued" | "CrlIssued" | "RecordClosed" => {
                let record = entry["body"]["record"].as_u64().unwrap();
                *outcomes.entry(record).or_default() += 1;
            }
            "SignatureAttempted" => attempts += 1,
            _ => {}
        }
    }
    assert!(outcomes.values().all(|count| *count == 1), "{outcomes:?}");
    (outcomes.len(), attempts)
}

fn random(below: usize) -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(random % u64::try_from(below).unwrap()).unwrap()
}
