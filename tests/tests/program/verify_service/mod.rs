//! `kasane verify-service`, asked with curl.

mod hostile;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kasane_tests::chain::{Chain, IDENTITY};
use kasane_tests::verify_service::{Service, command, curl_or_skip};
use serde_json::{Value, json};

const AT: &str = "2028-06-01T00:00:00Z";

const PATIENCE: Duration = Duration::from_secs(20);

fn question(chain: &Chain, file: &str) -> Value {
    json!({
        "chain_pem": fs::read_to_string(chain.file(file)).unwrap(),
        "purpose": "client",
        "at": AT,
    })
}

fn base64(path: &str) -> String {
    let output = Command::new("base64").args(["-w0", path]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn verdicts_over_a_socket_have_code_rule_both_texts_and_identity() {
    if !curl_or_skip("verify-service") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &["--crl", &chain.folder("fetched")]);
    let mode = fs::metadata(&service.place).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut asked = question(&chain, "good.pem");
    asked["names"] = json!([{ "uri": IDENTITY }]);
    let answer = service.verify(&asked);
    assert_eq!(answer["verdict"], "verified", "{answer}");
    assert_eq!(answer["identity"], IDENTITY);
    assert_eq!(answer["key_family"], "ecc");
    assert_eq!(answer["phase"], "ecc-enrolment-only");
    assert_eq!(answer["anchor"], "CN=Root");
    assert_eq!(answer["path"].as_array().unwrap().len(), 2);
    let statuses = answer["statuses"].as_array().unwrap();
    assert!(statuses.len() == 2 && statuses.iter().all(|it| it["basis"] == "crl"));
    for (file, change, code) in [
        ("revoked.pem", json!({}), "path.revoked"),
        ("expired.pem", json!({}), "path.expired"),
        (
            "good.pem",
            json!({ "names": [{ "dns": "x.example" }] }),
            "path.name_mismatch",
        ),
        (
            "good.pem",
            json!({ "purpose": "server" }),
            "path.extended_key_usage",
        ),
        (
            "good.pem",
            json!({ "at": "2026-12-31T14:59:59Z" }),
            "path.policy",
        ),
    ] {
        let mut asked = question(&chain, file);
        for (key, value) in change.as_object().unwrap() {
            asked[key] = value.clone();
        }
        let answer = service.verify(&asked);
        // At another time the CRLs may not count; status comes after what is asked here.
        assert_eq!(answer["verdict"], "refused", "{answer}");
        assert_eq!(answer["code"], code);
        let rule = answer["rule"].as_str().unwrap();
        assert!(rule.starts_with("RFC ") || code == "path.policy", "{rule}");
        assert!(
            answer["text"]
                .as_str()
                .unwrap()
                .starts_with("no trusted path: ")
        );
        let japanese = answer["text_ja"].as_str().unwrap();
        assert!(japanese.starts_with("信頼できる証明書の経路がありません"));
    }
}

#[test]
fn rsa_is_warned_about_and_then_refused_by_date() {
    if !curl_or_skip("verify-service, dates") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &["--revocation", "dangerously-unchecked"]);
    let mut asked = question(&chain, "rsa.pem");
    asked["at"] = json!("2030-12-31T14:59:59Z");
    let answer = service.verify(&asked);
    assert_eq!(answer["verdict"], "verified", "{answer}");
    assert_eq!(answer["key_family"], "rsa");
    let warning = &answer["warnings"][0];
    assert_eq!(warning["subject"], "CN=1312345678-1", "{answer}");
    assert!(!warning["text_ja"].as_str().unwrap().is_ascii());
    asked["at"] = json!("2031-01-01");
    let answer = service.verify(&asked);
    assert_eq!(answer["code"], "path.policy", "{answer}");
    assert_eq!(answer["at"], "2030-12-31T15:00:00Z");
}

#[test]
fn missing_evidence_is_asked_for_and_then_brought_along_or_given_up() {
    if !curl_or_skip("verify-service, evidence") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &[]);
    let mut asked = question(&chain, "good.pem");
    let answer = service.verify(&asked);
    assert_eq!(answer["verdict"], "needs-evidence", "{answer}");
    let needs = answer["needs"].as_array().unwrap();
    let uris: Vec<_> = needs.iter().map(|it| &it["crls"][0]["uris"][0]).collect();
    assert_eq!(
        uris,
        [
            "http://pki.kasane.example/root.crl",
            "http://pki.kasane.example/issuing.crl"
        ]
    );
    let given_up: Vec<_> = needs
        .iter()
        .map(|it| json!({ "issuer": it["issuer"], "serial": it["serial"] }))
        .collect();
    let fetched = chain.folder("fetched");
    let [root, issuing] = ["root", "issuing"].map(|it| base64(&format!("{fetched}/{it}.crl")));
    asked["crls"] = json!([root]);
    let answer = service.verify(&asked);
    assert_eq!(answer["needs"].as_array().unwrap().len(), 1, "{answer}");
    asked["crls"] = json!([root, issuing]);
    assert_eq!(service.verify(&asked)["verdict"], "verified");
    asked["crls"] = json!([root]);
    asked["given_up"] = json!(given_up);
    let answer = service.verify(&asked);
    assert_eq!(answer["code"], "path.status_unavailable", "{answer}");
    drop(service);
    let service = Service::over(&chain, &["--revocation", "soft-fail"]);
    let answer = service.verify(&asked);
    assert_eq!(answer["verdict"], "verified", "{answer}");
    assert_eq!(answer["statuses"][1]["tolerated"], "soft-fail", "{answer}");
}

