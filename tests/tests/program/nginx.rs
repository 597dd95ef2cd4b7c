//! The nginx configuration that is shipped, before the running service.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kasane_tests::nginx::{self, Nginx};
use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, CertStatus, Nonce, OcspRequest, OcspResponse};

use crate::World;

fn start(world: &World, service: &Service, address: SocketAddr) -> Nginx {
    let folder = world.folder.path().join("nginx");
    let cache = folder.join("cache");
    fs::create_dir_all(&cache).unwrap();
    let here = [
        ("127.0.0.1:8080", service.address().to_owned()),
        ("listen 80;", format!("listen {address};")),
        (
            "/var/cache/nginx/kasane",
            cache.to_str().unwrap().to_owned(),
        ),
    ];
    let text = nginx::shipped("kasane-status.conf", &here);
    Nginx::start(&folder, &text, address)
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let line = |line: &&str| {
            line.get(..name.len())
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
                && line[name.len()..].starts_with(": ")
        };
        let found = self.head.split("\r\n").find(line);
        found.map_or("", |line| &line[name.len() + 2..])
    }

    fn status(&self) -> CertStatus {
        let response = OcspResponse::parse(&self.body).unwrap();
        response.basic().unwrap().data.responses[0].cert_status
    }
}

fn send(address: SocketAddr, method: &str, path: &str, fields: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nContent-Length: {}\r\n{fields}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    Answer {
        head: String::from_utf8(answer[..end].to_vec()).unwrap(),
        body: answer[end + 4..].to_vec(),
    }
}

#[test]
fn shipped_nginx_configuration_caches_what_may_be_cached() {
    if Tool::Nginx.or_skip("nginx before the service").is_none() {
        return;
    }
    let world = World::new();
    let service = Service::start(&world);
    let address = free_address();
    let _nginx = start(&world, &service, address);
    let get = |path: &str, fields: &str| send(address, "GET", path, fields, &[]);
    let issued = world.issue(&world.csr(), "behind-nginx");
    let ca = get("/ca/issuing-ecc-terminal.cer", "").body;
    let ca = Certificate::from_der(&ca).unwrap();
    let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
    let request = |nonce: Option<&Nonce>| {
        let digest = DigestAlgorithm::Sha256;
        let id = CertId::new(&AwsLc, digest, ca.subject().der(), ca.spki(), &serial).unwrap();
        OcspRequest::new(vec![id], nonce)
            .unwrap()
            .encode_der()
            .unwrap()
    };
    let plain = request(None);
    let path = |request: &[u8]| format!("/ocsp/{}", STANDARD.encode(request));

    let first = get(&path(&plain), "");
    assert_eq!(first.header("X-Cache-Status"), "MISS", "{}", first.head);
    assert_eq!(first.status(), CertStatus::GOOD);
    let second = get(&path(&plain), "");
    assert_eq!(second.header("X-Cache-Status"), "HIT", "{}", second.head);
    assert_eq!(second.body, first.body);
    for name in ["ETag", "Expires", "Last-Modified", "Cache-Control"] {
        assert!(!first.header(name).is_empty(), "{name}: {}", first.head);
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    let known = format!("If-None-Match: {}\r\n", first.header("ETag"));
    assert!(get(&path(&plain), &known).head.starts_with("HTTP/1.1 304"));

    // A nonce is for one client; a POST is asked anew each time.
    let nonce = Nonce::new(&[5; 32]).unwrap();
    for _ in 0..2 {
        let fresh = get(&path(&request(Some(&nonce))), "");
        assert_eq!(fresh.header("X-Cache-Status"), "MISS", "{}", fresh.head);
        assert_eq!(fresh.status(), CertStatus::GOOD);
    }
    let serial = issued["serial"].as_str().unwrap();
    let _ = world.json(["revoke", serial, "--reason", "superseded"]);
    let post = |address| {
        let fields = "Content-Type: application/ocsp-request\r\n";
        send(address, "POST", "/ocsp", fields, &plain)
    };
    assert!(matches!(post(address).status(), CertStatus::Revoked(_)));
    // What the proxy keeps is kept for its 300 s; the service itself knows better.
    assert_eq!(get(&path(&plain), "").body, first.body);
    let itself = service.address().parse().unwrap();
    let direct = send(itself, "GET", &path(&plain), "", &[]);
    assert!(matches!(direct.status(), CertStatus::Revoked(_)));
}
