//! Slow, idle and many clients; the end of the server.

use std::io::{Read, Write};
use std::time::Duration;

use kasane_web::server::Limits;

use crate::endpoints::{OCSP, never_used, request, server, status};
use crate::server::{Server, read};

#[test]
fn slow_and_silent_clients_are_let_go() {
    let limits = Limits {
        head: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = Server::start(limits);
    let mut silent = server.connect();
    let mut slow = server.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: s\r\n")
        .unwrap();
    for stream in [&mut silent, &mut slow] {
        let mut rest = Vec::new();
        // It ends, with or without a word: the read limit of the test is far beyond.
        let _ = stream.read_to_end(&mut rest);
        assert!(
            !rest.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&rest)
        );
    }
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn connection_ends_after_its_life_and_waiting_clients_get_their_turn() {
    let limits = Limits {
        connections: 1,
        connection: Duration::from_millis(300),
        drain: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = Server::start(limits);
    // Keeps its connection open and says nothing more.
    let mut first = server.connect();
    first
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n")
        .unwrap();
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn shutdown_lets_the_request_at_hand_finish() {
    let mut server = server();
    let asked = request(&server, &[1], None);
    let mut stream = server.connect();
    let head = format!(
        "POST {OCSP} HTTP/1.1\r\nHost: s\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/ocsp-request\r\n\r\n",
        asked.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server waits for the body now.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.ask_to_stop();
    std::thread::sleep(Duration::from_millis(100));
    stream.write_all(&asked).unwrap();
    let answer = read(&mut stream);
    assert_eq!(answer.status, 200);
    assert_eq!(status(&answer.body), never_used());
    server.wait();
    assert!(std::net::TcpStream::connect(server.address).is_err());
}

#[test]
fn shutdown_does_not_wait_for_idle_connections() {
    let mut server = server();
    let mut idle = server.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n")
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let before = std::time::Instant::now();
    server.stop();
    assert!(before.elapsed() < Duration::from_secs(5));
}
