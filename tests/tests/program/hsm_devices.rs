//! Devices are examined, swapped, benchmarked and restored to beside an authority.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::sample::SCRIPT;
use kasane_tests::simulator::Simulator;
use serde_json::Value;

use crate::hsm_faults::{ask, csr, reconciliation_is_clean};
use crate::hsm_quickstart::copy_with_two_simulators;

fn examine(kasane: &Kasane) -> Value {
    let output = kasane
        .command(["hsm", "doctor"])
        .arg("--json")
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The findings of that check: outcome, detail and advice.
fn findings(examined: &Value, check: &str) -> Vec<(String, String, String)> {
    let all = examined["findings"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    all.filter(|it| it["check"] == check)
        .map(|it| {
            (
                text(&it["outcome"]),
                text(&it["detail"]),
                text(&it["advice"]),
            )
        })
        .collect()
}

/// A device has 16 sessions, and each examination opens three in each of two.
#[test]
fn forty_examinations_beside_a_service_that_signs_stall_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let csr = csr(&kasane);
    let stop = AtomicBool::new(false);
    let (asked, examined) = thread::scope(|scope| {
        let requester = scope.spawn(|| ask(&kasane, &csr, "beside", &stop));
        let examined: Vec<_> = (0..40).map(|_| examine(&kasane)).collect();
        stop.store(true, Ordering::Relaxed);
        (requester.join().unwrap(), examined)
    });
    for one in &examined {
        assert_eq!(one["wrong"], 0, "{one:#}");
        for (_, detail, _) in findings(one, "sessions") {
            assert!(detail.starts_with("3 of 16"), "{detail}");
        }
    }
    assert!(!asked.is_empty());
    let lost: Vec<_> = asked.iter().filter(|(_, it)| it.is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}\n{}", service.log());
    // Nor was a session opened that a full log could not take.
    reconciliation_is_clean(&kasane);
    assert!(service.stop().success());
}

#[test]
fn log_without_room_is_told_and_no_session_opened() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let simulators = Simulator::all_of(kasane.dir());
    for simulator in &simulators {
        simulator.misbehave(r#"{"do":"fill_log"}"#);
    }
    let examined = examine(&kasane);
    let logs = findings(&examined, "log");
    assert_eq!(logs.len(), 2, "{examined:#}");
    for (outcome, detail, advice) in logs {
        assert_eq!(outcome, "WRONG");
        assert!(detail.starts_with("0 of 62"), "{detail}");
        assert!(advice.contains("kasane hsm reconcile"), "{advice}");
    }
    assert!(findings(&examined, "credential").is_empty());
    // It says what helps; the session that drains a full log is told there as one that it cannot take.
    let _ = kasane.run(["hsm", "reconcile"]);
    assert_eq!(examine(&kasane)["wrong"], 0);
}

#[test]
fn swapped_devices_are_named_before_a_password_is_shown_to_the_wrong_one() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let file = kasane.dir().join("hsm.toml");
    let text = fs::read_to_string(&file).unwrap();
    let connectors: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("connector = "))
        .collect();
    let [a, b] = connectors[..] else {
        panic!("{text}")
    };
    let swapped = text.replace(a, "…").replace(b, a).replace('…', b);
    fs::write(&file, swapped).unwrap();
    let examined = examine(&kasane);
    let told = findings(&examined, "identity");
    let serials: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("serial = "))
        .map(|it| it.trim_matches('"').to_owned())
        .collect();
    for ((outcome, detail, advice), other) in told.iter().zip(["simulator-b", "simulator-a"]) {
        assert_eq!(outcome, "WRONG");
        assert!(serials.iter().all(|it| detail.contains(it)), "{detail}");
        assert!(
            advice.contains(other) && advice.contains("swapped"),
            "{advice}"
        );
    }
    assert_eq!((told.len(), examined["wrong"].as_u64()), (2, Some(2)));
    let refusal = kasane.refusal(["crl", "publish", "--issuer", "issuing-rsa"]);
    assert!(
        refusal.message.contains("serial number"),
        "{}",
        refusal.message
    );
    assert!(!refusal.message.contains("password"), "{}", refusal.message);
}

