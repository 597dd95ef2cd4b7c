//! What the service says of itself: to the machine that sends requests, and to those who watch.

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_verify::ocsp::CertStatus;
use serde_json::{Value, json};

use crate::endpoints::{OCSP, OCSP_TYPE, TERMINALS, issue, request, server, status};
use crate::server::Server;

const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];

/// HTTP status and text.
fn says(server: &Server, path: &str) -> (u16, String) {
    let answer = server.get(path);
    (answer.status, String::from_utf8(answer.body).unwrap())
}

/// HTTP status and JSON.
fn tells(server: &Server) -> (u16, Value) {
    let answer = server.get("/health");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// Revokes every signer of a CA.
fn revoke_signers(server: &Server, issuer: &str) {
    let authority = &server.world.authority;
    for signer in authority.ocsp_signers(issuer).unwrap() {
        let order = RevocationOrder {
            issuer,
            serial: &signer.serial,
            reason: None,
            invalidity_date: None,
        };
        authority.revoke(&Actor::system(), &order).unwrap();
    }
}

#[test]
fn service_that_issues_nothing_answers_for_status_and_is_sent_requests() {
    let server = server();
    let asked = request(&server, &issue(&server), None);
    let mut expected = json!({
        "status": "ok", "stale_seconds": 0, "without_signer": [], "issuance": "running", "canary": null,
    });
    assert_eq!(tells(&server), (200, expected.clone()));
    server.world.authority.stop_issuance("a test".into());
    assert_eq!(says(&server, "/healthz"), (200, "ok\n".to_owned()));
    let strict = "/healthz?complete=true&max_stale_seconds=0";
    assert_eq!(says(&server, strict).0, 200);
    // Why is nobody else's business.
    expected["issuance"] = json!("stopped");
    assert_eq!(tells(&server), (200, expected));
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!(status(&answer.body), CertStatus::GOOD);
}

#[test]
fn service_whose_store_lags_behind_the_ledger_is_sent_no_requests() {
    let server = server();
    let asked = request(&server, &issue(&server), None);
    let batch = kasane_ledger::Batch {
        entries: vec![b"no entry".to_vec()],
        private: Vec::new(),
    };
    assert!(server.world.authority.ledger().append(batch).is_err());
    let (code, text) = says(&server, "/healthz");
    assert_eq!(code, 503);
    assert!(text.starts_with("silent: "), "{text}");
    let expected = json!({
        "status": "silent", "stale_seconds": null, "without_signer": [], "issuance": "stopped",
        "canary": null,
    });
    assert_eq!(tells(&server), (503, expected));
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!((answer.status, &answer.body[..]), (200, &TRY_LATER[..]));
}

#[test]
fn service_without_a_signer_for_one_ca_is_incomplete_and_without_any_silent() {
    let server = server();
    let authority = &server.world.authority;
    let asked = request(&server, &issue(&server), None);
    // As long as it issues, the next question gets the CA a new signer.
    revoke_signers(&server, TERMINALS);
    assert_eq!(says(&server, "/healthz?complete=true").0, 503);
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!(status(&answer.body), CertStatus::GOOD);
    assert_eq!(says(&server, "/healthz?complete=true").0, 200);

    revoke_signers(&server, TERMINALS);
    authority.stop_issuance("a test".into());
    let text = format!("incomplete: no signer for {TERMINALS}\n");
    // The other CAs are answered for: not to be sent anything would end that too.
    assert_eq!(says(&server, "/healthz"), (200, text.clone()));
    assert_eq!(says(&server, "/healthz?complete=false").0, 200);
    assert_eq!(says(&server, "/healthz?complete=true"), (503, text));
    let (code, detail) = tells(&server);
    assert_eq!((code, &detail["status"]), (200, &json!("incomplete")));
    assert_eq!(detail["without_signer"], json!([TERMINALS]));
    let answer = server.send("POST", OCSP, &[OCSP_TYPE], &asked);
    assert_eq!(&answer.body[..], &TRY_LATER[..]);

    for issuer in authority.issuers() {
        revoke_signers(&server, issuer.name());
    }
    let (code, text) = says(&server, "/healthz");
    assert_eq!(code, 503);
    assert!(text.starts_with("silent: "), "{text}");
    let (code, detail) = tells(&server);
    assert_eq!((code, &detail["status"]), (503, &json!("silent")));
    assert_eq!(says(&server, "/healthz?complete=yes").0, 400);
}

#[test]
fn canary_tells_whoever_watches_how_soon_each_endpoint_knew() {
    let (server, canary) = Server::with_canary();
    let authority = &server.world.authority;
    let (_, detail) = tells(&server);
    assert_eq!(detail["canary"]["on"], true);
    assert_eq!(detail["canary"]["last"], Value::Null);
    let published = server.publisher.publish_due(authority.now());
    assert!(published.failed.is_empty(), "{:?}", published.failed);
    canary.run_if_due();
    let (code, detail) = tells(&server);
    assert_eq!((code, &detail["status"]), (200, &json!("ok")));
    let summary = &detail["canary"];
    assert_eq!(
        (&summary["count"], &summary["failed"]),
        (&json!(1), &json!(0))
    );
    let last = json!({
        "begun": authority.now().to_string(), "age_seconds": 0, "measured": true,
    });
    assert_eq!(summary["last"], last);
    let endpoints = summary["endpoints"].as_array().unwrap();
    let whats: Vec<_> = endpoints.iter().map(|it| &it["what"]).collect();
    assert_eq!(whats, ["ocsp", "delta"]);
    for it in endpoints {
        assert_eq!(it["endpoint"], "this service");
        assert_eq!((&it["asked"], &it["last_seen"]), (&json!(1), &json!(true)));
        for figure in ["median", "p99", "longest"] {
            assert!(it[format!("{figure}_milliseconds")].is_u64(), "{it}");
        }
    }
    // Neither addresses nor serial numbers.
    let run = canary.report().last.unwrap();
    let told = detail.to_string();
    for part in [run.serial.as_str(), "http", "127.0.0.1"] {
        assert!(!told.contains(part), "{part}: {told}");
    }
}
