//! Garbage, too much, too slowly, and many at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use kasane_tests::chain::Chain;
use kasane_tests::verify_service::{Service, curl_or_skip};
use serde_json::{Value, json};

use super::{PATIENCE, question};

#[test]
fn garbage_is_answered_with_problem_documents() {
    if !curl_or_skip("verify-service, garbage") {
        return;
    }
    let chain = Chain::new();
    let anchors = chain.file("anchors.pem");
    let service = Service::start(&["--anchors", &anchors, "--listen", "127.0.0.1:0"]);
    let good = question(&chain, "good.pem");
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed
    };
    let without_chain = json!({ "purpose": "client" });
    for (asked, status, code) in [
        (json!([]), 400, "request.malformed"),
        (without_chain.clone(), 400, "request.malformed"),
        (json!({ "chain_pem": "x" }), 400, "request.malformed"),
        (with("chain", json!(["AA=="])), 400, "request.malformed"),
        (with("unknown", json!(1)), 400, "request.malformed"),
        (with("purpose", json!("cook")), 400, "request.malformed"),
        (with("at", json!("yesterday")), 400, "request.malformed"),
        (with("crls", json!(["!"])), 400, "request.malformed"),
        (
            with("names", json!([{ "ip": "1.2" }])),
            400,
            "request.malformed",
        ),
        (with("chain_pem", json!("no PEM")), 422, "pem.none"),
        (
            with("chain_pem", json!("-----BEGIN X")),
            422,
            "pem.unfinished",
        ),
        (with("crls", json!(["AAAA"])), 422, "crl."),
        (with("ocsp", json!(["AAAA"])), 422, "ocsp."),
    ] {
        let (found, problem) = service.post("/v1/verify", &asked);
        assert_eq!(found, status, "{problem}");
        assert_eq!(problem["status"], status);
        let stable = problem["code"].as_str().unwrap();
        assert!(stable.starts_with(code), "{code}: {problem}");
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let json_type = ["-H", "Content-Type: application/json"];
    for (path, arguments, status, code) in [
        (
            "/v1/verify",
            vec!["--data-binary", "{"],
            415,
            "request.media_type",
        ),
        (
            "/v1/verify",
            vec![json_type[0], json_type[1], "--data-binary", "{"],
            400,
            "request.malformed",
        ),
        ("/v1/verify", vec![], 405, "request.method"),
        ("/v2/verify", vec![], 404, "request.path"),
        (
            "/v1/health",
            vec!["-H", "Host: evil.example"],
            421,
            "request.host",
        ),
    ] {
        let (found, body) = service.curl(path, &arguments);
        assert_eq!(found, status, "{body}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["code"], code);
    }
    // Octets that are no HTTP at all.
    let mut stream = TcpStream::connect(&service.place).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&[0xff; 512]).unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 400"));
    assert_eq!(service.health()["status"], "ok");
}

#[test]
fn oversized_bodies_are_refused() {
    if !curl_or_skip("verify-service, oversized") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &[]);
    let mut asked = question(&chain, "good.pem");
    asked["crls"] = json!(["A".repeat(9 * 1024 * 1024)]);
    let (status, problem) = service.post("/v1/verify", &asked);
    assert_eq!(
        (status, &problem["code"]),
        (413, &json!("request.too_large"))
    );
    // The same without telling the length first.
    let file = chain.write("large.json", asked.to_string().as_bytes());
    let (status, body) = service.curl(
        "/v1/verify",
        &[
            "-H",
            "Content-Type: application/json",
            "-H",
            "Transfer-Encoding: chunked",
            "--data-binary",
            &format!("@{file}"),
        ],
    );
    assert!(
        status == 413 && body.contains("request.too_large"),
        "{body}"
    );
}

#[test]
fn body_that_trickles_in_is_cut_off() {
    let chain = Chain::new();
    let service = Service::over(&chain, &[]);
    let mut stream = UnixStream::connect(&service.place).unwrap();
    stream.set_read_timeout(Some(2 * PATIENCE)).unwrap();
    let head = "POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 1000\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let mut said = [0; 12];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 408");
}

#[test]
fn many_ask_at_once() {
    if !curl_or_skip("verify-service, concurrent") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &["--crl", &chain.file("crls.pem")]);
    std::thread::scope(|scope| {
        let (service, chain) = (&service, &chain);
        let asking: Vec<_> = (0..24)
            .map(|number| {
                scope.spawn(move || {
                    let (file, verdict) =
                        [("good.pem", "verified"), ("revoked.pem", "refused")][number % 2];
                    for _ in 0..4 {
                        let answer = service.verify(&question(chain, file));
                        assert_eq!(answer["verdict"], verdict);
                    }
                })
            })
            .collect();
        for asked in asking {
            asked.join().unwrap();
        }
    });
}
