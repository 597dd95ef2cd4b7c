//! A start that takes its time: the service answers all the while, and may be ended.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question, health};
use kasane_tests::http::Connection;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::tools::{Tool, text};
use kasane_verify::ocsp::{CertStatus, OcspResponseStatus};
use serde_json::Value;

use crate::World;
use crate::edge::{PATIENCE, enrol, make};
use crate::ocsp_clients::ca;
use crate::revocation::{NO_CANARY, populated, settings};

/// So many that the store is made for a second or more.
const CERTIFICATES: &str = "40000";

/// Entries of the ledger for them, at the least.
const ENTRIES: u64 = 80_000;

const ISSUER: &str = "issuing-ecc-terminal";

/// An authority with many certificates, a copy in `folder`.
fn crowded(folder: &Path) -> Kasane {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crowded");
        let _ = fs::remove_dir_all(&path);
        settings(&populated(&path, CERTIFICATES), &[], NO_CANARY);
        path
    });
    let path = folder.join("data");
    let copied = Command::new("cp").arg("-a").arg(made).arg(&path).status();
    assert!(copied.unwrap().success());
    let passphrase = path.join("passphrase");
    Kasane::on(&path).with("KASANE_KEY_PASSPHRASE_FILE", passphrase.to_str().unwrap())
}

/// A certificate that stands and one that is revoked: what is asked about them, and files for OpenSSL.
struct Known {
    good: Question,
    revoked: Question,
    certificate: PathBuf,
    issuer: PathBuf,
}

impl Known {
    fn of(authority: &Kasane, service: &Service, folder: &Path) -> Self {
        let listed = authority.json(["list", "--issuer", ISSUER, "--limit", "3000"]);
        let serial = |revoked: bool| {
            let mut all = listed["certificates"].as_array().unwrap().iter();
            let found = all.find(|it| it["revocation"].is_object() == revoked);
            found.unwrap()["serial"].as_str().unwrap().to_owned()
        };
        let good = serial(false);
        let certificate = folder.join("good.pem");
        let shown = authority.json(["show", &good]);
        fs::write(&certificate, shown["pem"].as_str().unwrap()).unwrap();
        Self {
            good: Question::about(service, ISSUER, &good),
            revoked: Question::about(service, ISSUER, &serial(true)),
            certificate,
            issuer: ca(service, folder, ISSUER),
        }
    }

    /// Asks again and again, each time over a connection of its own, until the answers are there. Nobody
    /// is refused, and nothing is said but `tryLater` and what is right. How often `tryLater` came.
    fn ask_until_answered(&self, address: &str) -> u64 {
        let end = Instant::now() + PATIENCE;
        let mut later = 0;
        loop {
            let response = self.revoked.parsed_at(address).unwrap();
            match response.response_status {
                OcspResponseStatus::TryLater => later += 1,
                OcspResponseStatus::Successful => break,
                other => panic!("{other:?}"),
            }
            assert!(Instant::now() < end, "no answer");
            thread::sleep(Duration::from_millis(5));
        }
        assert!(self.revoked.is_revoked_at(address));
        assert_eq!(self.good.status_at(address), Some(CertStatus::GOOD));
        later
    }

    fn openssl(&self, address: &str) -> Option<String> {
        Tool::OpenSsl.or_skip("openssl ocsp during a start")?;
        let mut command = Tool::OpenSsl.command();
        command.args(["ocsp", "-url", &format!("http://{address}/ocsp")]);
        command.arg("-issuer").arg(&self.issuer);
        command.arg("-cert").arg(&self.certificate);
        Some(text(&command.output().unwrap()))
    }
}

fn without_store(kasane: &Kasane) {
    fs::remove_dir_all(kasane.dir().join("store")).unwrap();
}

fn at(service: &str) -> SocketAddr {
    service.parse().unwrap()
}

pub(crate) fn wait_until_it_listens(address: &str, log: impl Fn() -> String) {
    let end = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "nobody listens: {}", log());
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until some entries are in the new store, and says how many are to be.
fn wait_until_it_counts(address: &str, log: impl Fn() -> String) -> u64 {
    let end = Instant::now() + PATIENCE;
    loop {
        let (status, said) = health(at(address));
        assert_eq!(said["status"], "starting", "{said}: {}", log());
        assert_eq!(status, 503);
        if said["entries"]["done"].as_u64() > Some(0) {
            return said["entries"]["total"].as_u64().unwrap();
        }
        assert!(Instant::now() < end, "nothing is done: {}", log());
        thread::sleep(Duration::from_millis(2));
    }
}

/// Entries that a start said it had to bring into the store.
fn entries_to_do(log: &str, what: &str) -> Vec<u64> {
    log.lines()
        .filter(|line| line.contains(what))
        .map(|line| {
            let (_, rest) = line.split_once("entries=").unwrap();
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
            digits.unwrap().parse().unwrap()
        })
        .collect()
}

