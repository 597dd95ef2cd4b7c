//! Who is waited for, and what is claimed of those that nobody can ask.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question};
use kasane_tests::program::{Service, free_address, refusal_of};
use kasane_tests::tools::text;
use serde_json::Value;

use crate::World;
use crate::edge::{Network, PATIENCE, enrol, make};
use crate::revocation::{NO_CANARY, issue, settings};

/// The arguments of a revocation that is waited for.
fn wait<'a>(serial: &'a str, timeout: &'a str) -> [&'a str; 7] {
    let reason = "superseded";
    [
        "revoke",
        serial,
        "--reason",
        reason,
        "--wait",
        "--timeout",
        timeout,
    ]
}

/// What was seen of an endpoint, in that way.
pub(crate) fn seen<'v>(answer: &'v Value, endpoint: &str, what: &str) -> &'v Value {
    let all = answer["visibility"].as_array();
    let all = all.unwrap_or_else(|| panic!("{answer}"));
    let of_it = |it: &&Value| it["endpoint"] == endpoint && it["what"] == what;
    all.iter()
        .find(of_it)
        .unwrap_or_else(|| panic!("{endpoint} {what}: {answer}"))
}

fn run(world: &World, arguments: &[&str]) -> (Value, Output) {
    let output = world.command(arguments).arg("--json").output().unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap();
    (answer, output)
}

#[test]
fn edge_without_an_address_is_waited_for_until_it_has_the_entry() {
    let network = Network::new();
    let world = &network.world;
    settings(world, &[], NO_CANARY);
    let service = network.service();
    let folder = network.edge("edge-1");
    // Enrolled, and made into an edge by nobody: it has no signer, and nobody can be told anything by it.
    let _ = enrol(world, network.feed, network.folder(), "edge-9", &[]);
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let serial = issue(world, "one");
    let asked = Question::about(&service, "issuing-ecc-terminal", &serial);
    let answer = world.json(wait(&serial, "120"));
    let of_edge = seen(&answer, "edge-1", "feed");
    assert_eq!(of_edge["seen"]["says"], "followed", "{answer}");
    assert!(of_edge["after_milliseconds"].is_u64(), "{answer}");
    // It returned, so it is so.
    assert!(asked.is_revoked_at(edge.address()));
    assert_eq!(
        seen(&answer, "edge-9", "feed")["seen"]["says"],
        "no-signer",
        "{answer}"
    );
    assert_eq!(answer["not_visible_at"], serde_json::json!([]));
    let responders = world.json(["status", "responders"]);
    let edges = responders["edges"].as_array().unwrap();
    assert!(edges[0]["entries"].is_u64(), "{responders}");
    assert!(edges[1]["heard"].is_null(), "{responders}");

    // One that is away is no success: it has an exit code and a line of its own.
    edge.kill();
    let serial = issue(world, "away");
    let (answer, output) = run(world, &wait(&serial, "2"));
    let refusal = refusal_of(&output);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("revocation.not-visible", 9)
    );
    assert!(refusal.message.contains("edge-1"), "{}", refusal.message);
    assert!(!refusal.message.contains("edge-9"), "{}", refusal.message);
    assert_eq!(seen(&answer, "edge-1", "feed")["seen"]["says"], "behind");
    assert_eq!(answer["not_visible_at"], serde_json::json!(["edge-1"]));
    assert_eq!(answer["revocation"]["reason"], "superseded", "it stands");

    // Nor one that was not heard of since the service began; and it can be looked for again.
    assert!(service.stop().success());
    let service = network.service();
    let looking = ["status", "seen", &serial, "--timeout", "1"];
    let (answer, output) = run(world, &looking);
    assert_eq!(refusal_of(&output).exit, 9);
    assert_eq!(seen(&answer, "edge-1", "feed")["seen"]["says"], "not-heard");
    let edge = EdgeService::start(&folder);
    let answer = world.json(["status", "seen", &serial, "--timeout", "120"]);
    assert_eq!(seen(&answer, "edge-1", "feed")["seen"]["says"], "followed");
    // Gone for good: removed, it is not waited for.
    edge.kill();
    let _ = world.json(["responder", "remove", "edge-1", "--reason", "gone"]);
    let answer = world.json(wait(&issue(world, "removed"), "30"));
    let all = answer["visibility"].as_array().unwrap();
    assert!(all.iter().all(|it| it["endpoint"] != "edge-1"), "{answer}");
    let unrevoked = world.refusal(["status", "seen", &issue(world, "good")]);
    assert_eq!(
        (unrevoked.code.as_str(), unrevoked.exit),
        ("certificate.not-revoked", 1)
    );
    assert!(service.stop().success());
}