#[test]
fn key_that_no_device_has_is_not_found_and_a_renamed_one_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let refusal = kasane.refusal(["hsm", "attest", "nope"]);
    assert_eq!((refusal.code.as_str(), refusal.exit), ("key.not-found", 4));
    let backup = folder.path().join("backup");
    let out = backup.to_str().unwrap();
    let _ = kasane.json(["hsm", "backup", "--device", "simulator-a", "--out", out]);
    let key = backup.join("issuing-rsa.wrapped");
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let manifest = backup.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let restore = ["hsm", "restore", out, "--device", "simulator-b"];
    fs::write(
        &manifest,
        text.replace(r#""label": "issuing-rsa""#, r#""label": "issuing-new""#),
    )
    .unwrap();
    let refusal = kasane.refusal(restore);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("hsm.backup-label", 6)
    );
    assert!(
        refusal.message.contains("issuing-rsa"),
        "{}",
        refusal.message
    );
    fs::write(&manifest, text).unwrap();
    fs::remove_file(key).unwrap();
    let refusal = kasane.refusal(restore);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("hsm.backup-damaged", 6)
    );
    assert!(
        refusal.message.contains("is not there"),
        "{}",
        refusal.message
    );
}

/// One simulator that no authority uses yet; its credentials are made by `hsm init`.
fn spare(dir: &Path, credentials: &str) -> Kasane {
    fs::create_dir(dir).unwrap();
    let address = free_address();
    let mut text =
        "attestation_roots = [\"state/attestation-root.pem\"]\n[[device]]\nname = \"spare\"\n\
                    [device.yubihsm]\n"
            .to_owned();
    text += &format!(
        "connector = \"http://{address}\"\nsimulator = true\nsimulator_state = \"state\"\n"
    );
    for (id, purpose) in [(2, "ceremony"), (3, "signing"), (4, "audit")] {
        text += &format!(
            "{purpose} = {{ key_id = {id}, password = {{ file = \"{credentials}{purpose}.password\" }} }}\n"
        );
    }
    fs::write(dir.join("hsm.toml"), text).unwrap();
    Kasane::on(dir)
}

#[test]
fn device_is_set_up_as_what_it_is_and_a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = spare(&folder.path().join("data"), "credentials/");
    let refusal = kasane.refusal(["hsm", "init", "spare"]);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("hsm.secret-folder", 4)
    );
    assert!(
        refusal.message.contains("mkdir -m 700"),
        "{}",
        refusal.message
    );
    fs::create_dir(kasane.dir().join("credentials")).unwrap();
    let made = kasane_tests::tools::succeed("init", &kasane.run(["hsm", "init", "spare"]));
    assert!(made.contains("Kasane YubiHSM 2 simulator"), "{made}");
    assert!(!made.contains("Yubico"), "{made}");
}

#[test]
fn authority_begins_with_no_device_whose_past_nobody_tells_but_knowingly() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = spare(&folder.path().join("data"), "");
    let _ = kasane.json(["hsm", "init", "spare"]);
    let bench = ["hsm", "bench", "--seconds", "1", "--algorithm", "p-384"];
    let said = kasane_tests::tools::succeed("bench", &kasane.run(bench));
    assert!(said.contains("reset"), "{said}");
    let examined = examine(&kasane);
    assert_eq!(findings(&examined, "log-history").len(), 1, "{examined:#}");
    let script = folder.path().join("script.toml");
    fs::write(&script, SCRIPT).unwrap();
    let script = script.to_str().unwrap();
    let refusal = kasane.refusal(["ceremony", script]);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("hsm.device-history", 3)
    );
    assert!(
        refusal.message.contains("Reset the device"),
        "{}",
        refusal.message
    );
    let reason = "benchmarked in the laboratory";
    let _ = kasane.json(["ceremony", script, "--accept-device-history", reason]);
    reconciliation_is_clean(&kasane);
}
