//! `ocsp_signers = "device"`: the keys of OCSP signers are made and used in devices.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kasane_tests::bad_request::request;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::sample::Key;
use kasane_tests::simulator::Simulator;
use kasane_tests::tools::Tool;

use crate::ocsp_clients::{Files, ca, openssl};

const ISSUER: &str = "issuing-ecc-terminal";

/// Longer than a failed roll-over rests, and than the background takes to look again.
const PATIENCE: Duration = Duration::from_secs(240);

/// Two devices, the second one spare; all keys are made in the first.
fn founded(folder: &Path) -> Kasane {
    let kasane = Kasane::on(&folder.join("data"));
    fs::create_dir_all(kasane.dir()).unwrap();
    let mut text = "ocsp_signers = \"device\"\n".to_owned();
    for (preference, name) in ["first", "second"].iter().enumerate() {
        text.push_str(&format!(
            "[[device]]\nname = \"{name}\"\npreference = {preference}\n[device.yubihsm]\n\
             connector = \"http://{}\"\nsimulator = true\nsimulator_state = \"simulator/{name}\"\n",
            free_address()
        ));
        for (id, access) in [(2, "ceremony"), (3, "signing"), (4, "audit")] {
            text.push_str(&format!(
                "{access} = {{ key_id = {id}, password = {{ file = \"{name}-{access}\" }} }}\n"
            ));
        }
    }
    fs::write(kasane.dir().join("hsm.toml"), text).unwrap();
    fs::create_dir(kasane.dir().join("simulator")).unwrap();
    for name in ["first", "second"] {
        let _ = kasane.json(["hsm", "init", name]);
    }
    kasane.found();
    kasane
}

fn signers(kasane: &Kasane) -> Vec<String> {
    let listed = kasane.json(["list", "--subject", &format!("ocsp-signer/{ISSUER}")]);
    let certificates = listed["certificates"].as_array().unwrap();
    let valid = certificates.iter().filter(|it| it["state"] == "valid");
    valid
        .map(|it| it["serial"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn ocsp_signer_is_replaced_in_a_device_while_serving_and_its_log_agrees() {
    if Tool::OpenSsl.or_skip("OCSP signers in a device").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let kasane = founded(folder.path());
    let mut simulators = Simulator::all_of(kasane.dir());
    let service = Service::start(&kasane);
    let csr = folder.path().join("terminal.csr");
    fs::write(&csr, request(&Key::P384.generate(), &[])).unwrap();
    let issued = kasane.json(Kasane::issue_arguments(csr.to_str().unwrap(), "1", "one"));
    let certificate = folder.path().join("terminal.pem");
    fs::write(&certificate, issued["pem"].as_str().unwrap()).unwrap();
    let files = Files {
        certificate,
        issuer: ca(&service, folder.path(), ISSUER),
        root: ca(&service, folder.path(), "root-ecc"),
    };
    let url = format!("http://{}/ocsp/{ISSUER}", service.address());
    let is_good = || {
        let said = openssl(&files, &url, "-nonce", "-sha256");
        said.contains("Response verify OK") && said.contains(".pem: good")
    };
    assert!(is_good());
    let keys = || {
        let listed = kasane.json(["hsm", "list"]);
        let keys = listed["devices"][0]["keys"].as_array().unwrap().clone();
        let labels = keys
            .iter()
            .map(|it| it["label"].as_str().unwrap().to_owned());
        labels.collect::<Vec<_>>()
    };
    let first = format!("ocsp-{ISSUER}-1");
    let second = format!("ocsp-{ISSUER}-2");
    assert!(keys().contains(&first) && !keys().contains(&second));
    let old = signers(&kasane);
    assert_eq!(old.len(), 1);

    // While one device is away nobody knows whether it holds a key of the new name: none is made.
    simulators[1].kill();
    let _ = kasane.json(["revoke", &old[0], "--reason", "superseded"]);
    let said = Tool::OpenSsl
        .command()
        .args(["ocsp", "-url", &url, "-issuer"])
        .arg(&files.issuer)
        .arg("-cert")
        .arg(&files.certificate)
        .output()
        .unwrap();
    let said = [said.stdout, said.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("trylater"), "{said}");
    let log = service.log();
    assert!(log.contains("no new OCSP signer"), "{log}");
    assert!(log.contains("YubiHSM second: cannot be reached"), "{log}");
    assert!(!keys().contains(&second));

    // It is back: the service goes on by itself.
    simulators[1].restart();
    let end = Instant::now() + PATIENCE;
    while signers(&kasane).is_empty() {
        assert!(Instant::now() < end, "{}", service.log());
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(is_good(), "{}", service.log());
    assert!(is_good(), "{}", service.log());
    assert!(keys().contains(&second));
    let new = signers(&kasane);
    assert!(new.len() == 1 && new != old, "{new:?}");

    // Each signature of the new key was reserved before, and is in the device's log.
    let reconciled = kasane.json(["hsm", "reconcile"]);
    assert!(
        reconciled["alarms"].as_array().unwrap().is_empty(),
        "{reconciled:#}"
    );
    let key = reconciled["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["label"] == *second)
        .unwrap();
    let count = |field: &str| key[field].as_u64().unwrap();
    assert!(count("device_signatures") >= 2, "{key:#}");
    assert!(
        count("attempts") >= count("device_signatures"),
        "reserved: {key:#}"
    );
    assert!(service.stop().success());
}
