//! OCSP requests of other projects: each gets the response that fits it.

use std::fs;

use kasane_ocsp::OcspResponseStatus::{self, MalformedRequest, Unauthorized};
use kasane_verify::crypto::DigestAlgorithm;
use kasane_verify::ocsp::{CertStatus, OcspRequest, OcspResponse};

use crate::common::world;
use crate::scene::{TERMINALS, id, issue, now, responder, statuses, with_basic};
use crate::vectors::vectors;

/// They ask about CAs of others: what can be read is not answered (RFC 6960 §2.3).
const REQUESTS: [(&str, OcspResponseStatus); 13] = [
    ("certval/ocsp_dod/47-ocsp-req.der", Unauthorized),
    ("certval/ocsp_tests/2-ocsp.ocspReq", Unauthorized),
    ("pyca/ocsp-army.inapplicable-req.der", Unauthorized),
    ("pyca/ocsp-army.revoked-req.der", Unauthorized),
    ("pyca/ocsp-army.valid-req.der", Unauthorized),
    ("pyca/req-acceptable-responses.der", Unauthorized),
    ("pyca/req-duplicate-ext.der", MalformedRequest),
    ("pyca/req-ext-nonce.der", Unauthorized),
    ("pyca/req-ext-unknown-oid.der", Unauthorized),
    ("pyca/req-invalid-hash-alg.der", Unauthorized),
    ("pyca/req-invalid-version.der", MalformedRequest),
    ("pyca/req-multi-sha1.der", Unauthorized),
    ("pyca/req-sha1.der", Unauthorized),
];

#[test]
fn requests_of_other_projects_are_malformed_or_about_nobody_known_here() {
    let Some(folder) = vectors("ocsp", "answers to OCSP requests of other projects") else {
        return;
    };
    let world = world();
    let responder = responder(&world);
    for (name, status) in REQUESTS {
        let request = fs::read(folder.join(name)).unwrap();
        for address in [None, Some(TERMINALS)] {
            let prepared = responder.prepared(address, &request, now(&world));
            assert!(prepared.is_none(), "{name} {address:?}");
            let response = responder.respond(address, &request, now(&world));
            let parsed = OcspResponse::parse(&response.der).unwrap();
            assert_eq!(response.status, status, "{name} {address:?}");
            assert_eq!(parsed.response_status, status, "{name} {address:?}");
            assert_eq!(parsed.response_bytes, None, "{name} {address:?}");
            assert_eq!(response.cacheable, None, "{name} {address:?}");
        }
    }
}

/// Whatever else they say, as they say it.
#[test]
fn the_same_requests_about_a_certificate_of_this_authority_are_answered() {
    let Some(folder) = vectors("ocsp", "answers to OCSP requests in the manner of others") else {
        return;
    };
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let readable = REQUESTS
        .iter()
        .filter(|(_, status)| *status == Unauthorized);
    for (name, _) in readable {
        let mut request = OcspRequest::parse(&fs::read(folder.join(name)).unwrap()).unwrap();
        for single in &mut request.tbs_request.request_list {
            single.req_cert = id(&world, TERMINALS, &issued.serial, DigestAlgorithm::Sha1);
        }
        let asked = request.encode_der().unwrap();
        for address in [None, Some(TERMINALS)] {
            let response = responder.respond(address, &asked, now(&world));
            assert_eq!(response.status, OcspResponseStatus::Successful, "{name}");
            let good = vec![CertStatus::GOOD; request.tbs_request.request_list.len()];
            assert_eq!(statuses(&response), good, "{name}");
            let nonce = with_basic(&response, |basic| basic.data.nonce().unwrap());
            assert_eq!(nonce, request.nonce().unwrap(), "{name}");
        }
    }
}