#[test]
fn edges_behind_one_address_are_each_waited_for_and_anothers_answer_is_refused() {
    let network = Network::new();
    let world = &network.world;
    settings(world, &[], NO_CANARY);
    let service = network.service();
    let shared = free_address();
    let url = format!("http://{shared}");
    let at = |name: &str, url: &str| {
        let file = enrol(world, network.feed, network.folder(), name, &["--url", url]);
        make(&file, &network.folder().join(name))
    };
    let folders = [at("edge-1", &url), at("edge-2", &url)];
    // Somebody gave the authority's own address as that of an edge, by another name.
    let (_, port) = service.address().rsplit_once(':').unwrap();
    let misled = at("edge-3", &format!("http://localhost:{port}"));
    let answering = EdgeService::start_at(&folders[0], shared);
    answering.wait_until_it_answers(&folders[0], PATIENCE);
    let second = EdgeService::start(&folders[1]);
    second.wait_until_it_answers(&folders[1], PATIENCE);
    let third = EdgeService::start(&misled);
    third.wait_until_it_answers(&misled, PATIENCE);
    second.kill();
    let (answer, output) = run(world, &wait(&issue(world, "one"), "5"));
    assert_eq!(refusal_of(&output).exit, 9);
    // One of both answers there, and each is held to its own word.
    assert_eq!(seen(&answer, "edge-1", "ocsp")["seen"]["says"], "revoked");
    assert_eq!(seen(&answer, "edge-1", "feed")["seen"]["says"], "followed");
    assert_eq!(seen(&answer, "edge-2", "feed")["seen"]["says"], "behind");
    let wrong = &seen(&answer, "edge-3", "ocsp")["seen"];
    assert_eq!(wrong["says"], "wrong-signer", "{answer}");
    assert_eq!(wrong["code"], "signer.of-another", "{answer}");
    let reason = wrong["reason"].as_str().unwrap();
    assert!(reason.contains("the authority itself"), "{reason}");
    assert_eq!(
        answer["not_visible_at"],
        serde_json::json!(["edge-2", "edge-3"])
    );
    assert!(service.stop().success());
}

/// What stands in a responder's place.
#[derive(Clone, Copy)]
enum Hostile {
    Garbage,
    Silence,
    Endless,
    Redirection,
}

fn hostile(kind: Hostile) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that goes away is no failure.
            std::thread::spawn(move || play(client, kind));
        }
    });
    address
}

fn play(mut client: TcpStream, kind: Hostile) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let _ = client.read(&mut request)?;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n";
    match kind {
        Hostile::Garbage => write!(client, "{head}Content-Length: 4\r\n\r\n\u{1b}[2J"),
        Hostile::Redirection => write!(
            client,
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        ),
        Hostile::Silence => {
            std::thread::sleep(Duration::from_secs(300));
            Ok(())
        }
        Hostile::Endless => {
            write!(client, "{head}Transfer-Encoding: chunked\r\n\r\n")?;
            loop {
                write!(client, "10000\r\n{}\r\n", "x".repeat(0x10000))?;
            }
        }
    }
}

#[test]
fn hostile_responders_are_named_within_the_time_and_keep_nobody_else_waiting() {
    let world = World::new();
    let kinds = [
        ("garbage", Hostile::Garbage),
        ("silence", Hostile::Silence),
        ("endless", Hostile::Endless),
        ("redirection", Hostile::Redirection),
    ];
    let responders = kinds.map(|(name, kind)| (name, format!("http://{}", hostile(kind))));
    settings(&world, &responders, NO_CANARY);
    let service = Service::start_at(&world, free_address());
    let serial = issue(&world, "one");
    let begun = Instant::now();
    let (answer, output) = run(&world, &wait(&serial, "2"));
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(refusal_of(&output).exit, 9);
    let says = |name: &str| seen(&answer, name, "ocsp")["seen"].clone();
    assert_eq!(says("this service")["says"], "revoked");
    assert_eq!(says("garbage")["says"], "not-believed");
    assert_eq!(says("silence")["says"], "unreachable");
    assert_eq!(says("endless")["code"], "answer.too-long");
    assert_eq!(
        (
            says("redirection")["says"].as_str(),
            says("redirection")["status"].as_u64()
        ),
        (Some("refused"), Some(302))
    );
    let message = refusal_of(&output).message;
    assert!(message.contains("follows a redirection"), "{message}");
    assert!(!message.contains('\u{1b}'), "{message:?}");
    let names = ["endless", "garbage", "redirection", "silence"];
    assert_eq!(answer["not_visible_at"], serde_json::json!(names));
    assert!(service.stop().success());
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let told = Command::new("kill").args(["-INT", &id]).status();
    assert!(told.unwrap().success());
}

fn spawn(world: &World, arguments: &[&str]) -> Child {
    world
        .command(arguments)
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn until_revoked(world: &World, serial: &str) {
    let end = Instant::now() + PATIENCE;
    while world.json(["show", serial])["known"]["state"] != "revoked" {
        assert!(Instant::now() < end, "{serial} is not revoked");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn interrupted_waiting_says_that_the_revocation_stands_and_who_had_not_told() {
    let world = World::new();
    let nobody = format!("http://{}", free_address());
    settings(&world, &[("edge-down", nobody)], NO_CANARY);
    let service = Service::start_at(&world, free_address());
    let serial = issue(&world, "one");
    let child = spawn(&world, &wait(&serial, "600"));
    until_revoked(&world, &serial);
    // It is at the latest now that it looks around.
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let refusal = refusal_of(&output);
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("revocation.wait-interrupted", 9),
        "{}",
        text(&output)
    );
    assert!(refusal.message.contains("it is revoked, and that stands"));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["not_visible_at"], serde_json::json!(["edge-down"]));
    assert!(
        text(&output).contains("not taken back"),
        "{}",
        text(&output)
    );
    assert!(service.stop().success());
}

#[test]
fn death_of_the_service_while_it_is_waited_for_ends_in_success_once_all_tell() {
    let network = Network::new();
    let world = &network.world;
    settings(world, &[], NO_CANARY);
    let address = free_address();
    let start = || Service::start_at_with_feed(world, address, network.feed);
    let service = start();
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    edge.kill();
    let serial = issue(world, "one");
    let mut child = spawn(world, &wait(&serial, "300"));
    until_revoked(world, &serial);
    std::thread::sleep(Duration::from_secs(1));
    service.kill();
    std::thread::sleep(Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "edge-1 is waited for");
    let service = start();
    let edge = EdgeService::start(&folder);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen(&answer, "edge-1", "feed")["seen"]["says"], "followed");
    assert!(edge.stop().success());
    assert!(service.stop().success());
}
