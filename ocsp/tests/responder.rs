//! Answers from a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../ca-core/tests/common/mod.rs"]
mod common;

use std::sync::Arc;

use common::{World, p384, requester, rsa2048, terminal_order, world};
use der::Encode;
use der::asn1::OctetString;
use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::pipeline::Issued;
use kasane_ocsp::{OcspResponseStatus, Responder, Response};
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, MAX_REQUEST_BYTES, MAX_REQUESTS, Nonce, OcspAnswer,
    OcspIssuer, OcspRequest, OcspResponse, OcspRules, ResponderId, check,
};
use kasane_verify::path::AcceptAll;
use kasane_verify::revocation::RevocationReason;
use kasane_verify::revocation::{Freshness, RevocationReason, Status};
use x509_cert::ext::Extension;

const TERMINALS: &str = "issuing-ecc-terminal";
const RSA: &str = "issuing-rsa";

fn responder(world: &World) -> Responder {
    Responder::new(Arc::clone(&world.authority))
}

fn now(world: &World) -> UnixTime {
    world.authority.now()
}

fn forward_to(world: &World, at: UnixTime) {
    world.clock.set(at);
}

fn issuer(world: &World, name: &str) -> Arc<Issuer> {
    world.authority.issuer(name).unwrap()
}

fn issue(world: &World) -> Issued {
    world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap()
}

fn revoke(world: &World, issuer: &str, serial: &[u8], reason: Option<RevocationReason>) {
    let order = RevocationOrder {
        issuer,
        serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
}

fn id(world: &World, name: &str, serial: &[u8], digest: DigestAlgorithm) -> CertId {
    let issuer = issuer(world, name);
    let (subject, spki) = (&issuer.signer.subject_der, &issuer.spki);
    CertId::new(world.authority.crypto(), digest, subject, spki, serial).unwrap()
}

fn request(ids: Vec<CertId>, nonce: Option<&Nonce>) -> Vec<u8> {
    OcspRequest::new(ids, nonce).unwrap().encode_der().unwrap()
}

/// Asks the issuer's address about one serial number.
fn ask(world: &World, responder: &Responder, name: &str, serial: &[u8]) -> Response {
    let id = id(world, name, serial, DigestAlgorithm::Sha1);
    responder.respond(Some(name), &request(vec![id], None), now(world))
}

/// What the project's own verifier makes of a response.
fn judge(world: &World, issued: &Issued, response: &Response, nonce: Option<&Nonce>) -> OcspAnswer {
    let issuer = issuer(world, &issued.issuer);
    let crypto = world.authority.crypto();
    let key = crypto.public_key(&issuer.spki).unwrap();
    let ca = Certificate::from_der(&issuer.certificate_der).unwrap();
    let rules = OcspRules {
        at: now(world),
        freshness: Freshness::Required,
        max_age_seconds: 0,
        nonce,
        policy: &AcceptAll,
    };
    let certificate = Certificate::from_der(&issued.der).unwrap();
    let by = OcspIssuer::from_certificate(&ca, &*key);
    let parsed = OcspResponse::parse(&response.der).unwrap();
    check(crypto, &parsed, &certificate, &by, &rules).unwrap()
}

fn with_basic<T>(response: &Response, look: impl FnOnce(&BasicOcspResponse<'_>) -> T) -> T {
    assert_eq!(response.status, OcspResponseStatus::Successful);
    let parsed = OcspResponse::parse(&response.der).unwrap();
    look(&parsed.basic().unwrap())
}

fn statuses(response: &Response) -> Vec<CertStatus> {
    with_basic(response, |basic| {
        basic
            .data
            .responses
            .iter()
            .map(|it| it.cert_status)
            .collect()
    })
}

#[test]
fn good_is_said_to_every_digest_and_believed() {
    let world = world();
    let responder = responder(&world);
    let rsa = world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 2, rsa2048()))
        .unwrap();
    for issued in [issue(&world), rsa] {
        for digest in DigestAlgorithm::ALL {
            let id = id(&world, &issued.issuer, &issued.serial, digest);
            let asked = request(vec![id.clone()], None);
            let response = responder.respond(Some(&issued.issuer), &asked, now(&world));
            let answer = judge(&world, &issued, &response, None);
            assert_eq!(answer.status, Status::Good, "{digest:?}");
            assert_eq!(answer.this_update, now(&world));
            assert_eq!(answer.next_update, Some(now(&world).plus_days(2)));
            let times = response.cacheable.unwrap();
            assert_eq!(Some(times.next_update), answer.next_update);
            assert_eq!(times.produced_at, answer.produced_at);
            with_basic(&response, |basic| {
                // Byte for byte, absent parameters included.
                assert_eq!(basic.data.responses[0].cert_id, id);
                assert!(matches!(basic.data.responder_id, ResponderId::ByKey(_)));
                assert_eq!(basic.certificates.len(), 1);
            });
        }
    }
}