#[test]
fn service_says_try_later_from_its_first_moment_until_the_store_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let authority = crowded(folder.path());
    let service = Service::start(&authority);
    let known = Known::of(&authority, &service, folder.path());
    service.kill();
    without_store(&authority);

    let mut service = Service::launch(&authority);
    let address = service.address().to_owned();
    wait_until_it_listens(&address, || service.log());
    let first = known.good.parsed_at(&address).unwrap();
    assert_eq!(first.response_status, OcspResponseStatus::TryLater);
    if let Some(said) = known.openssl(&address) {
        assert!(said.contains("trylater (3)"), "{said}");
    }
    for path in ["/crl/issuing-ecc-terminal/0.crl", "/healthz"] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: s\r\n\r\n");
        let reply = Connection::new(at(&address)).send(head.as_bytes()).unwrap();
        assert_eq!(reply.status, 503, "{path}");
    }
    let total = wait_until_it_counts(&address, || service.log());
    assert!(total > ENTRIES, "{total}");
    assert!(known.ask_until_answered(&address) > 0);
    let (status, said) = health(at(&address));
    assert_eq!((status, said["status"].as_str()), (200, Some("ok")));
    assert_eq!(said["issuance"], "running");
    if let Some(said) = known.openssl(&address) {
        assert!(said.contains("good.pem: good"), "{said}");
    }
    assert!(service.ended_within(Duration::ZERO).is_none());
    assert!(service.stop().success());
    let rebuilt = authority.json(["store", "rebuild"]);
    assert_eq!(rebuilt["same_as_before"], true);
}

#[test]
fn service_that_is_ended_during_its_start_goes_on_at_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let authority = crowded(folder.path());
    without_store(&authority);
    let service = Service::launch(&authority);
    let (address, log) = (service.address().to_owned(), || service.log());
    wait_until_it_listens(&address, log);
    let total = wait_until_it_counts(&address, log);
    let log = log_of(&authority, &address);
    assert!(
        service.stop().success(),
        "{}",
        fs::read_to_string(&log).unwrap()
    );
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("stopped before the start was done"), "{said}");
    assert_eq!(entries_to_do(&said, "bringing the store up"), [total]);
    let state = fs::read_to_string(authority.dir().join("store.state")).unwrap();
    assert!(state.ends_with(" clean"), "{state}");

    let service = Service::start(&authority);
    let known = Known::of(&authority, &service, folder.path());
    let _ = known.ask_until_answered(service.address());
    let left = entries_to_do(&service.log(), "bringing the store up");
    assert!(left.len() == 1 && left[0] < total, "{left:?} of {total}");
    assert!(service.stop().success());
    assert!(authority.verified_ledger_size() > ENTRIES);
    let rebuilt = authority.json(["store", "rebuild"]);
    assert_eq!(rebuilt["same_as_before"], true);
}

/// Where a service at that address writes its log.
fn log_of(kasane: &Kasane, address: &str) -> PathBuf {
    let port = at(address).port();
    kasane.dir().with_extension(format!("serve-{port}.log"))
}

#[test]
fn edge_says_try_later_while_its_store_is_made_anew_and_may_be_ended_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let authority = crowded(folder.path());
    let (feed, address) = (free_address(), free_address());
    let service = Service::start_with_feed(&authority, feed);
    let known = Known::of(&authority, &service, folder.path());
    let enrolment = enrol(&authority, feed, folder.path(), "edge-1", &[]);
    let edge_folder = make(&enrolment, &folder.path().join("edge-1"));
    let edge = EdgeService::start_at(&edge_folder, address);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    let report = edge_folder.json(["responder", "status"]);
    assert!(report["entries"].as_u64().unwrap() > ENTRIES, "{report}");
    edge.kill();
    service.kill();
    without_store(&edge_folder);

    let edge = EdgeService::launch_at(&edge_folder, address);
    let first = known.good.parsed_at(edge.address()).unwrap();
    assert_eq!(first.response_status, OcspResponseStatus::TryLater);
    let status = edge_folder
        .command(["responder", "status", "--json"])
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(said["status"], "starting", "{said}");
    assert_eq!(status.status.code(), Some(1));
    let total = wait_until_it_counts(edge.address(), || edge.log());
    assert!(edge.stop().success());

    let edge = EdgeService::launch_at(&edge_folder, address);
    let _ = known.ask_until_answered(edge.address());
    let left = entries_to_do(&edge.log(), "bringing the store up");
    assert!(left.iter().all(|left| *left < total), "{left:?} of {total}");
    assert!(edge.stop().success());
}

#[test]
fn address_that_is_taken_is_refused_before_the_store_is_made_anew() {
    let world = World::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let feed = free_address();
    let enrolment = enrol(&world, feed, world.folder.path(), "edge-1", &[]);
    let edge = make(&enrolment, &world.folder.path().join("edge-1"));
    without_store(&world);
    for arguments in [
        &["serve", "--listen", &taken][..],
        &["serve", "--listen", "127.0.0.1:0", "--feed", &taken],
    ] {
        let refusal = world.refusal(arguments);
        assert_eq!((refusal.code.as_str(), refusal.exit), ("service.listen", 7));
        assert!(refusal.message.contains(&taken), "{}", refusal.message);
        assert!(!world.dir().join("store").exists());
    }
    let refusal = edge.refusal(["responder", "serve", "--listen", &taken]);
    assert_eq!((refusal.code.as_str(), refusal.exit), ("service.listen", 7));
    assert!(!edge.dir().join("store").exists());
}

#[test]
fn service_whose_start_fails_ends_with_the_error() {
    let world = World::new();
    let wrong = world.folder.path().join("wrong");
    fs::write(&wrong, "not the passphrase").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&wrong, mode).unwrap();
    let refusal = world.refusal([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--passphrase-file",
        wrong.to_str().unwrap(),
    ]);
    assert_eq!(refusal.code, "key.cannot-decrypt");
}
