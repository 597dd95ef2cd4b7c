//! Status before what it is answered from is there, and the change to what follows.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kasane_verify::ocsp::{CertStatus, Nonce};
use kasane_web::status::Startup;
use serde_json::{Value, json};

use crate::endpoints::{OCSP, OCSP_TYPE, issue, request, status};
use crate::server::{Answer, Server};

/// RFC 6960 §4.2.1: SEQUENCE { ENUMERATED }.
const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];
const MALFORMED: [u8; 5] = [0x30, 3, 0x0a, 1, 1];

fn says(answer: &Answer, octets: [u8; 5]) {
    assert_eq!((answer.status, answer.body.as_slice()), (200, &octets[..]));
    assert_eq!(answer.header("content-type"), "application/ocsp-response");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("etag"), "");
}

#[test]
fn ocsp_request_that_can_be_read_is_told_to_try_later_while_the_start_is_under_way() {
    let startup = Arc::new(Startup::new("a test"));
    let (server, _gate, _later) = Server::starting(&startup);
    let serial = issue(&server);
    let nonce = Nonce::new(&[7; 16]).unwrap();
    for nonce in [None, Some(&nonce)] {
        let asked = request(&server, &serial, nonce);
        let base64 = STANDARD.encode(&asked).replace('/', "%2F");
        for address in ["/ocsp", OCSP, "/ocsp/not-known-yet"] {
            says(
                &server.send("POST", address, &[OCSP_TYPE], &asked),
                TRY_LATER,
            );
            says(&server.get(&format!("{address}/{base64}")), TRY_LATER);
        }
    }
}

#[test]
fn what_is_no_ocsp_request_is_refused_while_the_start_is_under_way_as_later() {
    let startup = Arc::new(Startup::new("a test"));
    let (server, gate, later) = Server::starting(&startup);
    let asked = request(&server, &issue(&server), None);
    let cut = &asked[..asked.len() - 1];
    for _ in ["starting", "started"] {
        for garbage in [&b""[..], b"garbage", cut] {
            says(&server.send("POST", OCSP, &[OCSP_TYPE], garbage), MALFORMED);
        }
        for path in ["/ocsp/MAA", "/ocsp/%ff", "/ocsp/issuing-ecc-terminal/!"] {
            says(&server.get(path), MALFORMED);
        }
        let text = ("Content-Type", "text/plain");
        assert_eq!(server.send("POST", OCSP, &[text], &asked).status, 415);
        let long = vec![0x30; 20_000];
        says(&server.send("POST", OCSP, &[OCSP_TYPE], &long), MALFORMED);
        assert_eq!(server.send("DELETE", OCSP, &[], &[]).status, 405);
        assert_eq!(server.get("/ocsp").status, 405);
        gate.open(later.clone());
    }
}

#[test]
fn proxy_is_told_to_ask_elsewhere_while_the_start_is_under_way() {
    let startup = Arc::new(Startup::new("a test"));
    let (server, gate, later) = Server::starting(&startup);
    let asked = request(&server, &issue(&server), None);
    let ask = || {
        server.send(
            "POST",
            OCSP,
            &[OCSP_TYPE, ("X-Real-IP", "192.0.2.1")],
            &asked,
        )
    };
    let answer = ask();
    assert_eq!((answer.status, &answer.body[..]), (503, &TRY_LATER[..]));
    gate.open(later);
    assert_eq!(ask().status, 200);
}

#[test]
fn everything_else_is_unavailable_and_health_tells_how_far_the_start_is() {
    let startup = Arc::new(Startup::new("a test"));
    let (server, gate, later) = Server::starting(&startup);
    for path in [
        "/crl/issuing-rsa/0.crl",
        "/ca/root-ecc.cer",
        "/ledger/checkpoint",
        "/ledger/tile/0/000",
        "/healthz",
        "/nothing",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), "10");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.body, b"starting: ask again soon\n");
    }
    let health = |expected: Value| {
        let answer = server.get("/health");
        let mut said: Value = serde_json::from_slice(&answer.body).unwrap();
        let _ = said.as_object_mut().unwrap().remove("seconds");
        assert_eq!(said, expected);
        answer.status
    };
    let step = |doing: &str, entries: Value| json!({ "status": "starting", "doing": doing, "entries": entries });
    assert_eq!(health(step("a test", Value::Null)), 503);
    startup.does("counting");
    startup.report(7, 9);
    let counted = json!({ "done": 7, "total": 9 });
    assert_eq!(health(step("counting", counted)), 503);
    startup.does("nearly done");
    assert_eq!(health(step("nearly done", Value::Null)), 503);
    gate.open(later);
    let open = json!({
        "status": "ok", "stale_seconds": 0, "without_signer": [], "issuance": "running", "canary": null,
    });
    assert_eq!(health(open), 200);
    assert_eq!(server.get("/healthz").body, b"ok\n");
    assert_eq!(server.get("/ca/root-ecc.cer").status, 200);
    assert_eq!(server.get("/nothing").status, 404);
}

#[test]
fn connection_from_before_the_start_gets_right_answers_after_it() {
    let startup = Arc::new(Startup::new("a test"));
    let (server, gate, later) = Server::starting(&startup);
    let asked = request(&server, &issue(&server), None);
    let mut kept = BufReader::new(server.connect());
    assert_eq!(post(&mut kept, &asked), TRY_LATER);
    assert_eq!(post(&mut kept, &asked), TRY_LATER);
    gate.open(later);
    // Signed for it, and then from what is kept.
    for _ in 0..2 {
        assert_eq!(status(&post(&mut kept, &asked)), CertStatus::GOOD);
    }
}

#[test]
fn server_that_never_started_stops_at_once() {
    let startup = Arc::new(Startup::new("a test"));
    let (mut server, _gate, _later) = Server::starting(&startup);
    let mut idle = server.connect();
    assert_eq!(server.get("/healthz").status, 503);
    server.stop();
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
}

/// A request on a connection that goes on; the body of the answer.
fn post(kept: &mut BufReader<TcpStream>, asked: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {OCSP} HTTP/1.1\r\nHost: status\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        OCSP_TYPE.1,
        asked.len()
    );
    kept.get_mut()
        .write_all(&[head.as_bytes(), asked].concat())
        .unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(
            kept.read_line(&mut line).unwrap() > 0,
            "the connection ended"
        );
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    kept.read_exact(&mut body).unwrap();
    body
}
