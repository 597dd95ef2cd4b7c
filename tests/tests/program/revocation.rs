//! Revoking: until everybody tells of it, many at once, and by the canary.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kasane_tests::edge::health;
use kasane_tests::program::{Kasane, Service, binary, free_address, refusal_of};
use kasane_tests::tools::text;
use serde_json::Value;

use crate::World;

/// A proxy in front of a responder that keeps every answer for ever, as one that is not configured
/// does.
fn stale_cache(origin: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let kept: Arc<Mutex<HashMap<String, Vec<u8>>>> = Arc::default();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let kept = Arc::clone(&kept);
            // A client that goes away is no failure.
            std::thread::spawn(move || answer_from_cache(client, origin, &kept));
        }
    });
    address
}

fn answer_from_cache(
    mut client: TcpStream,
    origin: SocketAddr,
    kept: &Mutex<HashMap<String, Vec<u8>>>,
) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let line = String::from_utf8(head).ok()?.lines().next()?.to_owned();
    let there = kept.lock().unwrap().get(&line).cloned();
    let answer = match there {
        Some(answer) => answer,
        None => {
            let mut origin = TcpStream::connect(origin).ok()?;
            write!(
                origin,
                "{line}\r\nHost: origin\r\nConnection: close\r\n\r\n"
            )
            .ok()?;
            let mut answer = Vec::new();
            origin.read_to_end(&mut answer).ok()?;
            let end = answer.windows(2).position(|it| it == b"\r\n")? + 2;
            answer.splice(end..end, *b"Age: 17\r\n");
            kept.lock().unwrap().insert(line, answer.clone());
            answer
        }
    };
    client.write_all(&answer).ok()
}

pub(crate) fn settings(kasane: &Kasane, responders: &[(&str, String)], rest: &str) {
    let mut text = String::new();
    for (name, url) in responders {
        text.push_str(&format!(
            "[[responders]]\nname = \"{name}\"\nurl = \"{url}\"\n"
        ));
    }
    fs::write(kasane.dir().join("revocation.toml"), text + rest).unwrap();
}

pub(crate) const NO_CANARY: &str = "[canary]\nenabled = false\n";

pub(crate) fn issue(world: &World, request_key: &str) -> String {
    let issued = world.issue(&world.csr(), request_key);
    issued["serial"].as_str().unwrap().to_owned()
}

#[test]
fn wait_returns_when_every_responder_and_the_delta_tell_of_a_revocation() {
    let world = World::new();
    let address = free_address();
    let other = format!("http://localhost:{}", address.port());
    settings(&world, &[("edge-1", other)], NO_CANARY);
    let service = Service::start_at(&world, address);
    let serial = issue(&world, "one");
    let answer = world.json([
        "revoke",
        &serial,
        "--reason",
        "superseded",
        "--wait",
        "--until",
        "delta",
    ]);
    let seen = answer["visibility"].as_array().unwrap();
    let by = |endpoint: &str, what: &str| {
        seen.iter()
            .find(|it| it["endpoint"] == endpoint && it["what"] == what)
            .unwrap_or_else(|| panic!("{endpoint} {what}: {answer}"))
    };
    for it in [
        by("this service", "ocsp"),
        by("this service", "delta"),
        by("edge-1", "ocsp"),
    ] {
        assert!(it["after_milliseconds"].is_u64(), "{it}");
        assert_eq!(it["seen"]["says"], "revoked");
    }
    assert!(service.stop().success());
}

