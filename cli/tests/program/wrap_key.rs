//! The custodians' wrap key, from their shares into devices, and the keys that go from one to another
//! under it.

use std::net::SocketAddr;

use crate::custodians::{self, PASSPHRASES, Terminal};
use crate::world::{SCRIPT, World};

const DEVICES: [&str; 3] = ["hsm-a", "hsm-b", "hsm-c"];

/// Fresh simulators, as hsm.toml of a data folder that has not begun.
fn three_fresh_devices(world: &World) {
    std::fs::create_dir(world.dir()).unwrap();
    // An address of loopback for each device of each process, at which nobody else asks for a port.
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let roots = DEVICES.map(|name| format!("{name}/attestation-root.pem"));
    let mut text = format!("attestation_roots = {roots:?}\n");
    for (name, device) in DEVICES.iter().zip(1..) {
        let address = SocketAddr::from(([127, 100 + device, high, low], 12_345));
        text += &format!(
            "[[device]]\nname = \"{name}\"\n[device.yubihsm]\nconnector = \"http://{address}\"\n\
             simulator = true\nsimulator_state = \"{name}\"\n"
        );
        for (id, purpose) in [(2, "ceremony"), (3, "signing"), (4, "audit")] {
            text += &format!(
                "[device.yubihsm.{purpose}]\nkey_id = {id}\npassword = {{ file = \"{name}-{purpose}.password\" }}\n"
            );
        }
    }
    std::fs::write(world.dir().join("hsm.toml"), text).unwrap();
}

/// Puts the key in with the first and the third custodian.
fn wrap_key(world: &World, device: &str, shares: &[String], more: &[&str]) -> (bool, String) {
    let dir = world.dir();
    let mut arguments = vec!["hsm", "wrap-key", "--dir", dir.to_str().unwrap()];
    arguments.extend(["--device", device]);
    arguments.extend(more);
    arguments.extend([&*shares[0], &*shares[2]]);
    let mut terminal = Terminal::start(&arguments);
    terminal.answer("passphrase: ", PASSPHRASES[0]);
    terminal.answer("passphrase: ", PASSPHRASES[2]);
    let (status, shown) = terminal.end();
    (status.success(), shown)
}

/// Label and public key of each key in the device, as a backup of it says.
fn public_keys(world: &World, device: &str, folder: &str) -> Vec<(String, String)> {
    let out = world.file(folder);
    let made = world.json([
        "hsm",
        "backup",
        "--device",
        device,
        "--out",
        out.to_str().unwrap(),
    ]);
    let keys = made["manifest"]["keys"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut keys: Vec<_> = keys
        .map(|key| (text(&key["label"]), text(&key["spki"])))
        .collect();
    keys.sort();
    keys
}

/// The printed record says which device got the wrap key, and what the attestations are worth.
fn recorded(world: &World, set: &str) {
    let out = world.file("record.html");
    world.json(["ceremony", "record", "--out", out.to_str().unwrap()]);
    let html = std::fs::read_to_string(&out).unwrap();
    for device in DEVICES {
        let row = html
            .lines()
            .find(|line| line.contains(&format!("<code>{device}, ")));
        let row = row.unwrap_or_else(|| panic!("{device} got the wrap key"));
        assert!(row.contains("command"), "its own log shows it: {row}");
        // Of the last one the ledger knows the set: the others got it before there was a ledger.
        assert_eq!(
            row.contains(&format!("custodian set {set}")),
            device == "hsm-c",
            "{row}"
        );
    }
    assert!(html.contains("of a SIMULATOR: no device"), "the verdict");
    assert!(
        html.contains("sign-ecdsa, exportable-under-wrap"),
        "what the key may do"
    );
    assert!(!html.contains("NOT VERIFIED"), "{html}");
}

#[test]
fn custodians_wrap_key_reaches_devices_that_then_copy_back_up_and_restore() {
    let world = World::empty();
    three_fresh_devices(&world);
    let (shares, said) = custodians::make(&world);
    let set = said.split("custodian set ").nth(1).unwrap();
    let set = set.split(':').next().unwrap();
    let script = world.file("script.toml");
    let script = script.to_str().unwrap();
    let custody = |set: &str| {
        format!(
            "{SCRIPT}\n[custody]\nthreshold = 2\nset = \"{set}\"\n\
             custodians = [\"custodian 1\", \"custodian 2\", \"custodian 3\"]\n"
        )
    };
    for device in DEVICES {
        world.json(["hsm", "init", device]);
    }
    // Shares that the script does not mean are refused before a passphrase is asked for.
    std::fs::write(script, custody("0011223344556677")).unwrap();
    let foreign = ["hsm", "wrap-key", "--device", "hsm-a", "--script", script];
    let (exit, code) = world.refusal(foreign.iter().copied().chain([&*shares[0], &*shares[2]]));
    assert_eq!((exit, &*code), (3, "custody.not-of-script"));
    std::fs::write(script, custody(set)).unwrap();

    for device in ["hsm-a", "hsm-b"] {
        let (done, shown) = wrap_key(&world, device, &shares, &["--script", script]);
        assert!(done && shown.contains(set), "{shown}");
    }
    let (again, shown) = wrap_key(&world, "hsm-a", &shares, &[]);
    assert!(!again && shown.contains("key.exists"), "{shown}");

    world.json(["ceremony", script]);
    world.json(["hsm", "clone", "--from", "hsm-a", "--to", "hsm-b"]);
    // The third one comes later: from now on the ledger notes it.
    let (done, shown) = wrap_key(&world, "hsm-c", &shares, &[]);
    assert!(done, "{shown}");
    let first = public_keys(&world, "hsm-a", "backup-a");
    assert!(first.len() >= 3, "{first:?}");
    let backup = world.file("backup-a");
    world.json([
        "hsm",
        "restore",
        backup.to_str().unwrap(),
        "--device",
        "hsm-c",
    ]);
    assert_eq!(public_keys(&world, "hsm-b", "backup-b"), first);
    assert_eq!(public_keys(&world, "hsm-c", "backup-c"), first);

    recorded(&world, set);

    // A wrap key that nobody noted would be an alarm.
    let reconciled = world.json(["hsm", "reconcile"]);
    assert_eq!(
        reconciled["alarms"].as_array().map(Vec::len),
        Some(0),
        "{reconciled}"
    );

    // Keys that an authority made are in these devices now: no benchmark may take their logs.
    let config = world.dir().join("hsm.toml");
    let elsewhere = world.file("nothing");
    let mut bench = std::process::Command::new(env!("CARGO_BIN_EXE_kasane"));
    bench.args(["hsm", "bench", "--seconds", "1", "--json", "--hsm-config"]);
    bench.arg(config).arg("--dir").arg(elsewhere);
    let refused = crate::world::refusal_of(&bench.output().unwrap());
    assert_eq!(refused, (3, "hsm.bench-in-use".to_owned()));
}
