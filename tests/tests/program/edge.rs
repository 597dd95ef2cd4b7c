//! Edge responders, as processes of their own.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question, plain};
use kasane_tests::lint::{findings, judge};
use kasane_tests::program::{Kasane, Service, free_address, refusal_of};
use kasane_tests::tools::{Tool, succeed, text};
use kasane_verify::ocsp::CertStatus;
use serde_json::Value;

use crate::World;
use crate::disk::SmallDisk;

/// Time for what happens by itself, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An authority with a feed, and what its edges need.
pub(crate) struct Network {
    pub(crate) world: World,
    pub(crate) feed: SocketAddr,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self {
            world: World::new(),
            feed: free_address(),
        }
    }

    pub(crate) fn service(&self) -> Service {
        Service::start_with_feed(&self.world, self.feed)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.world.folder.path()
    }

    fn enrol(&self, name: &str) -> PathBuf {
        enrol(&self.world, self.feed, self.folder(), name, &[])
    }

    /// An edge's folder, at `path`.
    fn edge_at(&self, name: &str, path: &Path) -> Kasane {
        make(&self.enrol(name), path)
    }

    pub(crate) fn edge(&self, name: &str) -> Kasane {
        self.edge_at(name, &self.folder().join(name))
    }

    /// The files that a relying system has: certificate, its issuer, the root.
    fn relying(&self, service: &Service, request_key: &str) -> Relying {
        let issued = self.world.issue(&self.world.csr(), request_key);
        let certificate = self.folder().join(format!("{request_key}.pem"));
        fs::write(&certificate, issued["pem"].as_str().unwrap()).unwrap();
        Relying {
            serial: issued["serial"].as_str().unwrap().to_owned(),
            certificate,
            issuer: crate::ocsp_clients::ca(service, self.folder(), "issuing-ecc-terminal"),
            root: crate::ocsp_clients::ca(service, self.folder(), "root-ecc"),
        }
    }
}

/// Enrols an edge at an authority; what it is made from, a file in `folder`.
pub(crate) fn enrol(
    authority: &Kasane,
    feed: SocketAddr,
    folder: &Path,
    name: &str,
    more: &[&str],
) -> PathBuf {
    let out = folder.join(format!("{name}.enrolment"));
    let _ = fs::remove_file(&out);
    let (feed, out_text) = (feed.to_string(), out.to_str().unwrap());
    let arguments = [
        "responder",
        "enrol",
        name,
        "--feed",
        &feed,
        "--out",
        out_text,
    ];
    let _ = authority.json(arguments.iter().chain(more));
    out
}

/// Makes an edge at `path`.
pub(crate) fn make(enrolment: &Path, path: &Path) -> Kasane {
    let edge = Kasane::on(path);
    let file = enrolment.to_str().unwrap();
    let _ = edge.json(["responder", "init", "--enrolment", file]);
    edge
}

struct Relying {
    serial: String,
    certificate: PathBuf,
    issuer: PathBuf,
    root: PathBuf,
}

impl Relying {
    /// What OpenSSL is told of the certificate at that address, its signature verified.
    fn ask(&self, address: &str, nonce: &str) -> String {
        let url = format!("http://{address}/ocsp");
        let mut command = Tool::OpenSsl.command();
        command.args(["ocsp", "-url", &url, nonce, "-issuer"]);
        command
            .arg(&self.issuer)
            .arg("-cert")
            .arg(&self.certificate);
        command.arg("-CAfile").arg(&self.root);
        command.arg("-verify_other").arg(&self.issuer);
        let said = succeed(&url, &command.output().unwrap());
        assert!(said.contains("Response verify OK"), "{said}");
        said
    }

    fn says(&self, address: &str, status: &str) -> bool {
        self.ask(address, "-no_nonce")
            .contains(&format!(".pem: {status}"))
    }
}

pub(crate) fn eventually(what: &str, edge: &EdgeService, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: {}", edge.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn contact(edge: &Kasane) -> Value {
    let output = edge
        .command(["responder", "status"])
        .arg("--json")
        .output()
        .unwrap();
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["authority"].clone()
}