#[test]
fn responder_that_does_not_tell_is_named_and_the_revocation_stands() {
    let world = World::new();
    let (address, nobody) = (free_address(), free_address());
    let cache = stale_cache(address);
    settings(
        &world,
        &[
            ("edge-down", format!("http://{nobody}")),
            ("proxy", format!("http://{cache}")),
        ],
        NO_CANARY,
    );
    let service = Service::start_at(&world, address);
    // Somebody asked the proxy about it before: a first revocation of another certificate shows
    // that the proxy is one that tells, if it has not heard yet.
    let serial = issue(&world, "one");
    let shown = world.json(["show", &serial]);
    let issuer = shown["known"]["issuer"].as_str().unwrap().to_owned();
    ask_before(&world, &cache, &serial, &issuer);
    let output = world
        .command([
            "revoke",
            &serial,
            "--reason",
            "superseded",
            "--wait",
            "--timeout",
            "2",
            "--json",
        ])
        .output()
        .unwrap();
    let refusal = refusal_of(&output);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("revocation.not-visible", 9)
    );
    for part in ["it is revoked, and that stands", "edge-down", "proxy"] {
        assert!(refusal.message.contains(part), "{}", refusal.message);
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let seen = answer["visibility"].as_array().unwrap();
    let says = |endpoint: &str| {
        let it = seen.iter().find(|it| it["endpoint"] == endpoint).unwrap();
        it["seen"].clone()
    };
    assert_eq!(says("this service")["says"], "revoked");
    assert_eq!(says("edge-down")["says"], "unreachable");
    assert_eq!(says("proxy")["says"], "good");
    assert!(
        says("proxy")["cached"]
            .as_str()
            .unwrap()
            .contains("age 17 s")
    );
    assert_eq!(world.json(["show", &serial])["known"]["state"], "revoked");
    assert!(service.stop().success());
}

