//! What checks answers under load finds each kind of wrong answer.

use std::time::{Duration, Instant};

use kasane_tests::sample::SampleCertificate;
use kasane_tests::status_load::{Exchange, Said, Watched};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, Nonce, OcspRequest};
use kasane_verify::revocation::RevocationReason;

use crate::sample;
use crate::status::REVOKED;

const GOOD: &str = "terminal-ecc.facility-1312345679-1";

fn watched(certificate: &SampleCertificate) -> Watched {
    let issuer = sample().certificate(&certificate.issuer);
    let serial = certificate.serial.clone();
    Watched::new(&certificate.issuer, serial, &certificate.der, &issuer.der)
}

/// What the authority says of it, signed for this question.
fn answer(certificate: &SampleCertificate, nonce: &Nonce) -> Vec<u8> {
    let sample = sample();
    let issuer = &sample.certificate(&certificate.issuer).der;
    let issuer = Certificate::from_der(issuer).unwrap();
    let (name, digest) = (issuer.subject().der(), DigestAlgorithm::Sha256);
    let id = CertId::new(&AwsLc, digest, name, issuer.spki(), &certificate.serial).unwrap();
    let request = OcspRequest::new(vec![id], Some(nonce)).unwrap();
    let request = request.encode_der().unwrap();
    let now = sample.authority.now();
    sample.responder.respond(None, &request, now).der.to_vec()
}

#[test]
fn wrong_answers_are_found_by_what_is_wrong_with_them() {
    let certificate = sample().certificate(GOOD);
    let nonce = Nonce::new(&[7; 16]).unwrap();
    let response = answer(certificate, &nonce);
    let sent = Instant::now();
    let right = Exchange {
        sent,
        received: sent + Duration::from_millis(10),
        now: sample().authority.now(),
        nonce: Some(&nonce),
        response: &response,
    };
    let untouched = || watched(certificate);
    let judge = |exchange: &Exchange<'_>| exchange.judge(&untouched(), Duration::ZERO);
    assert_eq!(judge(&right), Ok(Said::Good));

    let at = |now| Exchange { now, ..right };
    assert!(judge(&at(right.now.plus_seconds(-10))).is_err());
    // What others forgive for five minutes is stale here at once.
    let stale = judge(&at(right.now.plus_seconds(48 * 3_600))).unwrap_err();
    assert!(stale.starts_with("stale"), "{stale}");
    let other = Nonce::new(&[8; 16]).unwrap();
    let replayed = Exchange {
        nonce: Some(&other),
        ..right
    };
    assert!(judge(&replayed).is_err());
    let mut damaged = response.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let forged = Exchange {
        response: &damaged,
        ..right
    };
    assert!(judge(&forged).is_err());
    let of_another = answer(sample().certificate("operator.operator-hanako-1"), &nonce);
    let mistaken = Exchange {
        response: &of_another,
        ..right
    };
    assert!(judge(&mistaken).is_err());

    // Acknowledged a second before the question: too late for "good", unless the endpoint has two.
    let acknowledged = untouched();
    acknowledged
        .asked
        .set(sent - Duration::from_secs(2))
        .unwrap();
    acknowledged
        .acknowledged
        .set(sent - Duration::from_secs(1))
        .unwrap();
    let late = right.judge(&acknowledged, Duration::ZERO).unwrap_err();
    assert!(late.starts_with("good, and"), "{late}");
    assert_eq!(
        right.judge(&acknowledged, Duration::from_secs(2)),
        Ok(Said::Good)
    );
    let meanwhile = untouched();
    meanwhile
        .acknowledged
        .set(sent + Duration::from_millis(1))
        .unwrap();
    assert_eq!(right.judge(&meanwhile, Duration::ZERO), Ok(Said::Good));

    let certificate = sample().certificate(REVOKED[0]);
    let response = answer(certificate, &nonce);
    let exchange = Exchange {
        response: &response,
        ..right
    };
    let unasked = exchange
        .judge(&watched(certificate), Duration::ZERO)
        .unwrap_err();
    assert!(unasked.starts_with("revoked, and nobody"), "{unasked}");
    let asked = watched(certificate);
    asked.asked.set(sent).unwrap();
    let said = exchange.judge(&asked, Duration::ZERO);
    let reason = Some(RevocationReason::KeyCompromise);
    assert!(
        matches!(said, Ok(Said::Revoked { reason: why, .. }) if why == reason),
        "{said:?}"
    );
}