#[test]
fn edges_answer_while_the_authority_is_dead_and_after_their_own_death() {
    if Tool::OpenSsl.or_skip("openssl ocsp at an edge").is_none() {
        return;
    }
    let network = Network::new();
    let service = network.service();
    let good = network.relying(&service, "edge-good");
    let revoked = network.relying(&service, "edge-revoked");
    let folders = [network.edge("edge-1"), network.edge("edge-2")];
    let edges = folders.each_ref().map(EdgeService::start);
    for (edge, folder) in edges.iter().zip(&folders) {
        edge.wait_until_it_answers(folder, PATIENCE);
        assert!(good.says(edge.address(), "good"));
    }
    let reason = ["--reason", "key-compromise"];
    let _ = network
        .world
        .json(["revoke", &revoked.serial, reason[0], reason[1]]);
    for edge in &edges {
        eventually("revoked at the edge", edge, || {
            revoked.says(edge.address(), "revoked")
        });
    }
    let listed = network.world.json(["responder", "list"]);
    assert_eq!(listed["responders"][1]["name"], "edge-2");
    assert!(listed["responders"][0]["seen"].is_string(), "{listed}");
    service.kill();
    for (edge, folder) in edges.iter().zip(&folders) {
        eventually("the edge notices", edge, || {
            contact(folder)["contact"] == "failing"
        });
        assert!(good.says(edge.address(), "good"));
        assert!(good.ask(edge.address(), "-nonce").contains(".pem: good"));
        assert!(revoked.says(edge.address(), "revoked"));
    }
    let [first, second] = edges;
    first.kill();
    let first = EdgeService::start(&folders[0]);
    assert!(good.says(first.address(), "good"));
    assert!(revoked.says(first.address(), "revoked"));
    // The authority comes back, and everybody follows again.
    let service = network.service();
    let late = network.relying(&service, "edge-late");
    for (edge, folder) in [&first, &second].into_iter().zip(&folders) {
        eventually("the edge follows again", edge, || {
            contact(folder)["contact"] == "current"
        });
        eventually("new certificate", edge, || {
            late.says(edge.address(), "good")
        });
    }
    assert!(first.stop().success());
    assert!(second.stop().success());
    assert!(service.stop().success());
}

