//! What is said of a CA that was taken over: it issued certificates that nobody here has seen.

use kasane_ocsp::Responder;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{CertStatus, OcspIssuer, OcspResponse, OcspRules, archive_cutoff, check};
use kasane_verify::path::AcceptAll;
use kasane_verify::revocation::{Freshness, Status};

use crate::common::imported::{self, IssuingKey};
use crate::common::{self, World, now as begin};
use crate::scene::{
    TERMINALS, ask, id, issue, issuer, judge, never_used, now, request, responder, revoke,
    statuses, with_basic,
};

fn taken_over() -> (World, Responder) {
    let world = imported::world(IssuingKey::Before, 0);
    let responder = responder(&world);
    let rolled = responder.ensure_signers(now(&world));
    assert_eq!(rolled.rolled.len(), 1, "{:?}", rolled.failed);
    (world, responder)
}

#[test]
fn certificate_that_an_imported_ca_issued_before_is_unknown_and_never_revoked() {
    let (world, responder) = taken_over();
    let (serial, der) = imported::certificate_of_before(&world);
    for digest in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256] {
        let asked = request(vec![id(&world, TERMINALS, &serial, digest)], None);
        let response = responder.respond(Some(TERMINALS), &asked, now(&world));
        assert_eq!(statuses(&response), [CertStatus::UNKNOWN]);
        assert_eq!(response.cacheable, None, "nobody may keep it");
        assert!(responder.prepared(None, &asked, now(&world)).is_none());
        with_basic(&response, |basic| {
            // RFC 6960 §4.4.8 belongs to `revoked` only.
            assert_eq!(basic.data.response_extensions, None);
            assert_eq!(basic.data.responses[0].single_extensions, None);
        });
        // It is of this CA, as everybody who verifies it sees, and its status is not known here.
        let ca = issuer(&world, TERMINALS);
        let crypto = world.authority.crypto();
        let key = crypto.public_key(&ca.spki).unwrap();
        let ca = Certificate::from_der(&ca.certificate_der).unwrap();
        let certificate = Certificate::from_der(&der).unwrap();
        let algorithm = certificate.signature_algorithm().unwrap();
        crypto
            .verify(
                algorithm,
                ca.spki(),
                certificate.tbs(),
                certificate.signature(),
            )
            .unwrap();
        let rules = OcspRules {
            at: now(&world),
            freshness: Freshness::Required,
            max_age_seconds: 7 * 86_400,
            nonce: None,
            policy: &AcceptAll,
        };
        let by = OcspIssuer::from_certificate(&ca, &*key);
        let parsed = OcspResponse::parse(&response.der).unwrap();
        let answer = check(crypto, &parsed, &certificate, &by, &rules).unwrap();
        assert_eq!(answer.status, Status::Unknown);
    }
}

#[test]
fn what_an_imported_ca_issues_here_is_good_or_revoked_and_known_since_the_import() {
    let (world, responder) = taken_over();
    let issued = issue(&world);
    let cutoff = || Some(vec![archive_cutoff(begin()).unwrap()]);
    assert!(issuer(&world, TERMINALS).signer.not_before.unwrap() < begin());
    let good = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(judge(&world, &issued, &good, None).status, Status::Good);
    revoke(&world, TERMINALS, &issued.serial, None);
    let revoked = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(statuses(&revoked), [CertStatus::revoked(now(&world), None)]);
    for response in [good, revoked] {
        with_basic(&response, |basic| {
            assert_eq!(basic.data.responses[0].single_extensions, cutoff());
        });
    }
    // Beside one of before the extension for what was never issued has no place.
    let (before, _) = imported::certificate_of_before(&world);
    let ids = [&before, &issued.serial]
        .map(|serial| id(&world, TERMINALS, serial, DigestAlgorithm::Sha256));
    let response = responder.respond(None, &request(ids.to_vec(), None), now(&world));
    assert_eq!(
        statuses(&response),
        [CertStatus::UNKNOWN, CertStatus::revoked(now(&world), None)]
    );
    with_basic(&response, |basic| {
        assert_eq!(basic.data.response_extensions, None);
    });
}

/// A CA of a root elsewhere, whose own key has signed nothing but what stands in the ledger.
#[test]
fn ca_whose_key_was_made_here_used_no_other_serial_number_whoever_certified_it() {
    let world = imported::world(IssuingKey::Here, 0);
    let responder = responder(&world);
    responder.ensure_signers(now(&world));
    let response = ask(&world, &responder, TERMINALS, &[0x11; 16]);
    assert_eq!(statuses(&response), [never_used()]);
    let issued = issue(&world);
    let begin = issuer(&world, TERMINALS).signer.not_before.unwrap();
    with_basic(
        &ask(&world, &responder, TERMINALS, &issued.serial),
        |basic| {
            let cutoff = Some(vec![archive_cutoff(begin).unwrap()]);
            assert_eq!(basic.data.responses[0].single_extensions, cutoff);
        },
    );
}

#[test]
fn that_a_ca_was_imported_is_known_after_a_restart_and_a_rebuild() {
    let imported_at = |world: &World| issuer(world, TERMINALS).imported_at;
    let (world, _) = taken_over();
    assert_eq!(imported_at(&world), Some(begin()));
    let world = world.restart();
    assert_eq!(imported_at(&world), Some(begin()));
    let world = world.stopped().without_store().start();
    assert_eq!(imported_at(&world), Some(begin()));
    let here = imported::world(IssuingKey::Here, 0);
    assert_eq!(imported_at(&here), None);
    let own = common::world().authority.issuers();
    assert!(own.iter().all(|it| it.imported_at.is_none()));
}
