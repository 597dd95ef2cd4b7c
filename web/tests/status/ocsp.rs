//! OCSP over HTTP, with the simplest client there is.

use std::collections::HashMap;
use std::io::Write;
use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::clock::Clock;
use kasane_verify::ocsp::{CertStatus, Nonce};
use kasane_web::server::{Limits, Loopback};
use kasane_web::status::ClientLimits;

use crate::common::{requester, rsa2048, terminal_order};
use crate::endpoints::{OCSP, OCSP_TYPE, TERMINALS, issue, request, request_of, server, status};
use crate::server::{Answer, Server, read};

#[test]
fn ocsp_answers_post_and_get() {
    let server = server();
    let serial = issue(&server);
    let asked = request(&server, &serial, None);
    let posted = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!(posted.status, 200);
    assert_eq!(posted.header("content-type"), "application/ocsp-response");
    // RFC 9919 §6.2: never no-store on what a CA says.
    assert!(
        posted
            .header("cache-control")
            .starts_with("max-age=300, public")
    );
    assert_eq!(status(&posted.body), CertStatus::GOOD);

    let base64 = STANDARD.encode(&asked);
    let encoded = base64
        .replace('/', "%2F")
        .replace('+', "%2b")
        .replace('=', "%3D");
    for path in [&base64, &encoded, base64.trim_end_matches('=')] {
        let got = server.get(&format!("{OCSP}/{path}"));
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.body, posted.body, "{path}");
        assert!(
            got.header("cache-control")
                .starts_with("max-age=300, public")
        );
        assert_eq!(got.header("last-modified"), "Fri, 20 Nov 2026 03:00:00 GMT");
        assert_eq!(got.header("expires"), "Fri, 20 Nov 2026 03:05:00 GMT");
        let tag = got.header("etag");
        let path = format!("{OCSP}/{path}");
        let known = server.send("GET", &path, &[("If-None-Match", tag)], &[]);
        assert_eq!((known.status, known.body.len()), (304, 0));
    }

    let order = RevocationOrder {
        issuer: TERMINALS,
        serial: &serial,
        reason: None,
        invalidity_date: None,
    };
    server
        .world
        .authority
        .revoke(&Actor::system(), &order)
        .unwrap();
    let got = server.get(&format!("{OCSP}/{encoded}"));
    assert_eq!(
        status(&got.body),
        CertStatus::revoked(server.world.clock.now(), None)
    );
}

#[test]
fn one_address_answers_for_every_issuer() {
    let server = server();
    let rsa = server
        .world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 1, rsa2048()))
        .unwrap();
    let ecc = request(&server, &issue(&server), None);
    let rsa = request_of(&server, &rsa.issuer, &rsa.serial, None);
    for asked in [ecc, rsa] {
        let base64 = STANDARD.encode(&asked);
        // The first is signed for it, the others are from what is kept.
        let first = server.send("POST", "/ocsp", &[OCSP_TYPE], &asked);
        assert_eq!(status(&first.body), CertStatus::GOOD);
        for path in [
            format!("/ocsp/{base64}"),
            format!("/ocsp/{}", base64.replace('/', "%2f").replace('=', "")),
        ] {
            let got = server.get(&path);
            assert_eq!((got.status, &got.body), (200, &first.body), "{path}");
            assert!(got.header("cache-control").starts_with("max-age=300"));
        }
        let posted = server.send("POST", "/ocsp/", &[OCSP_TYPE], &asked);
        assert_eq!(posted.body, first.body);
    }
    let malformed = vec![0x30, 3, 0x0a, 1, 1];
    for path in ["/ocsp/AAAA", "/ocsp/%ff/AAAA", "/ocsp/M%", "/ocsp/"] {
        let got = server.get(path);
        if path == "/ocsp/" {
            // Without a request only POST makes sense.
            assert_eq!(got.status, 405);
        } else {
            assert_eq!((got.status, &got.body), (200, &malformed), "{path}");
        }
    }
    assert_eq!(server.get("/ocsp").status, 405);
}

#[test]
fn prepared_response_has_the_octets_and_fields_of_the_first() {
    let server = server();
    let asked = request(&server, &issue(&server), None);
    let path = format!("{OCSP}/{}", STANDARD.encode(&asked));
    let first = server.get(&path);
    let second = server.get(&path);
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert_eq!(without_date(&first), without_date(&second));
    // Twelve hours later there is another; shortly before its end it may be kept that long.
    server
        .world
        .clock
        .set(server.world.clock.now().plus_seconds(60));
    let later = server.get(&path);
    assert_eq!(later.body, first.body);
    assert_eq!(later.header("expires"), "Fri, 20 Nov 2026 03:06:00 GMT");
}