/// A client asks the proxy about a certificate that is good.
fn ask_before(world: &World, cache: &SocketAddr, serial: &str, issuer: &str) {
    let folder = world.folder.path();
    let pem = |name: &str, subject: &str| {
        let path = folder.join(name);
        let shown = world.json(["show", subject]);
        fs::write(&path, shown["pem"].as_str().unwrap()).unwrap();
        path
    };
    let (certificate, ca) = (pem("asked.pem", serial), pem("ca.pem", issuer));
    let request = folder.join("asked.der");
    let made = Command::new("openssl")
        .args(["ocsp", "-no_nonce", "-sha1", "-issuer"])
        .arg(&ca)
        .arg("-cert")
        .arg(&certificate)
        .arg("-reqout")
        .arg(&request)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made));
    let path = kasane_ocsp::encode_get(&fs::read(request).unwrap());
    let mut stream = TcpStream::connect(cache).unwrap();
    write!(
        stream,
        "GET /ocsp/{issuer}/{path} HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    .unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

#[test]
fn canary_measures_each_responder_and_its_figures_survive_a_restart() {
    let world = World::new();
    let address = free_address();
    settings(
        &world,
        &[],
        "[canary]\nenabled = true\ninterval_seconds = 3600\n",
    );
    let service = Service::start_at(&world, address);
    let end = Instant::now() + Duration::from_secs(180);
    let report = loop {
        let report = world.json(["status", "canary"]);
        if report["count"].as_u64().unwrap() > 0 {
            break report;
        }
        assert!(Instant::now() < end, "{report}: {}", service.log());
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(
        (report["count"].as_u64(), report["failed"].as_u64()),
        (Some(1), Some(0)),
        "{report}"
    );
    let endpoints = report["endpoints"].as_array().unwrap();
    for what in ["ocsp", "delta"] {
        let it = endpoints.iter().find(|it| it["what"] == what).unwrap();
        assert_eq!(
            (it["asked"].as_u64(), it["never"].as_u64()),
            (Some(1), Some(0)),
            "{it}"
        );
    }
    let (status, said) = health(address);
    assert_eq!((status, said["canary"]["count"].as_u64()), (200, Some(1)));
    let told = said["canary"]["endpoints"].as_array().unwrap();
    assert_eq!(told.len(), endpoints.len());
    assert!(told.iter().all(|it| it["last_seen"] == true), "{said}");
    let serial = report["last"]["serial"].as_str().unwrap();
    let canary = world.json(["show", serial]);
    assert_eq!(canary["known"]["state"], "revoked");
    // Its one purpose is nobody's.
    assert_eq!(
        canary["content"]["extended_key_usage"],
        serde_json::json!(["1.3.6.1.4.1.32473.7.2.1"])
    );
    service.kill();
    let service = Service::start(&world);
    assert_eq!(world.json(["status", "canary"])["count"], 1);
    assert!(service.stop().success());
    let report = world.json(["status", "canary"]);
    assert_eq!(report["off"], "no service runs");
    assert_eq!(report["count"], 1);
}

#[test]
fn settings_that_say_what_cannot_be_done_are_refused_by_the_service() {
    let world = World::new();
    settings(&world, &[("a", "https://a.example".to_owned())], "");
    let refusal = world.refusal(["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refusal.code, "revocation.settings");
    assert!(
        refusal.message.contains("responder \"a\""),
        "{}",
        refusal.message
    );
}

/// A folder with so many certificates, none of which anybody signed.
pub(crate) fn populated(dir: &Path, count: &str) -> Kasane {
    let output = Command::new(binary())
        .args(["bench", "populate", "--count", count, "--at"])
        .arg(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let passphrase = dir.join("passphrase");
    fs::write(&passphrase, "benchmark keys protect nothing").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&passphrase, mode).unwrap();
    Kasane::on(dir).with("KASANE_KEY_PASSPHRASE_FILE", passphrase.to_str().unwrap())
}

pub(crate) const ALL_TERMINALS: [&str; 5] = [
    "revoke-many",
    "--profile",
    "terminal-ecc",
    "--reason",
    "superseded",
];

/// Certificates that a mass revocation would revoke.
pub(crate) fn left(kasane: &Kasane) -> u64 {
    let found = kasane.json(ALL_TERMINALS.into_iter().chain(["--dry-run"]));
    found["certificates"].as_u64().unwrap()
}

#[test]
fn killed_mass_revocation_is_there_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = populated(&folder.path().join("data"), "8000");
    let all = left(&kasane);
    assert_eq!(all, 7_920);
    let before = ["mass-revocation-chosen"];
    for point in before {
        let killed = kasane.clone().with("KASANE_FAIL_POINT", point);
        let output = killed.run(ALL_TERMINALS.into_iter().chain(["--yes"]));
        assert!(!output.status.success(), "{}", text(&output));
        assert_eq!(left(&kasane), all, "{point}");
    }
    // At whatever moment: sooner or later an act is durable before its end.
    for milliseconds in [50, 200, 400, 700, 1_100, 1_600, 2_400, 3_600, 6_000, 60_000] {
        let mut child = kasane
            .command(ALL_TERMINALS.into_iter().chain(["--yes"]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_millis(milliseconds);
        while Instant::now() < end && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let _ = child.wait().unwrap();
        let left = left(&kasane);
        assert!(
            left == all || left == 0,
            "{left} of {all} after {milliseconds} ms"
        );
        if left == 0 {
            break;
        }
    }
    assert_eq!(left(&kasane), 0);
    let rebuilt = kasane.json(["store", "rebuild"]);
    assert_eq!(rebuilt["same_as_before"], true);
    assert!(kasane.verified_ledger_size() > 16_000);
}

#[test]
fn mass_revocation_asks_for_the_number_and_tells_each_ocsp_client() {
    let world = World::new();
    settings(&world, &[], NO_CANARY);
    let service = Service::start_at(&world, free_address());
    let serial = issue(&world, "one");
    let found = world.json(ALL_TERMINALS.into_iter().chain(["--dry-run"]));
    assert_eq!(
        (found["certificates"].as_u64(), found["dry_run"].as_bool()),
        (Some(1), Some(true))
    );
    assert_eq!(found["sample"][0]["serial"], serial.as_str());
    let unconfirmed = world.refusal(ALL_TERMINALS);
    assert_eq!(unconfirmed.code, "revocation.not-confirmed");
    let differs = world.refusal(ALL_TERMINALS.into_iter().chain(["--confirm", "2"]));
    assert_eq!(differs.code, "revocation.count-differs");
    let done = world.json(
        ALL_TERMINALS
            .into_iter()
            .chain(["--confirm", "1", "--wait"]),
    );
    assert!(done["ledger_index"].is_u64(), "{done}");
    assert_eq!(done["visibility"][0]["seen"]["says"], "revoked");
    let list = world.folder.path().join("serials.txt");
    fs::write(&list, format!("# again\n{serial}\n0102\n")).unwrap();
    let listed = [
        "revoke-many",
        "--reason",
        "superseded",
        "--yes",
        "--serial-list",
        list.to_str().unwrap(),
    ];
    assert_eq!(world.refusal(listed).code, "revocation.unknown-serials");
    fs::write(&list, "nothing\n").unwrap();
    let refused = world.refusal(listed);
    assert!(refused.message.contains("line 1"), "{}", refused.message);
    assert!(service.stop().success());
}