#[test]
fn edge_with_a_wrong_token_or_the_key_of_another_feed_is_given_nothing() {
    let network = Network::new();
    let service = network.service();
    let wrong_token = network.edge("edge-1");
    fs::write(wrong_token.dir().join("feed.token"), "00".repeat(32)).unwrap();
    let edge = EdgeService::start(&wrong_token);
    eventually("refused", &edge, || {
        contact(&wrong_token)["code"] == "feed.not-known"
    });
    let output = wrong_token.run(["responder", "status"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));

    let wrong_key = network.edge("edge-2");
    let config = wrong_key.dir().join("responder.toml");
    let changed = fs::read_to_string(&config)
        .unwrap()
        .lines()
        .map(|line| match line.starts_with("feed_key_sha256") {
            true => format!("feed_key_sha256 = \"{}\"", "11".repeat(32)),
            false => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    fs::write(&config, changed).unwrap();
    let other = EdgeService::start(&wrong_key);
    eventually("not believed", &other, || {
        contact(&wrong_key)["code"] == "feed.wrong-peer"
    });
    drop((edge, other));
    assert!(service.stop().success());
}

#[test]
fn feed_says_nothing_in_clear() {
    let network = Network::new();
    let service = network.service();
    let plain = plain(network.feed, b"GET /v1/entries HTTP/1.1\r\n\r\n");
    assert!(!plain.starts_with(b"HTTP"), "{plain:?}");
    assert!(service.stop().success());
}

#[test]
fn responses_of_an_edge_have_no_unexplained_finding() {
    if Tool::PkiLint
        .or_skip("pkilint of an edge's responses")
        .is_none()
    {
        return;
    }
    let network = Network::new();
    let service = network.service();
    let issue = |key: &str| {
        let issued = network.world.issue(&network.world.csr(), key);
        issued["serial"].as_str().unwrap().to_owned()
    };
    let (good, revoked) = (issue("lint-good"), issue("lint-revoked"));
    let reason = ["--reason", "superseded"];
    let _ = network
        .world
        .json(["revoke", &revoked, reason[0], reason[1]]);
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let unknown = "11".repeat(16);
    let said = |status: CertStatus| match status {
        CertStatus::Good(_) => "good",
        CertStatus::Revoked(_) => "revoked",
        CertStatus::Unknown(_) => "unknown",
    };
    let mut objects = Vec::new();
    for (name, serial) in [
        ("good", &good),
        ("revoked", &revoked),
        ("unknown", &unknown),
    ] {
        let question = Question::about(&service, "issuing-ecc-terminal", serial);
        eventually(name, &edge, || {
            question.status_at(edge.address()).map(said) == Some(name)
        });
        let path = network.folder().join(format!("edge-{name}.resp"));
        fs::write(&path, question.response_at(edge.address())).unwrap();
        objects.push(("ocsp", vec![path]));
    }
    let exceptions = include_str!("../../pkilint-exceptions.toml");
    let wrong = judge(&findings(&objects), &["ocsp"], exceptions);
    assert_eq!(wrong, Vec::<String>::new());
    assert!(edge.stop().success());
    assert!(service.stop().success());
}

#[test]
fn removed_edge_stops_answering() {
    let network = Network::new();
    let service = network.service();
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let removed = network
        .world
        .json(["responder", "remove", "edge-1", "--reason", "moved"]);
    assert_eq!(removed["revoked"].as_array().unwrap().len(), 4);
    eventually("silent", &edge, || contact(&folder)["contact"] == "removed");
    assert_eq!(folder.run(["responder", "status"]).status.code(), Some(1));
    assert!(edge.stop().success());
    assert!(service.stop().success());
}

#[test]
fn edge_on_a_full_disk_still_shows_revocations() {
    if Tool::OpenSsl.or_skip("openssl ocsp at an edge").is_none() {
        return;
    }
    let network = Network::new();
    let service = network.service();
    let relying = network.relying(&service, "edge-full");
    let Some(disk) = SmallDisk::mount(&network.folder().join("small"), 48) else {
        return;
    };
    let folder = network.edge_at("edge-1", &disk.path().join("edge"));
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    assert!(relying.says(edge.address(), "good"));
    let filler = disk.fill();
    let _ = network
        .world
        .json(["revoke", &relying.serial, "--reason", "superseded"]);
    eventually("revoked", &edge, || relying.says(edge.address(), "revoked"));
    fs::remove_file(filler).unwrap();
    eventually("goes on", &edge, || {
        contact(&folder)["contact"] == "current"
    });
    assert!(relying.says(edge.address(), "revoked"));
    assert!(edge.stop().success());
    assert!(service.stop().success());
}

#[test]
fn second_edge_on_one_folder_is_refused_and_disturbs_nobody() {
    let network = Network::new();
    let service = network.service();
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let listen = free_address().to_string();
    let second = folder.refusal(["responder", "serve", "--listen", &listen]);
    assert_eq!(second.code, "folder.in-use");
    assert_eq!(contact(&folder)["contact"], "current");
    assert!(edge.stop().success());
    assert!(service.stop().success());
}

#[test]
fn secrets_of_an_edge_are_its_owners_and_an_enrolment_is_used_for_its_own_edge() {
    let network = Network::new();
    let edge = network.edge("edge-1");
    for name in ["feed.token", "keys.passphrase"] {
        let mode = fs::metadata(edge.dir().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mode = fs::metadata(network.world.dir().join("feed.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let other = network.enrol("edge-2");
    let other = other.to_str().unwrap();
    let again = edge.refusal(["responder", "init", "--enrolment", other]);
    assert_eq!(again.code, "responder.exists");
    let again = edge.refusal(["responder", "init", "--again", "--enrolment", other]);
    assert_eq!(again.code, "responder.other");
    let own = network.enrol("edge-1");
    let _ = edge.json([
        "responder",
        "init",
        "--again",
        "--enrolment",
        own.to_str().unwrap(),
    ]);
    let exists = network.world.refusal([
        "responder",
        "enrol",
        "edge-1",
        "--feed",
        "127.0.0.1:1",
        "--out",
        own.to_str().unwrap(),
    ]);
    assert_eq!(exists.code, "file.io");
    let none = Kasane::on(network.world.dir());
    let output = none
        .command(["responder", "serve", "--json"])
        .output()
        .unwrap();
    assert_eq!(refusal_of(&output).code, "responder.none");
}