#[test]
fn revocation_is_visible_at_once() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let before = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(statuses(&before), [CertStatus::GOOD]);
    revoke(
        &world,
        TERMINALS,
        &issued.serial,
        Some(RevocationReason::CessationOfOperation),
    );
    let after = ask(&world, &responder, TERMINALS, &issued.serial);
    let reason = Some(RevocationReason::CessationOfOperation);
    let answer = judge(&world, &issued, &after, None);
    assert_eq!(
        answer.status,
        Status::Revoked {
            date: now(&world),
            reason
        }
    );
    assert_ne!(before.etag, after.etag);
}

#[test]
fn serial_never_used_is_unknown_and_kept_by_nobody() {
    let world = world();
    let responder = responder(&world);
    for serial in [&[0x11_u8; 16][..], &[1], &[0, 0x80]] {
        let response = ask(&world, &responder, TERMINALS, serial);
        assert_eq!(statuses(&response), [CertStatus::UNKNOWN], "{serial:?}");
        assert_eq!(response.cacheable, None);
    }
}

#[test]
fn another_issuers_certificate_is_unauthorized() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let mine = || id(&world, TERMINALS, &issued.serial, DigestAlgorithm::Sha256);
    let other = || id(&world, RSA, &issued.serial, DigestAlgorithm::Sha256);
    let root = id(&world, "root-ecc", &[1], DigestAlgorithm::Sha1);
    let mut stranger = mine();
    stranger.issuer_key_hash = OctetString::new([0; 32]).unwrap();
    let cases = [
        (Some(RSA), vec![mine()]),
        (Some(TERMINALS), vec![other()]),
        // One signer speaks for one issuer.
        (None, vec![mine(), other()]),
        (None, vec![stranger]),
        // CA certificates have CRLs only.
        (None, vec![root.clone()]),
        (Some("root-ecc"), vec![root]),
        (Some("nobody"), vec![mine()]),
    ];
    for (address, ids) in cases {
        let response = responder.respond(address, &request(ids, None), now(&world));
        assert_eq!(
            response.status,
            OcspResponseStatus::Unauthorized,
            "{address:?}"
        );
        assert_eq!(&*response.der, [0x30, 3, 0x0a, 1, 6]);
        assert_eq!(response.cacheable, None);
    }
    let response = responder.respond(None, &request(vec![mine()], None), now(&world));
    assert_eq!(statuses(&response), [CertStatus::GOOD]);
}

#[test]
fn several_certificates_are_answered_in_order() {
    let world = world();
    let responder = responder(&world);
    let (good, revoked) = (issue(&world), issue(&world));
    revoke(&world, TERMINALS, &revoked.serial, None);
    let serials = [&good.serial[..], &revoked.serial, &[5]];
    let ids = serials
        .map(|serial| id(&world, TERMINALS, serial, DigestAlgorithm::Sha1))
        .to_vec();
    let response = responder.respond(Some(TERMINALS), &request(ids, None), now(&world));
    let revoked = CertStatus::revoked(now(&world), None);
    assert_eq!(
        statuses(&response),
        [CertStatus::GOOD, revoked, CertStatus::UNKNOWN]
    );
}

#[test]
fn nonce_comes_back_and_is_bounded() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let id = id(&world, TERMINALS, &issued.serial, DigestAlgorithm::Sha1);
    for octets in [&[7_u8][..], &[7; 32], &[7; 128]] {
        let nonce = Nonce::new(octets).unwrap();
        let asked = request(vec![id.clone()], Some(&nonce));
        let response = responder.respond(Some(TERMINALS), &asked, now(&world));
        let answer = judge(&world, &issued, &response, Some(&nonce));
        assert_eq!(answer.status, Status::Good);
        assert_eq!(response.cacheable, None);
    }
    // RFC 9654 §2.1: SIZE(1..128); anything else is a malformed request.
    for octets in [&[][..], &[7; 129]] {
        let mut asked = OcspRequest::new(vec![id.clone()], None).unwrap();
        let inner = OctetString::new(octets).unwrap().to_der().unwrap();
        asked.tbs_request.request_extensions = Some(vec![Extension {
            extn_id: Nonce::OID,
            critical: false,
            extn_value: OctetString::new(inner).unwrap(),
        }]);
        let asked = asked.encode_der().unwrap();
        let response = responder.respond(Some(TERMINALS), &asked, now(&world));
        assert_eq!(
            response.status,
            OcspResponseStatus::MalformedRequest,
            "{}",
            octets.len()
        );
    }
}

