//! The first command that people type.

use std::path::Path;

use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::tools::{Tool, fail, succeed};
use serde_json::Value;

const FILES: [&str; 10] = [
    "root-rsa",
    "root-ecc",
    "root-ecc-by-rsa",
    "root-rsa-by-ecc",
    "issuing-rsa",
    "issuing-ecc-terminal",
    "terminal-1-rsa",
    "terminal-1-ecc",
    "terminal-2-rsa",
    "terminal-2-ecc",
];

pub(crate) fn summary(demo: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(demo.join("summary.json")).unwrap()).unwrap()
}

#[test]
fn quickstart_makes_an_authority_and_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = Kasane::on(&folder.path().join("data"));
    let address = free_address().to_string();
    let arguments = ["quickstart", "--once", "--listen", &address];
    let said = succeed("quickstart", &kasane.run(arguments));
    assert!(said.contains("demonstration timeline"), "{said}");
    let demo = kasane.dir().join("demo");
    for name in FILES {
        let pem = std::fs::read_to_string(demo.join(name).with_extension("pem")).unwrap();
        assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{name}");
    }
    let first = summary(&demo);
    let revoked: Vec<_> = first["certificates"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, it)| it["revoked"] == true)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(revoked, ["terminal-2-rsa"]);
    let chains = first["chains"].as_array().unwrap();
    assert_eq!(chains.len(), 6, "three certificates under two anchors");
    assert!(
        chains
            .iter()
            .all(|chain| chain["certificate"] != "terminal-2-rsa")
    );
    assert_eq!(
        first["chains_refused"],
        serde_json::json!(["terminal-2-rsa"])
    );
    let again = succeed("quickstart again", &kasane.run(arguments));
    assert!(
        again.contains("continu"),
        "a second run says that it continues: {again}"
    );
    assert_eq!(summary(&demo)["certificates"], first["certificates"]);
    std::fs::remove_dir_all(&demo).unwrap();
    let without = succeed("quickstart without its files", &kasane.run(arguments));
    assert!(without.contains("as before"), "{without}");
    assert_eq!(summary(&demo)["certificates"], first["certificates"]);
    strangers_agree(&kasane, &demo, &first);
    assert!(kasane.verified_ledger_size() > 0);
}

pub(crate) fn strangers_agree(kasane: &Kasane, demo: &Path, summary: &Value) {
    let Some(_) = Tool::OpenSsl.or_skip("openssl on the files of quickstart") else {
        return;
    };
    let pem = |name: &str| demo.join(name).with_extension("pem");
    for (anchor, between, name) in [
        ("root-rsa", &["issuing-rsa"][..], "terminal-1-rsa"),
        (
            "root-ecc",
            &["issuing-rsa", "root-rsa-by-ecc"],
            "terminal-1-rsa",
        ),
        ("root-ecc", &["issuing-ecc-terminal"], "terminal-1-ecc"),
        (
            "root-rsa",
            &["issuing-ecc-terminal", "root-ecc-by-rsa"],
            "terminal-2-ecc",
        ),
    ] {
        let mut command = Tool::OpenSsl.command();
        command
            .args(["verify", "-x509_strict", "-CAfile"])
            .arg(pem(anchor));
        for between in between {
            command.arg("-untrusted").arg(pem(between));
        }
        let _ = succeed(name, &command.arg(pem(name)).output().unwrap());
    }
    // The same folder, served: OCSP over HTTP as OpenSSL asks, and the CRL.
    let service = Service::start(kasane);
    for (name, expected) in [
        ("terminal-1-rsa", ": good"),
        ("terminal-2-rsa", ": revoked"),
    ] {
        let mut command = Tool::OpenSsl.command();
        command
            .args(["ocsp", "-issuer"])
            .arg(pem("issuing-rsa"))
            .arg("-cert")
            .arg(pem(name));
        command.arg("-CAfile").arg(pem("root-rsa"));
        command.args([
            "-url",
            &format!("http://{}/ocsp/issuing-rsa", service.address()),
        ]);
        let said = succeed(name, &command.output().unwrap());
        assert!(
            said.contains("Response verify OK") && said.contains(expected),
            "{said}"
        );
    }
    let serial = summary["certificates"]["terminal-2-rsa"]["serial"]
        .as_str()
        .unwrap();
    let shown = kasane.json(["crl", "show", "issuing-rsa"]);
    let list = demo.join("issuing-rsa.crl.pem");
    std::fs::write(&list, shown["pem"].as_str().unwrap()).unwrap();
    let mut command = Tool::OpenSsl.command();
    command.args(["crl", "-noout", "-text", "-in"]).arg(&list);
    let said = succeed("the CRL", &command.output().unwrap());
    assert!(said.to_lowercase().contains(serial), "{said}");
    let mut command = Tool::OpenSsl.command();
    command
        .args(["verify", "-crl_check", "-CAfile"])
        .arg(pem("root-rsa"));
    command
        .arg("-untrusted")
        .arg(pem("issuing-rsa"))
        .arg("-CRLfile")
        .arg(&list);
    let said = fail(
        "a revoked one",
        &command.arg(pem("terminal-2-rsa")).output().unwrap(),
    );
    assert!(said.contains("certificate revoked"), "{said}");
    assert!(service.stop().success());
}
