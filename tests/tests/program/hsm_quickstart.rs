//! The whole demonstration with keys outside of the program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use kasane_tests::program::{Kasane, free_address};
use kasane_tests::tools::{skip, succeed};

use crate::quickstart::{strangers_agree, summary};

/// A folder with two simulators that hold the same keys, made once for each process.
pub(crate) fn with_two_simulators() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two-simulators");
        let _ = std::fs::remove_dir_all(&path);
        let made = quickstart(
            &Kasane::on(&path),
            &["--hsm", "simulator", "--devices", "2"],
        );
        assert!(made.contains("7 keys cloned"), "{made}");
        path
    })
}

/// A copy of it, with ports of its own.
pub(crate) fn copy_with_two_simulators(path: &Path) -> Kasane {
    let status = Command::new("cp")
        .arg("-a")
        .arg(with_two_simulators())
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
    let file = path.join("hsm.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (_, address) in kasane_tests::simulator::configured(path) {
        text = text.replace(&address.to_string(), &free_address().to_string());
    }
    std::fs::write(&file, text).unwrap();
    Kasane::on(path)
}

pub(crate) fn quickstart(kasane: &Kasane, more: &[&str]) -> String {
    let address = free_address().to_string();
    let arguments = ["quickstart", "--once", "--listen", &address];
    succeed("quickstart", &kasane.run(arguments.iter().chain(more)))
}

#[test]
fn simulator_holds_the_keys_and_its_log_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = Kasane::on(&folder.path().join("data"));
    let said = quickstart(&kasane, &["--hsm", "simulator"]);
    assert!(
        said.contains("SIMULATOR") && said.contains("NO DEVICE"),
        "{said}"
    );
    assert!(said.contains("alarms: 0"), "{said}");
    let demo = kasane.dir().join("demo");
    let first = summary(&demo);
    let again = quickstart(&kasane, &["--hsm", "simulator"]);
    assert!(again.contains("devices as before"), "{again}");
    assert_eq!(summary(&demo)["certificates"], first["certificates"]);
    strangers_agree(&kasane, &demo, &first);

    // No CA key is anywhere but in the simulator.
    let mut files = std::fs::read_dir(kasane.dir().join("keys")).unwrap();
    assert!(files.all(|file| {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        name.starts_with("ocsp-") || !name.contains("root") && !name.contains("issuing")
    }));
    let listed = kasane.json(["hsm", "list"]);
    let keys = listed["devices"][0]["keys"].as_array().unwrap();
    let labels: Vec<_> = keys
        .iter()
        .map(|key| key["label"].as_str().unwrap())
        .collect();
    assert!(labels.contains(&"issuing-rsa"), "{labels:?}");
    assert!(
        !labels.contains(&"root-rsa"),
        "the credential that signs sees no root: {labels:?}"
    );
    assert_eq!(listed["devices"][0]["kind"], "simulator");
    let report = kasane.json(["hsm", "reconcile"]);
    assert_eq!(report["alarms"].as_array().unwrap().len(), 0);
    let key = |label: &str| {
        let keys = report["keys"].as_array().unwrap();
        keys.iter()
            .find(|key| key["label"] == label)
            .unwrap()
            .clone()
    };
    assert_eq!(
        key("issuing-rsa")["device_signatures"],
        key("issuing-rsa")["attempts"]
    );
    assert!(kasane.verified_ledger_size() > 0);

    let examined = kasane.json(["hsm", "doctor"]);
    assert_eq!(examined["wrong"], 0, "{examined:#}");
    root_lists_need_a_ceremony(&kasane);
}

fn root_lists_need_a_ceremony(kasane: &Kasane) {
    let size = kasane.verified_ledger_size();
    let refusal = kasane.refusal(["crl", "publish", "--issuer", "root-rsa"]);
    assert_eq!(refusal.code, "key.not-found", "{}", refusal.message);
    let entries = kasane.json(["crl", "list"]);
    let number = |entries: &serde_json::Value| {
        let crls = entries["crls"].as_array().unwrap();
        let of = |it: &&serde_json::Value| it["issuer"] == "root-rsa";
        crls.iter().find(of).unwrap()["number"].as_u64().unwrap()
    };
    let before = number(&entries);
    let _ = kasane.json(["crl", "publish", "--issuer", "root-rsa", "--ceremony"]);
    assert!(number(&kasane.json(["crl", "list"])) > before);
    assert!(kasane.verified_ledger_size() > size);
    assert_eq!(
        kasane.json(["hsm", "reconcile"])["alarms"],
        serde_json::json!([])
    );
}

#[test]
fn keys_are_attested_backed_up_and_come_back_into_a_new_device() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let pem = folder.path().join("attestation.pem");
    let pem = pem.to_str().unwrap();
    let facts = kasane.json(["hsm", "attest", "issuing-rsa", "--out", pem]);
    assert_eq!(facts["simulator"], true);
    assert!(
        std::fs::read_to_string(pem)
            .unwrap()
            .matches("BEGIN CERTIFICATE")
            .count()
            >= 2
    );

    let backup = folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    let written = kasane.json(["hsm", "backup", "--device", "simulator-a", "--out", backup]);
    assert_eq!(written["manifest"]["keys"].as_array().unwrap().len(), 7);
    let restored = kasane.json(["hsm", "restore", backup, "--device", "simulator-b"]);
    let keys = restored["keys"].as_array().unwrap();
    assert!(
        keys.iter().all(|key| key["there_before"] == true),
        "{keys:?}"
    );
    let cloned = kasane.json([
        "hsm",
        "clone",
        "--from",
        "simulator-a",
        "--to",
        "simulator-b",
    ]);
    assert_eq!(cloned["keys"].as_array().unwrap().len(), 7);
    // What was noted explains what the devices' logs show.
    assert_eq!(
        kasane.json(["hsm", "reconcile"])["alarms"],
        serde_json::json!([])
    );

    let damaged = Path::new(backup).join("issuing-rsa.wrapped");
    let mut octets = std::fs::read(&damaged).unwrap();
    octets[20] ^= 1;
    std::fs::write(&damaged, octets).unwrap();
    let refusal = kasane.refusal(["hsm", "restore", backup, "--device", "simulator-b"]);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("hsm.backup-damaged", 6)
    );
}

#[test]
fn softhsm_holds_the_keys_and_openssl_agrees() {
    if ![
        "/usr/lib/softhsm",
        "/usr/lib/x86_64-linux-gnu/softhsm",
        "/usr/lib64/pkcs11",
    ]
    .iter()
    .any(|place| Path::new(place).join("libsofthsm2.so").exists())
    {
        return skip("quickstart --hsm softhsm: SoftHSM 2 is not installed (package softhsm2)");
    }
    let folder = tempfile::tempdir().unwrap();
    let kasane = Kasane::on(&folder.path().join("data"));
    let said = quickstart(&kasane, &["--hsm", "softhsm"]);
    assert!(
        said.contains("SOFTWARE TOKEN") && said.contains("NO DEVICE"),
        "{said}"
    );
    let demo = kasane.dir().join("demo");
    let first = summary(&demo);
    let _ = quickstart(&kasane, &["--hsm", "softhsm"]);
    assert_eq!(summary(&demo)["certificates"], first["certificates"]);
    strangers_agree(&kasane, &demo, &first);
    let examined = kasane.json(["hsm", "doctor"]);
    assert_eq!(examined["wrong"], 0, "{examined:#}");
    // One PIN opens every key, roots' as well.
    let _ = kasane.json(["crl", "publish", "--issuer", "root-rsa"]);
}