#[test]
fn what_is_no_request_is_malformed() {
    let world = world();
    let responder = responder(&world);
    let id = || id(&world, TERMINALS, &[1], DigestAlgorithm::Sha1);
    let good = request(vec![id()], None);
    let mut trailing = good.clone();
    trailing.push(0);
    let mut padded = good.clone();
    padded.resize(MAX_REQUEST_BYTES + 1, 0);
    let mut critical = OcspRequest::new(vec![id()], None).unwrap();
    critical.tbs_request.request_extensions = Some(vec![Extension {
        extn_id: "1.2.3".parse().unwrap(),
        critical: true,
        extn_value: OctetString::new([5, 0]).unwrap(),
    }]);
    let cases = [
        Vec::new(),
        b"GET / HTTP/1.0".to_vec(),
        vec![0x30; 40],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        good[..good.len() - 1].to_vec(),
        trailing,
        padded,
        request(Vec::new(), None),
        request(vec![id(); MAX_REQUESTS + 1], None),
        critical.encode_der().unwrap(),
    ];
    for (number, case) in cases.iter().enumerate() {
        let response = responder.respond(Some(TERMINALS), case, now(&world));
        assert_eq!(
            response.status,
            OcspResponseStatus::MalformedRequest,
            "case {number}"
        );
        assert_eq!(&*response.der, [0x30, 3, 0x0a, 1, 1]);
    }
    // Every octet changed: an answer or a refusal, never a panic.
    for position in 0..good.len() {
        let mut changed = good.clone();
        changed[position] ^= 0x55;
        responder.respond(Some(TERMINALS), &changed, now(&world));
    }
}

#[test]
fn response_is_signed_once_and_anew_after_a_quarter_of_its_window() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let first = ask(&world, &responder, TERMINALS, &issued.serial);
    let start = now(&world);
    forward_to(&world, start.plus_seconds(12 * 3_600 - 1));
    let kept = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(first.der, kept.der);
    forward_to(&world, start.plus_seconds(12 * 3_600));
    let renewed = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_ne!(first.der, renewed.der);
    assert_eq!(renewed.cacheable.unwrap().produced_at, now(&world));
    // Back again: an answer of the future would be believed by nobody.
    forward_to(&world, start);
    let back = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(back.cacheable.unwrap().produced_at, start);
}

#[test]
fn signers_are_replaced_in_time_and_the_new_one_waits_an_hour() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let signer_of = |response: &Response| {
        with_basic(response, |basic| {
            let signer = Certificate::from_der(basic.certificates[0]).unwrap();
            signer.serial().to_vec()
        })
    };
    let start = now(&world);
    let old = signer_of(&ask(&world, &responder, TERMINALS, &issued.serial));
    forward_to(&world, start.plus_seconds(30 * 86_400 - 1));
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
    forward_to(&world, start.plus_days(30));
    let roll_over = responder.ensure_signers(now(&world));
    assert!(roll_over.failed.is_empty(), "{:?}", roll_over.failed);
    let labels: Vec<_> = roll_over
        .rolled
        .iter()
        .map(|it| it.key_label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "ocsp-issuing-ecc-operator-2",
            "ocsp-issuing-ecc-server-2",
            "ocsp-issuing-ecc-terminal-2",
            "ocsp-issuing-rsa-2",
        ]
    );
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
    let key = kasane_ca_core::projection::key::find(world.authority.tables(), labels[2]).unwrap();
    assert_eq!(key.unwrap().role, "ocsp-responder");

    assert_eq!(
        signer_of(&ask(&world, &responder, TERMINALS, &issued.serial)),
        old
    );
    // The old response is refreshed by then as well.
    forward_to(&world, start.plus_days(31));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_ne!(signer_of(&response), old);
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
}

#[test]
fn nothing_is_said_for_a_time_after_the_signer() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let end = world
        .authority
        .ocsp_signers(TERMINALS)
        .unwrap()
        .pop()
        .unwrap()
        .not_after;
    forward_to(&world, end.plus_seconds(-3_600));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(response.cacheable.unwrap().next_update, end);
    judge(&world, &issued, &response, None);
    forward_to(&world, end.plus_seconds(1));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(response.status, OcspResponseStatus::TryLater);
    assert_eq!(responder.ensure_signers(now(&world)).rolled.len(), 4);
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
}

#[test]
fn revoked_signer_answers_no_more_and_is_replaced() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    ask(&world, &responder, TERMINALS, &issued.serial);
    let signer = world
        .authority
        .ocsp_signers(TERMINALS)
        .unwrap()
        .pop()
        .unwrap();
    revoke(
        &world,
        TERMINALS,
        &signer.serial,
        Some(RevocationReason::KeyCompromise),
    );
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(response.status, OcspResponseStatus::TryLater);
    let rolled = responder.ensure_signers(now(&world)).rolled;
    assert_eq!(rolled.len(), 1);
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    with_basic(&response, |basic| {
        let by = Certificate::from_der(basic.certificates[0]).unwrap();
        assert_eq!(by.serial(), rolled[0].serial);
    });
}
