//! What the tests share: asking, and judging what comes.

use std::sync::Arc;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::pipeline::Issued;
use kasane_ocsp::{OcspResponseStatus, Responder, Response};
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, Nonce, OcspAnswer, OcspIssuer, OcspRequest,
    OcspResponse, OcspRules, check,
};
use kasane_verify::path::AcceptAll;
use kasane_verify::revocation::{Freshness, RevocationReason};

use crate::common::{World, p384, requester, terminal_order};

pub(crate) const TERMINALS: &str = "issuing-ecc-terminal";
pub(crate) const RSA: &str = "issuing-rsa";

pub(crate) fn responder(world: &World) -> Responder {
    Responder::new(Arc::clone(&world.authority))
}

pub(crate) fn now(world: &World) -> UnixTime {
    world.authority.now()
}

pub(crate) fn forward_to(world: &World, at: UnixTime) {
    world.clock.set(at);
}

pub(crate) fn issuer(world: &World, name: &str) -> Arc<Issuer> {
    world.authority.issuer(name).unwrap()
}

pub(crate) fn issue(world: &World) -> Issued {
    world
        .authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap()
}

pub(crate) fn revoke(world: &World, issuer: &str, serial: &[u8], reason: Option<RevocationReason>) {
    let order = RevocationOrder {
        issuer,
        serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
}

pub(crate) fn id(world: &World, name: &str, serial: &[u8], digest: DigestAlgorithm) -> CertId {
    let issuer = issuer(world, name);
    let (subject, spki) = (&issuer.signer.subject_der, &issuer.spki);
    CertId::new(world.authority.crypto(), digest, subject, spki, serial).unwrap()
}

pub(crate) fn request(ids: Vec<CertId>, nonce: Option<&Nonce>) -> Vec<u8> {
    OcspRequest::new(ids, nonce).unwrap().encode_der().unwrap()
}

/// Asks the issuer's address about one serial number.
pub(crate) fn ask(world: &World, responder: &Responder, name: &str, serial: &[u8]) -> Response {
    let id = id(world, name, serial, DigestAlgorithm::Sha1);
    responder.respond(Some(name), &request(vec![id], None), now(world))
}

/// What the project's own verifier makes of a response.
pub(crate) fn judge(
    world: &World,
    issued: &Issued,
    response: &Response,
    nonce: Option<&Nonce>,
) -> OcspAnswer {
    let issuer = issuer(world, &issued.issuer);
    let crypto = world.authority.crypto();
    let key = crypto.public_key(&issuer.spki).unwrap();
    let ca = Certificate::from_der(&issuer.certificate_der).unwrap();
    let rules = OcspRules {
        at: now(world),
        freshness: Freshness::Required,
        max_age_seconds: 7 * 24 * 60 * 60,
        nonce,
        policy: &AcceptAll,
    };
    let certificate = Certificate::from_der(&issued.der).unwrap();
    let by = OcspIssuer::from_certificate(&ca, &*key);
    let parsed = OcspResponse::parse(&response.der).unwrap();
    check(crypto, &parsed, &certificate, &by, &rules).unwrap()
}

pub(crate) fn with_basic<T>(
    response: &Response,
    look: impl FnOnce(&BasicOcspResponse<'_>) -> T,
) -> T {
    assert_eq!(response.status, OcspResponseStatus::Successful);
    let parsed = OcspResponse::parse(&response.der).unwrap();
    look(&parsed.basic().unwrap())
}

/// What RFC 6960 §2.2 has a responder say of a serial number that was never used.
pub(crate) fn never_used() -> CertStatus {
    let reason = Some(RevocationReason::CertificateHold);
    CertStatus::revoked("1970-01-01T00:00:00Z".parse().unwrap(), reason)
}

pub(crate) fn statuses(response: &Response) -> Vec<CertStatus> {
    with_basic(response, |basic| {
        basic
            .data
            .responses
            .iter()
            .map(|it| it.cert_status)
            .collect()
    })
}
