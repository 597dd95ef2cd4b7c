//! Clients that mean harm, or are broken.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::num::NonZeroU32;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Encode;
use der::asn1::OctetString;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{
    CertId, CertStatus, MAX_REQUESTS, Nonce, OcspRequest, OcspResponse, OcspResponseStatus,
};
use kasane_web::server::{Limits, Loopback};
use kasane_web::status::ClientLimits;

use crate::endpoints::{OCSP, OCSP_TYPE, issue, request, server, status};
use crate::server::{Answer, Server, read};

fn code(answer: &Answer) -> OcspResponseStatus {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/ocsp-response");
    OcspResponse::parse(&answer.body).unwrap().response_status
}

fn post(server: &Server, body: &[u8]) -> Answer {
    server.send("POST", OCSP, &[OCSP_TYPE], body)
}

fn get(server: &Server, request: &[u8]) -> Answer {
    server.get(&format!("{OCSP}/{}", STANDARD.encode(request)))
}

fn id(server: &Server, issuer: &str, serial: &[u8]) -> CertId {
    let issuer = server.world.authority.issuer(issuer).unwrap();
    let (name, spki) = (&issuer.signer.subject_der, &issuer.spki);
    CertId::new(&AwsLc, DigestAlgorithm::Sha256, name, spki, serial).unwrap()
}

fn asking(ids: Vec<CertId>) -> Vec<u8> {
    OcspRequest::new(ids, None).unwrap().encode_der().unwrap()
}

/// `depth` SEQUENCEs, each in the one before.
fn nested(depth: usize) -> Vec<u8> {
    let mut der = vec![0x05, 0x00];
    for _ in 0..depth {
        let mut outer = vec![0x30];
        let length = der::Length::try_from(der.len()).unwrap();
        length.encode_to_vec(&mut outer).unwrap();
        outer.append(&mut der);
        der = outer;
    }
    der
}

#[test]
fn what_is_no_request_is_told_so_by_either_method() {
    let server = server();
    let good = request(&server, &issue(&server), None);
    let mut trailing = good.clone();
    trailing.push(0);
    let cases = [
        Vec::new(),
        vec![0x30, 0x80, 0, 0],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        vec![0x30; 400],
        vec![0; 16 * 1024],
        nested(4_000),
        nested(100),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        good[..good.len() - 1].to_vec(),
        trailing,
        asking(Vec::new()),
        asking(vec![
            id(&server, "issuing-ecc-terminal", &[1]);
            MAX_REQUESTS + 1
        ]),
    ];
    for (number, case) in cases.iter().enumerate() {
        let answer = post(&server, case);
        assert_eq!(
            code(&answer),
            OcspResponseStatus::MalformedRequest,
            "{number}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{number}");
        if !case.is_empty() {
            let answer = get(&server, case);
            assert_eq!(
                code(&answer),
                OcspResponseStatus::MalformedRequest,
                "{number}"
            );
        }
    }
    assert_eq!(status(&post(&server, &good).body), CertStatus::GOOD);
}

#[test]
fn what_is_of_no_issuer_here_is_unauthorized() {
    let server = server();
    let mine = || id(&server, "issuing-ecc-terminal", &[1]);
    let mut unknown_digest = mine();
    unknown_digest.hash_algorithm.oid = "1.2.3.4".parse().unwrap();
    let mut short = mine();
    short.issuer_key_hash = OctetString::new([0; 3]).unwrap();
    let mut stranger = mine();
    stranger.issuer_name_hash = OctetString::new([0; 32]).unwrap();
    let other = id(&server, "issuing-rsa", &[1]);
    for ids in [
        vec![unknown_digest],
        vec![short],
        vec![stranger],
        vec![other.clone()],
        vec![mine(), other],
    ] {
        let asked = asking(ids);
        for answer in [post(&server, &asked), get(&server, &asked)] {
            assert_eq!(code(&answer), OcspResponseStatus::Unauthorized);
        }
    }
}

#[test]
fn longest_list_is_answered_with_one_signature() {
    let server = server();
    let serial = issue(&server);
    let asked = asking(vec![
        id(&server, "issuing-ecc-terminal", &serial);
        MAX_REQUESTS
    ]);
    let answer = post(&server, &asked);
    assert_eq!(code(&answer), OcspResponseStatus::Successful);
    let response = OcspResponse::parse(&answer.body).unwrap();
    let answers = response.basic().unwrap().data.responses;
    assert_eq!(answers.len(), MAX_REQUESTS);
    assert!(answers.iter().all(|it| it.cert_status == CertStatus::GOOD));
}

