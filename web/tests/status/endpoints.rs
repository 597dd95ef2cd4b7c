//! The endpoints, with the simplest client there is.

use kasane_crl::CrlKind;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, CertStatus, Nonce, OcspRequest, OcspResponse};
use kasane_verify::revocation::RevocationReason;
use kasane_web::server::Limits;

use crate::common::{p384, requester, terminal_order};
use crate::server::Server;

pub(crate) const TERMINALS: &str = "issuing-ecc-terminal";
pub(crate) const OCSP: &str = "/ocsp/issuing-ecc-terminal";
pub(crate) const OCSP_TYPE: (&str, &str) = ("Content-Type", "application/ocsp-request");

pub(crate) fn server() -> Server {
    Server::start(Limits::default())
}

pub(crate) fn issue(server: &Server) -> Vec<u8> {
    let order = terminal_order("terminal-ecc", 1, &p384());
    server
        .world
        .authority
        .issue(&requester(), order)
        .unwrap()
        .serial
}

pub(crate) fn request(server: &Server, serial: &[u8], nonce: Option<&Nonce>) -> Vec<u8> {
    request_of(server, TERMINALS, serial, nonce)
}

pub(crate) fn request_of(
    server: &Server,
    issuer: &str,
    serial: &[u8],
    nonce: Option<&Nonce>,
) -> Vec<u8> {
    let issuer = server.world.authority.issuer(issuer).unwrap();
    let digest = DigestAlgorithm::Sha256;
    let (name, spki) = (&issuer.signer.subject_der, &issuer.spki);
    let id = CertId::new(&AwsLc, digest, name, spki, serial).unwrap();
    OcspRequest::new(vec![id], nonce)
        .unwrap()
        .encode_der()
        .unwrap()
}

/// What RFC 6960 §2.2 has a responder say of a serial number that was never used.
pub(crate) fn never_used() -> CertStatus {
    let reason = Some(RevocationReason::CertificateHold);
    CertStatus::revoked("1970-01-01T00:00:00Z".parse().unwrap(), reason)
}

pub(crate) fn status(der: &[u8]) -> CertStatus {
    let response = OcspResponse::parse(der).unwrap();
    response.basic().unwrap().data.responses[0].cert_status
}

#[test]
fn crl_is_served_with_validators_and_a_bounded_age() {
    let server = server();
    let path = "/crl/issuing-rsa/0.crl";
    assert_eq!(server.get(path).status, 404);
    server.publisher.publish("issuing-rsa", 0).unwrap();
    let crl = server
        .publisher
        .current("issuing-rsa", 0, CrlKind::Full)
        .unwrap();
    let answer = server.get(path);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, crl.der);
    assert_eq!(answer.header("content-type"), "application/pkix-crl");
    assert_eq!(answer.header("etag"), format!("\"{}\"", crl.etag));
    assert_eq!(
        answer.header("last-modified"),
        "Fri, 20 Nov 2026 03:00:00 GMT"
    );
    assert_eq!(answer.header("expires"), "Fri, 20 Nov 2026 04:00:00 GMT");
    // Caches have an hour, and the rest of its 96 while nobody here answers.
    assert_eq!(
        answer.header("cache-control"),
        "max-age=3600, public, no-transform, stale-if-error=342000"
    );

    let head = server.send("HEAD", path, &[], &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), crl.der.len().to_string());
    assert_eq!(head.header("etag"), answer.header("etag"));
    let known = server.send(
        "GET",
        path,
        &[("If-None-Match", answer.header("etag"))],
        &[],
    );
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), answer.header("etag"));
    let other = server.send("GET", path, &[("If-None-Match", "\"x\"")], &[]);
    assert_eq!(other.status, 200);

    // Ten minutes before its end it is fresh for ten minutes.
    server.world.clock.set(crl.next_update.plus_seconds(-600));
    assert!(
        server
            .get(path)
            .header("cache-control")
            .starts_with("max-age=600,")
    );

    // As it was signed, whatever the client could unpack.
    let offered = [("Accept-Encoding", "gzip, deflate, br, zstd")];
    let plain = server.send("GET", path, &offered, &[]);
    assert_eq!(plain.body, crl.der);
    assert_eq!(plain.header("content-encoding"), "");

    let delta = server.get("/crl/issuing-rsa/0-delta.crl");
    assert_eq!(
        delta.body,
        server
            .publisher
            .current("issuing-rsa", 0, CrlKind::Delta)
            .unwrap()
            .der
    );
}

