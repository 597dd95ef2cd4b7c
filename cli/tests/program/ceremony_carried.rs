//! A root that is never online: what goes between it and the authority goes through files.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::ceremony::{files, script};
use crate::world::{World, said};

const AUTHORITY: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "ORIGIN"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"
"#;

fn authority(origin: &str) -> String {
    AUTHORITY.replace("ORIGIN", origin)
}

/// `openssl` with arguments; what it printed.
fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// SHA-256 of what OpenSSL writes as DER.
fn sha256(kind: &[&str], path: &Path) -> String {
    let der = path.with_extension("digest.der");
    let (path, out) = (path.to_str().unwrap(), der.to_str().unwrap());
    openssl(&[kind, &["-in", path, "-outform", "DER", "-out", out]].concat());
    let line = openssl(&["dgst", "-sha256", "-r", out]);
    line.split_whitespace().next().unwrap().to_owned()
}

/// Root and issuing CA in two data folders; what goes between them goes through files.
struct Carried {
    offline: World,
    online: World,
    digests: Vec<(&'static str, String)>,
}

const FURTHER: &str = r#"
[ceremony]
name = "issuing-2026"
title = "The issuing CA"
"#;

/// The program without any network interface, where that is allowed.
fn without_network(world: &World, arguments: &[&str]) -> Value {
    let allowed = Command::new("unshare")
        .args(["--map-root-user", "--net", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !allowed {
        eprintln!("SKIPPED: no network namespace may be made here; the network stays");
        return world.json(arguments);
    }
    let plain = world.command(arguments);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net"])
        .arg(plain.get_program())
        .args(plain.get_args())
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn carry() -> Carried {
    let (offline, online) = (World::empty(), World::empty());
    let request = script(
        &online,
        "online-1.toml",
        &format!(
            r#"{}
[[key]]
label = "issuing-ecc-terminal"
role = "issuing-ca"
algorithm = "p-384"

[[request]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
key = "issuing-ecc-terminal"
common_name = "Test Issuing ECC Terminal"
"#,
            authority("kasane.example/online")
        ),
    );
    let medium = offline.file("medium");
    let medium_name = medium.to_str().unwrap();
    online.json(["ceremony", &request, "--out", medium_name]);
    let csr = medium.join("issuing-ecc-terminal.csr");
    openssl(&["req", "-in", csr.to_str().unwrap(), "-noout", "-verify"]);
    let digest = sha256(&["req"], &csr);
    let root = script(
        &offline,
        "root.toml",
        &format!(
            r#"{}
[[key]]
label = "root-ecc"
role = "root-ca"
algorithm = "p-384"

[[certificate]]
name = "root-ecc"
profile = "root-ecc"
issuer = "root-ecc"
key = "root-ecc"
common_name = "Test Root ECC"

[[certificate]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
issuer = "root-ecc"
request = "medium/issuing-ecc-terminal.csr"
request_sha256 = "{digest}"
common_name = "Test Issuing ECC Terminal"
"#,
            authority("kasane.example/root")
        ),
    );
    without_network(&offline, &["ceremony", &root, "--out", medium_name]);
    for file in files(&medium, "") {
        let name = file.file_name().unwrap();
        fs::copy(&file, online.file(name.to_str().unwrap())).unwrap();
    }
    let digest = |kind: &[&str], name: &str| sha256(kind, &medium.join(name));
    let digests = vec![
        ("ROOT", digest(&["x509"], "root-ecc.pem")),
        ("ISSUING", digest(&["x509"], "issuing-ecc-terminal.pem")),
        ("CRL", digest(&["crl"], "root-ecc-0.crl")),
    ];
    Carried {
        offline,
        online,
        digests,
    }
}

impl Carried {
    fn import(&self, change: impl Fn(&str) -> String) -> String {
        let mut text = format!(
            r#"{FURTHER}{}
[[participant]]
role = "立会人 witness"
attests = "hashes compared with those read out by the root's administrator"

[[key]]
label = "ocsp-issuing-ecc-terminal-1"
role = "ocsp-responder"
algorithm = "p-384"

[[import]]
name = "root-ecc"
certificate = "root-ecc.pem"
sha256 = "ROOT"

[[import]]
name = "issuing-ecc-terminal"
certificate = "issuing-ecc-terminal.pem"
sha256 = "ISSUING"
key = "issuing-ecc-terminal"
crl_shards = 2

[[import_crl]]
issuer = "root-ecc"
crl = "root-ecc-0.crl"
sha256 = "CRL"

[[ocsp_signer]]
issuer = "issuing-ecc-terminal"
key = "ocsp-issuing-ecc-terminal-1"
"#,
            authority("kasane.example/online")
        );
        for (name, digest) in &self.digests {
            text = text.replace(&format!("\"{name}\""), &format!("\"{digest}\""));
        }
        script(&self.online, "online-2.toml", &change(&text))
    }
}

#[test]
fn offline_root_certifies_what_is_carried_to_it_and_openssl_believes_the_chain() {
    let carried = carry();
    let Carried {
        offline, online, ..
    } = &carried;
    let import = carried.import(str::to_owned);
    let done = online.json(["ceremony", &import]);
    assert_eq!(done["steps"].as_array().unwrap().len(), 8, "{done}");
    let again = online.json(["ceremony", &import]);
    let steps = again["steps"].as_array().unwrap();
    assert!(steps.iter().all(|it| it["done_before"] == true), "{again}");

    // The service has what it needs: it issues, and publishes the root's list as it was carried.
    online.json([
        "facility",
        "add",
        "1312345679",
        "--terminals",
        "2",
        "--contact",
        "desk",
    ]);
    let csr = online.csr("terminal.csr");
    let issued = online.issue("1", &csr);
    let chain = online.file("chain.pem");
    let pem = online.text([
        "show",
        issued["serial"].as_str().unwrap(),
        "--pem",
        "--chain",
    ]);
    fs::write(&chain, pem).unwrap();
    let root = online.file("root-ecc.pem");
    let crls = online.file("crls.pem");
    let shard = u32::from_str_radix(&issued["serial"].as_str().unwrap()[31..], 16).unwrap() & 1;
    let mut lists = online.text(["crl", "show", "root-ecc"]);
    lists += &online.text([
        "crl",
        "show",
        "issuing-ecc-terminal",
        "--shard",
        &shard.to_string(),
    ]);
    fs::write(&crls, lists).unwrap();
    let verify = |crls: &Path| {
        Command::new("openssl")
            .args(["verify", "-x509_strict", "-crl_check_all", "-extended_crl"])
            .args(["-CAfile", root.to_str().unwrap()])
            .args(["-untrusted", chain.to_str().unwrap()])
            .args(["-CRLfile", crls.to_str().unwrap(), chain.to_str().unwrap()])
            .output()
            .unwrap()
    };
    let output = verify(&crls);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        online.refusal(["crl", "publish", "--issuer", "root-ecc"]).1,
        "signing.key-elsewhere"
    );
    // What a CA elsewhere issued is revoked there.
    let listed = online.json(["list", "--subject", "ca/issuing-ecc-terminal"]);
    let issuing = listed["certificates"][0]["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        online
            .refusal(["revoke", &issuing, "--reason", "superseded"])
            .1,
        "certificate.state"
    );
    offline.json(["revoke", &issuing, "--reason", "cessation-of-operation"]);
    let next = online.file("next.crl");
    fs::write(&next, offline.text(["crl", "show", "root-ecc"])).unwrap();
    let next = next.to_str().unwrap();
    let taken = online.json(["crl", "import", "--issuer", "root-ecc", next]);
    assert_eq!(taken["revoked"][0], issuing.as_str());
    let again = online.json(["crl", "import", "--issuer", "root-ecc", next]);
    assert_eq!(again["done_before"], true);
    let first = online.file("root-ecc-0.crl");
    let back = [
        "crl",
        "import",
        "--issuer",
        "root-ecc",
        first.to_str().unwrap(),
    ];
    assert_eq!(online.refusal(back).1, "import.crl-number");
    let csr = online.csr("late.csr");
    let late = [
        "issue",
        "--facility",
        "1312345679",
        "--terminal",
        "2",
        "--csr",
        csr.to_str().unwrap(),
    ];
    assert_eq!(online.refusal(late).1, "issuer.unknown");
    // The store is made anew from the ledger with the same digest.
    online.json(["store", "rebuild"]);
}

#[test]
fn each_wrong_file_that_is_carried_is_refused_and_named() {
    let carried = carry();
    // Each case is a ceremony of its own: steps that were done fix a script.
    let cases = std::cell::Cell::new(0);
    let refused = |change: &dyn Fn(&str) -> String| {
        cases.set(cases.get() + 1);
        let name = format!("case-{}", cases.get());
        let import = carried.import(|text| change(text).replace("issuing-2026", &name));
        carried.online.refusal(["ceremony", &import]).1
    };
    let swap = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        }
    };
    let dry = |from, to| refused(&swap(from, to));
    assert_eq!(
        dry("name = \"issuing-2026\"", "name = \"ceremony\""),
        "ceremony.other-script"
    );
    assert_eq!(
        dry("kasane.example/online", "kasane.example/other"),
        "ceremony.other-authority"
    );
    assert_eq!(
        dry("key = \"issuing-ecc-terminal\"", "key = \"nobody\""),
        "key.not-found"
    );
    assert_eq!(dry("crl_shards = 2", "crl_shards = 3"), "argument.bad");
    // The root's certificate under the issuing CA's name, and files that were exchanged.
    let file = "certificate = \"issuing-ecc-terminal.pem\"";
    assert_eq!(dry(file, "certificate = \"root-ecc.pem\""), "import.digest");
    assert_eq!(
        dry("crl = \"root-ecc-0.crl\"", "crl = \"root-ecc.pem\""),
        "ceremony.file"
    );
    assert_eq!(
        dry("role = \"ocsp-responder\"", "role = \"queen\""),
        "ceremony.value"
    );
    assert_eq!(
        dry("[[import_crl]]", "[[import_crl]]\ncolour = 1"),
        "ceremony.syntax"
    );
}