#[test]
fn explain_tells_what_was_tried() {
    if !curl_or_skip("verify-service, explain") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &["--crl", &chain.file("crls.pem")]);
    let (status, answer) = service.post("/v1/explain", &question(&chain, "revoked.pem"));
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["code"], "path.revoked", "{answer}");
    assert_eq!(answer["tree"]["certificate"], "end entity");
    let above = &answer["tree"]["issuers"][0];
    assert_eq!(above["subject"], "CN=Issuing", "{answer}");
    assert!(answer["signatures"].as_u64().unwrap() >= 2);
    let (_, answer) = service.post("/v1/explain", &question(&chain, "good.pem"));
    assert_eq!(answer["result"]["verdict"], "verified", "{answer}");
    assert_eq!(answer["tree"]["outcome"], "accepted");
}

#[test]
fn crl_files_are_read_again_when_they_change() {
    if !curl_or_skip("verify-service, CRL files") {
        return;
    }
    let (chain, folder) = (Chain::new(), "crls");
    let folder = chain.folder(folder);
    let service = Service::over(&chain, &["--crl", &folder]);
    let asked = question(&chain, "good.pem");
    assert_eq!(service.verify(&asked)["verdict"], "needs-evidence");
    let fetched = PathBuf::from(chain.folder("fetched"));
    for name in ["root.crl", "issuing.crl"] {
        fs::copy(fetched.join(name), Path::new(&folder).join(name)).unwrap();
    }
    service.wait_for_crls(2);
    assert_eq!(service.verify(&asked)["verdict"], "verified");
    // One that is being written leaves the old one in place.
    fs::write(Path::new(&folder).join("issuing.crl"), b"\x30\x82").unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(service.verify(&asked)["verdict"], "verified");
    fs::remove_file(Path::new(&folder).join("issuing.crl")).unwrap();
    service.wait_for_crls(1);
    assert_eq!(service.verify(&asked)["verdict"], "needs-evidence");
}

#[test]
fn document_describes_every_path_and_answer() {
    if !curl_or_skip("verify-service, OpenAPI") {
        return;
    }
    let chain = Chain::new();
    let service = Service::over(&chain, &["--crl", &chain.file("crls.pem")]);
    let (status, body) = service.curl("/openapi.json", &[]);
    assert_eq!(status, 200);
    let document: Value = serde_json::from_str(&body).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/v1/explain", "/v1/health", "/v1/verify"]);
    // Every reference leads somewhere, and what is answered has the fields that are described.
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in body.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let fields =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let described = fields(&schemas["Verified"]["properties"]);
    let answer = service.verify(&question(&chain, "good.pem"));
    let mut answered = fields(&answer);
    answered.retain(|name| name != "verdict");
    assert_eq!(answered, described);
    let described = fields(&schemas["Refused"]["properties"]);
    let mut answered = fields(&service.verify(&question(&chain, "revoked.pem")));
    answered.retain(|name| name != "verdict");
    assert_eq!(answered, described);
}

#[test]
fn it_listens_on_this_machine_alone_and_harms_no_file() {
    let chain = Chain::new();
    let anchors = chain.file("anchors.pem");
    let refusal = |arguments: &[&str]| {
        let mut all = vec!["--json", "--anchors", &anchors];
        all.extend(arguments);
        let output = command(&all).output().unwrap();
        let refusal = kasane_tests::program::refusal_of(&output);
        (refusal.code, refusal.exit)
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let code = refusal(&["--listen", address]);
        assert_eq!(code, ("listen.not-loopback".to_owned(), 3));
    }
    let file = chain.write("precious", b"content");
    assert_eq!(
        refusal(&["--socket", &file]),
        ("service.listen".to_owned(), 5)
    );
    assert_eq!(fs::read(&file).unwrap(), b"content");
    // Somebody listens there; once it was killed, the socket is replaced.
    let service = Service::over(&chain, &[]);
    let socket = service.place.clone();
    assert_eq!(
        refusal(&["--socket", &socket]),
        ("service.listen".to_owned(), 5)
    );
    drop(service);
    assert!(Path::new(&socket).exists());
    assert!(UnixStream::connect(&Service::over(&chain, &[]).place).is_ok());
    let garbage = chain.write("garbage.crl", b"garbage");
    assert_eq!(
        refusal(&["--crl", &garbage, "--socket", &chain.file("other.sock")]),
        ("crl.unreadable".to_owned(), 3)
    );
}
