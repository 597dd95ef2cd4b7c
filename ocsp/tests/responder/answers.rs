//! What is said to whom.

use der::Encode;
use der::asn1::OctetString;
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{
    CertStatus, MAX_REQUEST_BYTES, MAX_REQUESTS, Nonce, OcspRequest, ResponderId, archive_cutoff,
    extended_revoke,
};
use kasane_verify::revocation::{RevocationReason, Status};
use x509_cert::ext::Extension;

use crate::common::{requester, rsa2048, terminal_order, world};
use crate::scene::{
    RSA, TERMINALS, ask, forward_to, id, issue, issuer, judge, never_used, now, request, responder,
    revoke, statuses, with_basic,
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
    assert_ne!(before.validators, after.validators);
}

#[test]
fn serial_never_used_is_extended_revoked_and_kept_by_nobody() {
    let world = world();
    let responder = responder(&world);
    for serial in [&[0x11_u8; 16][..], &[1], &[0, 0x80]] {
        let response = ask(&world, &responder, TERMINALS, serial);
        assert_eq!(statuses(&response), [never_used()], "{serial:?}");
        assert_eq!(response.cacheable, None);
        let id = id(&world, TERMINALS, serial, DigestAlgorithm::Sha1);
        let asked = request(vec![id], None);
        assert!(
            responder
                .prepared(Some(TERMINALS), &asked, now(&world))
                .is_none()
        );
        with_basic(&response, |basic| {
            // RFC 6960 §4.4.8: NULL, not critical, in the response and not in the single one.
            let extensions = basic.data.response_extensions.clone().unwrap();
            assert_eq!(extensions, [extended_revoke().unwrap()]);
            assert_eq!(basic.data.responses[0].single_extensions, None);
        });
    }
}

#[test]
fn archive_cutoff_is_the_beginning_of_the_issuer() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let begin = issuer(&world, TERMINALS).signer.not_before.unwrap();
    let cutoff = || Some(vec![archive_cutoff(begin).unwrap()]);
    let check = |expected: CertStatus| {
        let response = ask(&world, &responder, TERMINALS, &issued.serial);
        assert_eq!(statuses(&response), [expected]);
        with_basic(&response, |basic| {
            assert_eq!(basic.data.responses[0].single_extensions, cutoff());
            assert_eq!(basic.data.response_extensions, None);
        });
    };
    check(CertStatus::GOOD);
    revoke(&world, TERMINALS, &issued.serial, None);
    let revoked = CertStatus::revoked(now(&world), None);
    check(revoked);
    // Years after the certificate expired its revocation is still told.
    let end = Certificate::from_der(&issued.der).unwrap().not_after();
    forward_to(&world, end.plus_days(365));
    responder.ensure_signers(now(&world));
    check(revoked);
}

#[test]
fn one_address_answers_for_both_hierarchies() {
    let world = world();
    let responder = responder(&world);
    let rsa = world
        .authority
        .issue(&requester(), terminal_order("terminal-rsa", 2, rsa2048()))
        .unwrap();
    for issued in [issue(&world), rsa] {
        let id = id(
            &world,
            &issued.issuer,
            &issued.serial,
            DigestAlgorithm::Sha256,
        );
        let asked = request(vec![id], None);
        assert!(responder.prepared(None, &asked, now(&world)).is_none());
        let response = responder.respond(None, &asked, now(&world));
        let answer = judge(&world, &issued, &response, None);
        assert_eq!(answer.status, Status::Good);
        // What one address made, the other has as well; a wrong one has not.
        let at = |address| responder.prepared(address, &asked, now(&world));
        assert_eq!(at(None).unwrap().der, response.der);
        assert_eq!(at(Some(&issued.issuer)).unwrap().der, response.der);
        assert!(at(Some("issuing-ecc-server")).is_none());
    }
}

#[test]
fn prepared_response_ends_with_the_revocation_of_its_certificate() {
    let world = world();
    let responder = responder(&world);
    let (mine, other) = (issue(&world), issue(&world));
    let asked = |serial: &[u8]| {
        let id = id(&world, TERMINALS, serial, DigestAlgorithm::Sha1);
        request(vec![id], None)
    };
    let prepared = |serial: &[u8]| responder.prepared(Some(TERMINALS), &asked(serial), now(&world));
    for issued in [&mine, &other] {
        ask(&world, &responder, TERMINALS, &issued.serial);
        assert!(prepared(&issued.serial).is_some());
    }
    revoke(&world, TERMINALS, &mine.serial, None);
    assert!(prepared(&mine.serial).is_none());
    let same_group = mine.serial.last() == other.serial.last();
    assert_eq!(prepared(&other.serial).is_none(), same_group);
    let revoked = ask(&world, &responder, TERMINALS, &mine.serial);
    assert_eq!(
        statuses(&prepared(&mine.serial).unwrap()),
        statuses(&revoked)
    );
    // Looked up again, the other one stands as it was: nothing was signed for it.
    let before = ask(&world, &responder, TERMINALS, &other.serial);
    assert_eq!(prepared(&other.serial).unwrap().der, before.der);
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
        [CertStatus::GOOD, revoked, never_used()]
    );
    assert_eq!(response.cacheable, None);
    with_basic(&response, |basic| {
        let extensions = basic.data.response_extensions.clone().unwrap();
        assert_eq!(extensions, [extended_revoke().unwrap()]);
    });
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
