//! The nginx configuration that is shipped, before the running service.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kasane_tests::nginx::{self, Nginx};
use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, CertStatus, Nonce, OcspRequest, OcspResponse};

use crate::World;

/// The shipped configuration for status before `service`, at `address`; `changes` are made to it besides
/// those of addresses and folders.
pub(crate) fn configuration(
    folder: &Path,
    service: &Service,
    address: SocketAddr,
    changes: &[(&str, String)],
) -> String {
    let cache = |name: &str| {
        let path = folder.join(name);
        fs::create_dir_all(&path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let here = [
        (
            "server 127.0.0.1:8080;",
            format!("server {};", service.address()),
        ),
        (
            "server 127.0.0.1:8080 fail_timeout=10s;",
            format!("server {};", service.address()),
        ),
        ("server 127.0.0.1:8079;", "server INNER;".to_owned()),
        ("listen 127.0.0.1:8079;", "listen INNER;".to_owned()),
        ("    listen 80;\n", format!("    listen {address};\n")),
        ("    listen [::]:80;\n", String::new()),
        ("/var/cache/nginx/kasane-ocsp", cache("ocsp")),
        ("/var/cache/nginx/kasane-lists", cache("lists")),
    ];
    let all = [&here[..], changes].concat();
    nginx::shipped("kasane-status.conf", &all).replace("INNER", &free_address().to_string())
}

pub(crate) fn start(world: &World, service: &Service, address: SocketAddr) -> Nginx {
    let folder = world.folder.path().join("nginx");
    let text = configuration(&folder, service, address, &[]);
    Nginx::start(&folder, &text, address)
}

pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = |line: &&str| {
            line.get(..name.len())
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
                && line[name.len()..].starts_with(": ")
        };
        let found = self.head.split("\r\n").find(line);
        found.map_or("", |line| &line[name.len() + 2..])
    }

    pub(crate) fn status(&self) -> CertStatus {
        let response = OcspResponse::parse(&self.body).unwrap();
        response.basic().unwrap().data.responses[0].cert_status
    }

    /// Whether it says nothing but `code` (RFC 6960 §4.2.1), as an OCSP client wants to hear it.
    pub(crate) fn is_without_answer(&self, code: u8) -> bool {
        let is_it = self.body == [0x30, 3, 0x0a, 1, code];
        if is_it {
            assert!(self.head.starts_with("HTTP/1.1 200"), "{}", self.head);
            let kind = self.header("Content-Type");
            assert_eq!(kind, "application/ocsp-response", "{}", self.head);
            assert_eq!(self.header("Cache-Control"), "no-store", "{}", self.head);
        }
        is_it
    }
}

pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    fields: &str,
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: s\r\nConnection: close\r\nContent-Length: {}\r\n{fields}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // It may be refused before all of it is read.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    Answer {
        head: String::from_utf8(answer[..end].to_vec()).unwrap(),
        body: answer[end + 4..].to_vec(),
    }
}

/// The fields of a POST of an OCSP request.
pub(crate) const OCSP_TYPE: &str = "Content-Type: application/ocsp-request\r\n";

/// Questions about certificates of one CA.
pub(crate) struct Asking(Vec<u8>);

impl Asking {
    /// The CA's certificate as it is served at `address`.
    pub(crate) fn of(address: SocketAddr, issuer: &str) -> Self {
        Self(send(address, "GET", &format!("/ca/{issuer}.cer"), "", &[]).body)
    }

    pub(crate) fn about(&self, serial: &[u8], nonce: Option<&Nonce>) -> Vec<u8> {
        let ca = Certificate::from_der(&self.0).unwrap();
        let digest = DigestAlgorithm::Sha256;
        let id = CertId::new(&AwsLc, digest, ca.subject().der(), ca.spki(), serial).unwrap();
        OcspRequest::new(vec![id], nonce)
            .unwrap()
            .encode_der()
            .unwrap()
    }
}

/// Where a GET asks `request`.
pub(crate) fn path(request: &[u8]) -> String {
    format!("/ocsp/{}", STANDARD.encode(request))
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
    let asking = Asking::of(address, "issuing-ecc-terminal");
    let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
    let request = |nonce: Option<&Nonce>| asking.about(&serial, nonce);
    let plain = request(None);

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
    let post = |address| send(address, "POST", "/ocsp", OCSP_TYPE, &plain);
    assert!(matches!(post(address).status(), CertStatus::Revoked(_)));
    // What the proxy keeps is kept for its 300 s; the service itself knows better.
    assert_eq!(get(&path(&plain), "").body, first.body);
    let itself = service.address().parse().unwrap();
    let direct = send(itself, "GET", &path(&plain), "", &[]);
    assert!(matches!(direct.status(), CertStatus::Revoked(_)));
}