#[test]
fn crl_is_served_in_parts() {
    let server = server();
    let path = "/crl/issuing-rsa/0.crl";
    server.publisher.publish("issuing-rsa", 0).unwrap();
    let whole = server.get(path);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let etag = whole.header("etag").to_owned();
    let ask = |range: &str, condition: Option<&str>| {
        let mut headers = vec![("Range", range)];
        headers.extend(condition.map(|condition| ("If-Range", condition)));
        server.send("GET", path, &headers, &[])
    };
    let length = whole.body.len();
    let middle = length / 2;
    let first = ask(&format!("bytes=0-{}", middle - 1), None);
    assert_eq!(first.status, 206);
    let said = format!("bytes 0-{}/{length}", middle - 1);
    assert_eq!(first.header("content-range"), said);
    assert_eq!(first.header("content-type"), "application/pkix-crl");
    assert_eq!(first.header("content-length"), middle.to_string());
    assert_eq!(first.header("etag"), etag);
    let second = ask(&format!("bytes={middle}-"), Some(&etag));
    assert_eq!(second.status, 206);
    assert_eq!([first.body, second.body].concat(), whole.body);
    assert_eq!(ask("bytes=-4", None).body, whole.body[length - 4..]);

    let behind = ask(&format!("bytes={length}-"), None);
    assert_eq!((behind.status, behind.body.len()), (416, 0));
    assert_eq!(behind.header("content-range"), format!("bytes */{length}"));
    // It is said of this question only.
    assert_eq!(behind.header("cache-control"), "no-store");
    assert_eq!(behind.header("expires"), "");
    for (range, condition) in [
        ("bytes=0-1,4-5", None),
        ("bytes=4-1", None),
        ("bytes=0-1", Some("\"another\"")),
    ] {
        let answer = ask(range, condition);
        assert_eq!((answer.status, answer.body), (200, whole.body.clone()));
    }
    // The part of a new list never completes the old one.
    server.publisher.publish("issuing-rsa", 0).unwrap();
    let moved = ask(&format!("bytes={middle}-"), Some(&etag));
    assert_eq!(moved.status, 200);
    assert_ne!(moved.header("etag"), etag);

    let head = server.send("HEAD", path, &[("Range", "bytes=0-1")], &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let etag = moved.header("etag");
    let both = [("Range", "bytes=0-1"), ("If-None-Match", etag)];
    assert_eq!(server.send("GET", path, &both, &[]).status, 304);
}

#[test]
fn only_what_exists_is_found() {
    let server = server();
    server.publisher.publish("root-ecc", 0).unwrap();
    assert_eq!(server.get("/crl/root-ecc/0.crl").status, 200);
    for path in [
        "/",
        "/crl/root-ecc/0-delta.crl",
        "/crl/root-ecc/00.crl",
        "/crl/root-ecc/1.crl",
        "/crl/root-ecc/",
        "/crl/nobody/0.crl",
        "/crl/../crl/root-ecc/0.crl",
        "/ca/nobody.cer",
        "/ca/root-ecc",
        "/ca/..%2fledger.cer",
        "/ca/issuing-rsa%00.cer",
        "/ocsp/nobody/AAAA",
        "/ledger",
        "/ledger/mark",
        "/ledger/journal/000000000000",
        "/ledger/private/000.p/1",
        "/ledger/tile/../journal/000000000000",
        "/ledger/tile/..%2fjournal%2f000000000000",
        "/ledger/tile/0/x001/000",
        "/%ff",
        "/ca/%ff.cer",
        "/crl/%ff/0.crl",
        "/crl/root-ecc/%ff.crl",
        "/ocspx",
        "/ledger/tile/%ff",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    assert_eq!(
        server.send("POST", "/crl/root-ecc/0.crl", &[], &[]).status,
        405
    );
    assert_eq!(server.send("DELETE", OCSP, &[], &[]).status, 405);
}

#[test]
fn certificates_of_cas_and_cross_certificates_are_served() {
    let server = server();
    for issuer in server.world.authority.issuers() {
        let answer = server.get(&format!("/ca/{}.cer", issuer.name()));
        assert_eq!(answer.status, 200, "{}", issuer.name());
        assert_eq!(answer.header("content-type"), "application/pkix-cert");
        assert_eq!(answer.body, issuer.certificate_der);
        assert_eq!(
            answer.header("cache-control"),
            "max-age=3600, public, no-transform, stale-if-error=2592000"
        );
    }
    let root = server.world.authority.issuer("root-ecc").unwrap();
    let cross = server.get("/ca/root-ecc-by-rsa.cer");
    let cross = kasane_verify::certificate::Certificate::from_der(&cross.body).unwrap();
    assert_eq!(cross.spki(), root.spki);
    assert!(!cross.is_self_issued());
}

#[test]
fn ledger_shows_checkpoint_and_tiles() {
    let server = server();
    server.world.authority.checkpoint().unwrap();
    let checkpoint = server.get("/ledger/checkpoint");
    assert_eq!(checkpoint.status, 200);
    let text = String::from_utf8(checkpoint.body).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("kasane.example/ledger"));
    let size: u64 = lines.next().unwrap().parse().unwrap();
    assert!(size > 0 && size < 256, "{size}");
    let tile = server.get(&format!("/ledger/tile/0/000.p/{size}"));
    assert_eq!(
        (tile.status, tile.body.len()),
        (200, usize::try_from(size * 32).unwrap())
    );
    assert!(tile.header("cache-control").contains("immutable"));
    assert_eq!(
        server
            .get(&format!("/ledger/tile/entries/000.p/{size}"))
            .status,
        200
    );
    // A folder is no file.
    assert_eq!(server.get("/ledger/tile/0/000").status, 404);
}
