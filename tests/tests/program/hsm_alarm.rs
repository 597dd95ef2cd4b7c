//! A signature that nobody asked the authority for is found by the device's own log.

use kasane_hsm::config::{Access, Credential, CredentialSource, HsmConfig};
use kasane_hsm::{
    DeviceName, Error, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, YubiHsmDevice,
};
use kasane_tests::program::{Kasane, Service};
use kasane_tests::simulator::Simulator;
use serde_json::Value;

use crate::hsm_quickstart::copy_with_two_simulators;

/// Reads the files that `hsm.toml` names, as a thief of them would.
struct Stolen<'a>(&'a std::path::Path);

impl CredentialSource for Stolen<'_> {
    fn resolve(
        &self,
        credential: &Credential,
        _purpose: &str,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
        let Credential::File(path) = credential else {
            panic!("{credential:?}");
        };
        let secret = std::fs::read_to_string(self.0.join(path)).unwrap();
        Ok(zeroize::Zeroizing::new(secret.trim().into()))
    }
}

#[test]
fn signature_behind_the_services_back_raises_an_alarm_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    assert_eq!(
        kasane.json(["hsm", "reconcile"])["alarms"],
        serde_json::json!([])
    );

    let config = std::fs::read_to_string(kasane.dir().join("hsm.toml")).unwrap();
    let config = HsmConfig::from_toml(&config).unwrap();
    let device = YubiHsmDevice::open(
        DeviceName::new("thief").unwrap(),
        config.devices[0].yubihsm.as_ref().unwrap(),
        &[],
        Access::Signing,
        &Stolen(kasane.dir()),
    )
    .unwrap();
    let label = KeyLabel::new("issuing-rsa").unwrap();
    let key = device.open(&label, KeyRole::IssuingCa).unwrap();
    key.sign(&SignRequest {
        algorithm: key.info().algorithm.default_signature(),
        message: b"a certificate that nobody recorded",
        priority: Priority::Issuance,
        deadline: std::time::Duration::from_secs(30),
    })
    .unwrap();

    let output = kasane
        .command(["hsm", "reconcile"])
        .arg("--json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let alarms = report["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:#?}");
    assert_eq!(alarms[0]["alarm"], "signature-without-attempt");
    assert_eq!(alarms[0]["device"], "simulator-a");
    let number = alarms[0]["number"].as_u64().unwrap();
    let said = kasane.run(["hsm", "reconcile"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains(&format!("command {number}")), "{said}");
    assert!(
        service.log().contains("signature-without-attempt"),
        "{}",
        service.log()
    );
    acknowledge(&kasane, alarms[0]["raised"].as_u64().unwrap());
    assert!(service.stop().success());
    // The same without the service, from what is stored.
    assert_eq!(kasane.json(["hsm", "reconcile"])["open_alarms"], 0);
    every_entry_has_a_body(&kasane);
}

/// Somebody looks at the alarm and says what it was: it stays listed, and is no failure any more.
fn acknowledge(kasane: &Kasane, alarm: u64) {
    let number = alarm.to_string();
    let refused = |arguments: &[&str], code: &str| {
        let refusal = kasane.refusal(["hsm", "acknowledge"].iter().chain(arguments));
        assert_eq!(refusal.code, code, "{}", refusal.message);
    };
    let unknown = ["1", &number, "--reason", "looked at"];
    refused(&unknown, "not-found");
    refused(&[&number, "--reason", "\u{1b}[2Jhidden"], "argument.bad");
    let without = kasane.run(["hsm", "acknowledge", &number]);
    assert_eq!(without.status.code(), Some(2), "a reason is required");
    assert_eq!(kasane.run(["hsm", "reconcile"]).status.code(), Some(1));

    let reason = ["--reason", "a thief in a test"];
    let acknowledge = ["hsm", "acknowledge", &number].into_iter().chain(reason);
    let done = kasane.json(acknowledge.clone());
    assert_eq!(done["acknowledged"], serde_json::json!([alarm]));
    assert_eq!(done["open"], 0);
    let again = kasane.json(acknowledge);
    assert_eq!(again["entry"], Value::Null);
    assert_eq!(again["acknowledged_before"], serde_json::json!([alarm]));

    let report = kasane.json(["hsm", "reconcile"]);
    assert_eq!(report["open_alarms"], 0);
    assert_eq!(report["acknowledged_alarms"], 1);
    let acknowledged = &report["alarms"][0]["acknowledged"];
    assert_eq!(acknowledged["reason"], "a thief in a test");
    assert_eq!(acknowledged["entry"], done["entry"]);
    assert!(
        acknowledged["by"].as_str().unwrap().starts_with("local/"),
        "{report:#}"
    );
    let said = kasane.run(["hsm", "reconcile"]);
    assert!(said.status.success());
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("acknowledged alarms: 1"), "{said}");
    assert!(said.contains("a thief in a test"), "{said}");
}

fn every_entry_has_a_body(kasane: &Kasane) {
    let exported = kasane.run(["ledger", "export"]);
    let exported = String::from_utf8(exported.stdout).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for line in exported.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["body"].is_object(), "{line}");
        kinds.insert(entry["kind"].as_str().unwrap().to_owned());
    }
    for kind in [
        "DeviceLogDrained",
        "DeviceActionNoted",
        "DeviceAlarmRaised",
        "DeviceAlarmsAcknowledged",
        "SignaturesReserved",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}

/// Changes the device's table in `hsm.toml`; what `hsm reconcile` says then, and its exit code.
fn reconciled_after(kasane: &Kasane, change: impl Fn(&str) -> String) -> (Option<i32>, Value) {
    let file = kasane.dir().join("hsm.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, change(&text)).unwrap();
    let output = kasane
        .command(["hsm", "reconcile", "--json"])
        .output()
        .unwrap();
    std::fs::write(&file, text).unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), report)
}

fn readings_of_all_logs(kasane: &Kasane) -> usize {
    let exported = kasane.run(["ledger", "export"]);
    let exported = String::from_utf8(exported.stdout).unwrap();
    let marks = exported.lines();
    marks.filter(|it| it.contains("\"reconciled\"")).count()
}

#[test]
fn reconciliation_is_not_complete_while_a_devices_log_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let _simulators = Simulator::all_of(kasane.dir());
    let before = readings_of_all_logs(&kasane);
    // The password of the second device is gone: it is left out.
    let (exit, report) = reconciled_after(&kasane, |text| {
        text.replace("simulator-b-signing.password", "gone.password")
    });
    assert_eq!(exit, Some(7), "{report:#}");
    assert_eq!(report["logs_not_read"][0]["device"], "simulator-b");
    assert!(report["not_read"].as_str().unwrap().contains("simulator-b"));
    // Nobody is named who may read its log.
    let (exit, report) = reconciled_after(&kasane, |text| {
        let at = text.rfind("[device.yubihsm.audit]").unwrap();
        text[..at].to_owned()
    });
    assert_eq!(exit, Some(7), "{report:#}");
    let reason = report["logs_not_read"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("audit"), "{reason}");
    assert_eq!(report["alarms"], serde_json::json!([]));
    assert_eq!(
        readings_of_all_logs(&kasane),
        before,
        "no mark of completeness"
    );
    let (exit, report) = reconciled_after(&kasane, str::to_owned);
    assert_eq!(exit, Some(0), "{report:#}");
    assert_eq!(report["logs_not_read"], serde_json::json!([]));
    assert_eq!(readings_of_all_logs(&kasane), before + 1);
}