fn without_date(answer: &Answer) -> HashMap<String, String> {
    let mut headers = answer.headers.clone();
    headers.remove("date");
    headers
}

#[test]
fn head_of_an_ocsp_response_is_that_of_get_and_no_work_once_the_response_is_kept() {
    let server = Server::start_with(
        Limits::default(),
        ClientLimits {
            // One more comes up each second.
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
            loopback: Loopback::Limited,
        },
    );
    let asked = request(&server, &issue(&server), None);
    let path = format!("{OCSP}/{}", STANDARD.encode(&asked));
    let got = server.get(&path);
    assert_eq!(status(&got.body), CertStatus::GOOD);
    assert_eq!(got.header("content-length"), got.body.len().to_string());
    let known = [("If-None-Match", got.header("etag"))];
    for _ in 0..40 {
        let head = server.send("HEAD", &path, &[], &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(without_date(&head), without_date(&got));
        let head = server.send("HEAD", &path, &known, &[]);
        assert_eq!((head.status, head.body.len()), (304, 0));
    }
}

#[test]
fn ocsp_with_nonce_or_without_answer_is_kept_by_nobody() {
    let server = server();
    let serial = issue(&server);
    let nonce = Nonce::new(&[9; 32]).unwrap();
    let with_nonce = STANDARD.encode(request(&server, &serial, Some(&nonce)));
    let unknown = STANDARD.encode(request(&server, &[3; 16], None));
    for base64 in [
        with_nonce.as_str(),
        &unknown,
        "AAAA",
        "not-base64",
        "%zz",
        "%",
    ] {
        let got = server.get(&format!("{OCSP}/{base64}"));
        assert_eq!(got.status, 200, "{base64}");
        assert_eq!(got.header("cache-control"), "no-store", "{base64}");
        assert_eq!(got.header("etag"), "", "{base64}");
        assert_eq!(got.header("content-type"), "application/ocsp-response");
    }
    assert_eq!(
        server.get(&format!("{OCSP}/AAAA")).body,
        [0x30, 3, 0x0a, 1, 1]
    );
}

#[test]
fn ocsp_refuses_other_types() {
    let server = server();
    let asked = request(&server, &[1], None);
    for content_type in ["text/plain", "application/ocsp-response", ""] {
        let headers = [("Content-Type", content_type)];
        assert_eq!(
            server.send("POST", OCSP, &headers, &asked).status,
            415,
            "{content_type}"
        );
    }
    assert_eq!(server.send("POST", OCSP, &[], &asked).status, 415);
    let spelled = [("Content-Type", "Application/OCSP-Request; v=1")];
    assert_eq!(server.send("POST", OCSP, &spelled, &asked).status, 200);
    assert_eq!(
        server
            .send("POST", &format!("{OCSP}/"), &[OCSP_TYPE], &asked)
            .status,
        200
    );
    assert_eq!(
        server
            .send("POST", "/ocsp/nobody", &[OCSP_TYPE], &asked)
            .status,
        404
    );
}

#[test]
fn request_beyond_the_longest_is_malformed_however_it_comes() {
    let server = server();
    let malformed = |answer: &Answer, how: &str| {
        assert_eq!(answer.status, 200, "{how}");
        assert_eq!(
            answer.header("content-type"),
            "application/ocsp-response",
            "{how}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{how}");
        assert_eq!(answer.body, [0x30, 3, 0x0a, 1, 1], "{how}");
    };
    for length in [16 * 1024, 16 * 1024 + 1, 40_000] {
        let body = vec![0x30; length];
        malformed(&server.send("POST", OCSP, &[OCSP_TYPE], &body), "POST");
        let path = format!("{OCSP}/{}", STANDARD.encode(&body));
        malformed(&server.get(&path), "GET");
    }
    // Without a length the body is counted as it comes.
    let mut stream = server.connect();
    let head = format!(
        "POST {OCSP} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/ocsp-request\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"5000\r\n".as_slice(), &[0; 0x5000], b"\r\n0\r\n\r\n"].concat();
    stream.write_all(&chunk).unwrap();
    malformed(&read(&mut stream), "chunked");
}
