//! The public ledger under many clients.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::process::Command;

use kasane_verify::ocsp::CertStatus;
use kasane_web::server::{Limits, Loopback};
use kasane_web::status::ClientLimits;

use crate::endpoints::{OCSP, OCSP_TYPE, issue, request, server, status};
use crate::server::Server;

/// The longest bundle: 256 entries of 65,535 octets.
const BUNDLE: u64 = 256 * 65_537;

const CLIENTS: u64 = 60;

fn ask(server: &Server, path: &str) -> TcpStream {
    let mut stream = server.connect();
    let head = format!("GET {path} HTTP/1.1\r\nHost: s\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn memory_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    number.parse::<u64>().unwrap() * 1_024
}

#[test]
fn bundles_that_clients_do_not_take_cost_little() {
    let server = server();
    let folder = server.world.folder.ledger().join("tile/entries");
    fs::create_dir_all(&folder).unwrap();
    let file = fs::File::create(folder.join("999")).unwrap();
    file.set_len(BUNDLE).unwrap();
    let before = memory_bytes();
    let mut clients: Vec<_> = (0..CLIENTS)
        .map(|_| ask(&server, "/ledger/tile/entries/999"))
        .collect();
    for client in &mut clients {
        let mut first = [0; 12];
        client.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
    }
    // A third of what they asked for; other tests run beside this one.
    let grown = memory_bytes().saturating_sub(before);
    assert!(grown < CLIENTS * BUNDLE / 3, "{} MiB", grown >> 20);
    let whole = server.get("/ledger/tile/entries/999");
    assert_eq!(whole.header("content-length"), BUNDLE.to_string());
    assert_eq!(whole.body.len() as u64, BUNDLE);
    assert!(whole.header("cache-control").contains("immutable"));
    let head = server.send("HEAD", "/ledger/tile/entries/999", &[], &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), BUNDLE.to_string());
}

#[test]
fn reads_of_the_ledger_keep_no_question_about_status_waiting() {
    let server = server();
    let asked = request(&server, &issue(&server), None);
    // Whoever opens it waits until somebody writes.
    let folder = server.world.folder.ledger().join("tile/entries");
    fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join("998");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let waiting: Vec<_> = (0..4)
        .map(|_| ask(&server, "/ledger/tile/entries/998"))
        .collect();
    // They are at it when the first of them holds the pipe open; then the others are about to be.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    drop((writer, waiting));
    assert_eq!(status(&answer.body), CertStatus::GOOD);
}

#[test]
fn what_is_read_from_disk_counts_in_the_limit_of_a_client() {
    let client_limits = ClientLimits {
        // One more comes up each second.
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::MIN.saturating_add(4),
        loopback: Loopback::Limited,
    };
    let server = Server::start_with(Limits::default(), client_limits);
    server.world.authority.checkpoint().unwrap();
    let size = server.world.authority.ledger().checkpoint_size().unwrap();
    let tile = format!("/ledger/tile/0/000.p/{size}");
    let paths = [
        "/ledger/checkpoint",
        tile.as_str(),
        "/ca/issuing-ecc-terminal.cer",
    ];
    assert_eq!(server.get(&tile).status, 200);
    let mut refused = 0;
    for path in paths.repeat(15) {
        let answer = server.get(path);
        if answer.status == 429 {
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("retry-after"), "1");
            refused += 1;
        } else {
            assert_eq!(answer.status, 200, "{path}");
        }
    }
    assert!(refused >= 20, "{refused}");
    assert_eq!(server.get("/healthz").status, 200);
}
