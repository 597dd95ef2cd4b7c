//! What is said to whom.

use der::Encode;
use der::asn1::OctetString;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{
    CertStatus, MAX_REQUEST_BYTES, MAX_REQUESTS, Nonce, OcspRequest, ResponderId,
};
use kasane_verify::revocation::{RevocationReason, Status};
use x509_cert::ext::Extension;

use crate::common::{requester, rsa2048, terminal_order, world};
use crate::scene::{
    RSA, TERMINALS, ask, id, issue, judge, now, request, responder, revoke, statuses, with_basic,
};

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
