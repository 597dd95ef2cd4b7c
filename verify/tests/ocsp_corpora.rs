//! OCSP messages of other projects, odd in what their names say: what becomes of each, and why.

#![expect(clippy::unwrap_used, reason = "a test may stop on a failure")]

#[path = "support/skip.rs"]
mod skip;
#[path = "support/vectors.rs"]
mod support;

use std::fs;

use kasane_verify::ocsp::{CertStatus, OcspError, OcspRequest, OcspResponse};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// A request about so many certificates, with or without a nonce.
    Asks(usize, bool),
    /// A response that says this of its first certificate.
    Says(&'static str),
    /// It cannot be used, with this code.
    Refused(&'static str),
}

use Outcome::{Asks, Refused, Says};

const REQUESTS: &[(&str, Outcome)] = &[
    ("certval/ocsp_dod/47-ocsp-req.der", Asks(1, true)),
    ("certval/ocsp_tests/2-ocsp.ocspReq", Asks(1, false)),
    ("pyca/ocsp-army.inapplicable-req.der", Asks(1, false)),
    ("pyca/ocsp-army.revoked-req.der", Asks(1, false)),
    ("pyca/ocsp-army.valid-req.der", Asks(1, false)),
    ("pyca/req-acceptable-responses.der", Asks(1, false)),
    // RFC 5280 §4.2: no extension twice.
    (
        "pyca/req-duplicate-ext.der",
        Refused("ocsp.duplicate_extension"),
    ),
    ("pyca/req-ext-nonce.der", Asks(1, true)),
    // Not critical: ignored (RFC 6960 §4.4).
    ("pyca/req-ext-unknown-oid.der", Asks(1, false)),
    // Understood as far as the digest: the responder finds no issuer by it.
    ("pyca/req-invalid-hash-alg.der", Asks(1, false)),
    ("pyca/req-invalid-version.der", Refused("ocsp.malformed")),
    ("pyca/req-multi-sha1.der", Asks(2, false)),
    ("pyca/req-sha1.der", Asks(1, false)),
];

const RESPONSES: &[(&str, Outcome)] = &[
    ("certval/amazon.com/1-ocsp.ocspResp", Says("good")),
    ("certval/amazon.com/2-ocsp.ocspResp", Says("good")),
    ("certval/harvard.edu/1-ocsp.ocspResp", Says("good")),
    ("certval/harvard.edu/2-ocsp.ocspResp", Says("good")),
    ("certval/ocsp_direct_ca/resp.der", Says("good")),
    ("certval/ocsp_dod/47-ocsp-resp.der", Says("good")),
    ("pyca/ocsp-army.deps.mil-resp.der", Says("revoked")),
    ("pyca/resp-delegate-unknown-cert.der", Says("unknown")),
    (
        "pyca/resp-invalid-signature-oid.der",
        Refused("algorithm.unknown"),
    ),
    ("pyca/resp-invalid-version.der", Refused("ocsp.malformed")),
    ("pyca/resp-responder-key-hash.der", Says("revoked")),
    (
        "pyca/resp-response-type-unknown-oid.der",
        Refused("ocsp.response_type"),
    ),
    // Read; whoever wants fresh evidence refuses it.
    ("pyca/resp-revoked-no-next-update.der", Says("revoked")),
    ("pyca/resp-revoked-reason.der", Says("revoked")),
    ("pyca/resp-revoked.der", Says("revoked")),
    ("pyca/resp-sct-extension.der", Says("good")),
    ("pyca/resp-sha256.der", Says("good")),
    // A CRL reason beside "good": not critical, and nobody's business.
    ("pyca/resp-single-extension-reason.der", Says("good")),
    (
        "pyca/resp-successful-no-response-bytes.der",
        Refused("ocsp.no_answer"),
    ),
    ("pyca/resp-unauthorized.der", Refused("ocsp.unsuccessful")),
    // Not critical.
    ("pyca/resp-unknown-extension.der", Says("revoked")),
    // Read; it is about no certificate that anybody can tell.
    ("pyca/resp-unknown-hash-alg.der", Says("revoked")),
    (
        "pyca/resp-unknown-response-status.der",
        Refused("ocsp.malformed"),
    ),
];

#[test]
fn requests_of_other_projects_are_read_or_refused_as_their_names_say() {
    check(REQUESTS, request);
}

#[test]
fn responses_of_other_projects_are_read_or_refused_as_their_names_say() {
    check(RESPONSES, response);
}

fn check(cases: &[(&str, Outcome)], read: fn(&[u8]) -> Outcome) {
    let Some(folder) = support::vectors("ocsp", "OCSP messages of other projects") else {
        return;
    };
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(name, expected)| {
            let outcome = read(&fs::read(folder.join(name)).unwrap());
            (outcome != *expected).then(|| format!("{name}: {outcome:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn request(octets: &[u8]) -> Outcome {
    let read = || {
        let request = OcspRequest::parse(octets)?;
        let nonce = request.nonce()?.is_some();
        Ok::<_, OcspError>(Asks(request.tbs_request.request_list.len(), nonce))
    };
    read().unwrap_or_else(|error| Refused(error.code()))
}

fn response(octets: &[u8]) -> Outcome {
    let read = || {
        let response = OcspResponse::parse(octets)?;
        let basic = response.basic()?;
        Ok::<_, OcspError>(Says(match basic.data.responses[0].cert_status {
            CertStatus::Good(_) => "good",
            CertStatus::Revoked(_) => "revoked",
            CertStatus::Unknown(_) => "unknown",
        }))
    };
    read().unwrap_or_else(|error| Refused(error.code()))
}