#[test]
fn changed_requests_get_an_answer_each() {
    let server = server();
    let good = request(&server, &issue(&server), None);
    post(&server, &good);
    // The same walk in every run: each octet once, several values.
    for (position, flip) in (0..good.len()).zip([0x01, 0x80, 0x7f, 0xff, 0x20].iter().cycle()) {
        let mut changed = good.clone();
        changed[position] ^= flip;
        let posted = post(&server, &changed);
        let got = get(&server, &changed);
        assert_eq!(code(&posted), code(&got), "{position}");
        if code(&posted) == OcspResponseStatus::Successful {
            // Another serial number, never issued: nothing says that it is good.
            assert_ne!(status(&posted.body), CertStatus::GOOD, "{position}");
        }
    }
    assert_eq!(status(&get(&server, &good).body), CertStatus::GOOD);
}

#[test]
fn head_without_end_is_refused() {
    let server = server();
    for head in [
        format!(
            "GET /ocsp/{} HTTP/1.1\r\nHost: s\r\n\r\n",
            "A".repeat(200 * 1024)
        ),
        format!(
            "GET / HTTP/1.1\r\nHost: s\r\n{}\r\n",
            "X: y\r\n".repeat(500)
        ),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
    ] {
        let mut stream = server.connect();
        // It may be refused before all of it is read.
        let _sent = stream.write_all(head.as_bytes());
        let mut answer = Vec::new();
        let _ended = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", head.len());
    }
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn head_has_a_hundred_fields_at_most() {
    let server = server();
    // Two more come with each.
    for (count, status) in [(98, 200), (99, 431)] {
        let fields = vec![("X", "y"); count];
        let answer = server.send("GET", "/healthz", &fields, &[]);
        assert_eq!(answer.status, status, "{count}");
    }
}

#[test]
fn requests_in_one_piece_are_answered_in_order() {
    let server = server();
    let (first, second) = (issue(&server), issue(&server));
    let path = |serial: &[u8]| {
        let base64 = STANDARD.encode(request(&server, serial, None));
        format!("{OCSP}/{base64}")
    };
    let wanted = [&first, &second].map(|serial| server.get(&path(serial)).body);
    let mut sent = String::new();
    for serial in [&first, &second].repeat(20) {
        sent += &format!("GET {} HTTP/1.1\r\nHost: s\r\n\r\n", path(serial));
    }
    sent += "GET /healthz HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
    let mut stream = server.connect();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    let at = |body: &[u8]| -> Vec<usize> {
        answers
            .windows(body.len())
            .enumerate()
            .filter_map(|(at, window)| (window == body).then_some(at))
            .collect()
    };
    let places = wanted.map(|body| at(&body));
    assert_eq!(places.each_ref().map(Vec::len), [20, 20]);
    assert!(places[0].iter().zip(&places[1]).all(|(a, b)| a < b));
    assert!(answers.ends_with(b"ok\n"));
}

#[test]
fn body_that_does_not_come_holds_nobody_up() {
    let limits = Limits {
        connection: Duration::from_millis(300),
        drain: Duration::from_millis(300),
        ..Limits::default()
    };
    let server = Server::start(limits);
    let head = |length: usize| {
        format!(
            "POST {OCSP} HTTP/1.1\r\nHost: s\r\nContent-Length: {length}\r\n\
             Content-Type: application/ocsp-request\r\n\r\n\x30"
        )
    };
    // Short ones and long ones take different ways.
    let mut waiting: Vec<TcpStream> = [100, 10_000]
        .repeat(40)
        .into_iter()
        .map(|length| {
            let mut stream = server.connect();
            stream.write_all(head(length).as_bytes()).unwrap();
            stream
        })
        .collect();
    // Half of them go away in the middle.
    for stream in waiting.iter().step_by(2) {
        stream.shutdown(Shutdown::Both).unwrap();
    }
    let asked = request(&server, &[1], None);
    assert_eq!(post(&server, &asked).status, 200);
    for stream in &mut waiting {
        let mut answer = Vec::new();
        let _ended = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2"));
    }
}

#[test]
fn body_that_is_late_is_told_to_try_later() {
    let server = server();
    // Short ones and long ones take different ways.
    let mut waiting: Vec<_> = [100, 10_000]
        .into_iter()
        .map(|length| {
            let mut stream = server.connect();
            let head = format!(
                "POST {OCSP} HTTP/1.1\r\nHost: s\r\nContent-Length: {length}\r\n\
                 Content-Type: application/ocsp-request\r\n\r\n\x30"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut waiting {
        let answer = read(stream);
        assert_eq!(code(&answer), OcspResponseStatus::TryLater);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn client_with_too_many_connections_gets_no_more() {
    let limits = Limits {
        connections_per_client: 2,
        loopback: Loopback::Limited,
        ..Limits::default()
    };
    let server = Server::start(limits);
    let ask = |stream: &mut TcpStream| -> Vec<u8> {
        let _sent = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n");
        let mut first = [0; 12];
        match stream.read_exact(&mut first) {
            Ok(()) => first.to_vec(),
            Err(_) => Vec::new(),
        }
    };
    let (mut first, mut second, mut third) = (server.connect(), server.connect(), server.connect());
    assert_eq!(ask(&mut first), b"HTTP/1.1 200");
    assert_eq!(ask(&mut second), b"HTTP/1.1 200");
    assert_eq!(ask(&mut third), b"");
    // The place is free once the server has seen the end.
    drop(first);
    let mut again = Vec::new();
    for _ in 0..1_000 {
        again = ask(&mut server.connect());
        if !again.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(again, b"HTTP/1.1 200");
}

#[test]
fn client_that_asks_for_too_much_work_is_put_off_and_kept_answers_go_on() {
    let client_limits = ClientLimits {
        // One more comes up each second.
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::MIN.saturating_add(4),
        loopback: Loopback::Limited,
    };
    let server = Server::start_with(Limits::default(), client_limits);
    let serial = issue(&server);
    let plain = request(&server, &serial, None);
    // The first is signed.
    assert_eq!(code(&get(&server, &plain)), OcspResponseStatus::Successful);
    let nonce = Nonce::new(&[7; 32]).unwrap();
    let fresh = request(&server, &serial, Some(&nonce));
    let mut codes: Vec<_> = (0..40).map(|_| post(&server, &fresh)).collect();
    codes.retain(|answer| code(answer) == OcspResponseStatus::TryLater);
    assert!(codes.len() >= 20, "{}", codes.len());
    assert!(
        codes
            .iter()
            .all(|answer| answer.header("cache-control") == "no-store")
    );
    for _ in 0..20 {
        assert_eq!(status(&get(&server, &plain).body), CertStatus::GOOD);
        assert_eq!(status(&post(&server, &plain).body), CertStatus::GOOD);
    }
}

#[test]
fn body_of_another_length_than_announced_is_no_request() {
    let server = server();
    let asked = request(&server, &[1], None);
    let mut stream = server.connect();
    let head = format!(
        "POST {OCSP} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/ocsp-request\r\n\r\n",
        asked.len() - 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&asked).unwrap();
    assert_eq!(
        code(&read(&mut stream)),
        OcspResponseStatus::MalformedRequest
    );
}

#[test]
fn client_that_reads_much_from_the_disk_is_put_off() {
    let client_limits = ClientLimits {
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::MIN.saturating_add(4),
        loopback: Loopback::Limited,
    };
    let server = Server::start_with(Limits::default(), client_limits);
    for path in [
        "/ledger/checkpoint",
        "/ledger/tile/0/000.p/1",
        "/ca/root-ecc.cer",
        "/ca/nothing.cer",
    ] {
        let answers: Vec<_> = (0..20).map(|_| server.get(path)).collect();
        let refused = answers.iter().filter(|it| it.status == 429);
        let refused: Vec<_> = refused.collect();
        assert!(refused.len() >= 5, "{path}: {}", refused.len());
        assert!(refused.iter().all(|it| it.header("retry-after") == "1"));
    }
    // What is in memory is for everybody.
    let crl = "/crl/issuing-rsa/0.crl";
    server.publisher.publish("issuing-rsa", 0).unwrap();
    assert!((0..20).all(|_| server.get(crl).status == 200));
    assert!((0..20).all(|_| server.get("/healthz").status == 200));
}
