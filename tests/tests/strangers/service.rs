//! The verification service over chains of the real authority, its CRLs and its OCSP responses.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_tests::verify_service::{Service, curl_or_skip};
use serde_json::{Value, json};

use crate::sample;

const GOOD: &str = "terminal-rsa.facility-1312345679-1";
const REVOKED: &str = "terminal-rsa.facility-1312345679-2";

/// RSA under the real timeline, which is the authority's before it was moved.
fn question(name: &str) -> Value {
    let sample = sample();
    let certificate = sample.certificate(name);
    let chain = sample.bundle(&[name, &certificate.issuer]);
    json!({ "chain_pem": fs::read_to_string(chain).unwrap(), "purpose": "client" })
}

fn start(name: &str, more: &[&str]) -> Service {
    let sample = sample();
    let anchors = sample.pem("root-rsa").to_str().unwrap();
    let socket = sample.folder.join(format!("{name}.sock"));
    let mut arguments = vec!["--anchors", anchors, "--socket", socket.to_str().unwrap()];
    arguments.extend(more);
    Service::start(&arguments)
}

#[test]
fn crls_of_the_authority_decide() {
    if !curl_or_skip("verify-service, CRLs of the authority") {
        return;
    }
    let crls = sample().crls.iter();
    let arguments: Vec<_> = crls
        .flat_map(|crl| ["--crl", crl.pem.to_str().unwrap()])
        .collect();
    let service = start("crls", &arguments);
    let answer = service.verify(&question(GOOD));
    assert_eq!(answer["verdict"], "verified", "{answer}");
    assert_eq!(
        answer["identity"],
        "https://id.kasane.example/facility/1312345679/1"
    );
    assert_eq!(answer["statuses"][0]["basis"], "crl");
    let answer = service.verify(&question(REVOKED));
    assert_eq!(answer["code"], "path.revoked", "{answer}");
    assert!(answer["text"].as_str().unwrap().contains("keyCompromise"));
    assert_eq!(service.health()["status"], "ok");
}

#[test]
fn ocsp_requests_are_answered_by_the_authority() {
    if !curl_or_skip("verify-service, OCSP of the authority") {
        return;
    }
    let sample = sample();
    // The root's CRL speaks for the issuing CA, OCSP for the terminal.
    let mut crls = sample.crls.iter();
    let of_root = crls.find(|crl| crl.published.issuer == "root-rsa");
    let of_root = of_root.unwrap().pem.to_str().unwrap();
    let service = start("ocsp", &["--crl", of_root]);
    for (name, verdict) in [(GOOD, "verified"), (REVOKED, "refused")] {
        let mut asked = question(name);
        let mut answer = service.verify(&asked);
        assert_eq!(answer["verdict"], "needs-evidence", "{answer}");
        let needs = answer["needs"].as_array().unwrap();
        assert_eq!(needs.len(), 1, "{answer}");
        let responses: Vec<_> = needs
            .iter()
            .map(|need| {
                assert!(need["ocsp"]["uris"][0].as_str().unwrap().contains("/ocsp/"));
                let request = STANDARD.decode(need["ocsp"]["request"].as_str().unwrap());
                let now = sample.authority.now();
                let given = sample.responder.respond(None, &request.unwrap(), now);
                STANDARD.encode(&given.der)
            })
            .collect();
        asked["ocsp"] = json!(responses);
        answer = service.verify(&asked);
        assert_eq!(answer["verdict"], verdict, "{answer}");
        if verdict == "verified" {
            let statuses = answer["statuses"].as_array().unwrap();
            let bases: Vec<_> = statuses.iter().map(|it| &it["basis"]).collect();
            assert_eq!(bases, ["crl", "ocsp"], "{answer}");
        } else {
            assert_eq!(answer["code"], "path.revoked");
        }
    }
}
