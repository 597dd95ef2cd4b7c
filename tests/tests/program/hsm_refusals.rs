//! What is wrong with `hsm.toml` and its credentials is named, and nothing is tried blindly.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kasane_tests::program::Kasane;
use kasane_tests::simulator::Simulator;

use crate::World;
use crate::hsm_quickstart::copy_with_two_simulators;

#[test]
fn hsm_toml_that_cannot_be_read_stops_every_command_that_needs_keys() {
    let world = World::new();
    let missing = world.refusal(["hsm", "list"]);
    assert_eq!(
        (missing.code.as_str(), missing.exit),
        ("hsm.not-configured", 4)
    );
    for (text, code) in [
        ("device = 7", "hsm.config-syntax"),
        ("device = []", "hsm.config-device-count"),
        ("[[device]]\nname = \"a\"\n", "hsm.config-device"),
        (
            "[[device]]\nname = \"a\"\n[device.yubihsm]\nconnector = \"http://127.0.0.1:1\"\n\
             simulator_state = \"s\"\nsigning = { key_id = 3, password = { file = \"p\" } }\n",
            "hsm.config-device",
        ),
    ] {
        fs::write(world.dir().join("hsm.toml"), text).unwrap();
        let refusal = world.refusal(["list"]);
        assert_eq!((refusal.code.as_str(), refusal.exit), (code, 3), "{text}");
        assert!(refusal.message.contains("hsm.toml"), "{}", refusal.message);
    }
}

#[test]
fn credentials_that_others_can_read_and_wrong_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let password = |device: &str| {
        kasane
            .dir()
            .join(format!("credentials/simulator-{device}-signing.password"))
    };
    let mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // One device is enough.
    mode(&password("a"), 0o644);
    let _ = kasane.json(["hsm", "list"]);
    mode(&password("b"), 0o644);
    let refusal = kasane.refusal(["hsm", "list"]);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("device.no-credential", 7)
    );
    assert!(refusal.message.contains("chmod 600"), "{}", refusal.message);
    assert!(!refusal.message.contains("wrong"), "{}", refusal.message);

    for device in ["a", "b"] {
        mode(&password(device), 0o600);
        fs::write(password(device), "not the password\n").unwrap();
    }
    let refusal = kasane.refusal(["crl", "publish", "--issuer", "issuing-rsa"]);
    assert!(
        refusal.message.contains("wrong or locked"),
        "{}: {}",
        refusal.code,
        refusal.message
    );
    let output = kasane
        .command(["hsm", "doctor"])
        .arg("--json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let examined: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong: Vec<_> = examined["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["outcome"] == "WRONG")
        .map(|it| (it["check"].as_str().unwrap(), it["advice"].is_string()))
        .collect();
    assert_eq!(
        wrong,
        [("credential", true), ("credential", true)],
        "{examined:#}"
    );
}

#[test]
fn production_refuses_what_is_no_hardware() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = copy_with_two_simulators(&folder.path().join("data"));
    let script = kasane_tests::sample::SCRIPT
        .replace("mode = \"demo\"", "mode = \"production\"")
        .replace("timeline = \"demonstration\"", "timeline = \"real\"");
    let path = folder.path().join("production.toml");
    fs::write(&path, script).unwrap();
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "long enough to be one\n").unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let config = kasane.dir().join("hsm.toml");
    let new = Kasane::on(&folder.path().join("new"));
    let ceremony = ["ceremony", path.to_str().unwrap()];
    assert_eq!(
        new.refusal(ceremony).code,
        "authority.mode",
        "software keys"
    );
    let refusal = new
        .with("KASANE_HSM_CONFIG", config.to_str().unwrap())
        .with("KASANE_KEY_PASSPHRASE_FILE", passphrase.to_str().unwrap())
        .refusal(ceremony);
    assert_eq!(refusal.code, "authority.mode", "{}", refusal.message);
    assert!(refusal.message.contains("simulat"), "{}", refusal.message);

    // A table that does not say so helps nobody; nothing is asked for before.
    let _simulators = Simulator::all_of(kasane.dir());
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("simulator = true\n", "")).unwrap();
    let refusal = Kasane::on(&folder.path().join("third"))
        .with("KASANE_HSM_CONFIG", config.to_str().unwrap())
        .refusal(ceremony);
    assert_eq!(refusal.code, "authority.mode", "{}", refusal.message);
    assert!(
        refusal.message.contains("is a simulator"),
        "{}",
        refusal.message
    );
    assert!(!folder.path().join("third").exists());
}
