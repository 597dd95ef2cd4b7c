//! `kasane crl final`: the last CRLs of a CA that ends, read with OpenSSL.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use kasane_tests::edge::Question;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::tools::{Tool, fail, succeed};

use crate::World;
use crate::ocsp_clients::{Files, ca, openssl};

const CA: &str = "issuing-ecc-terminal";

const END: [&str; 4] = ["crl", "final", CA, "--yes"];

/// The full CRLs of the CA as the service hands them out, PEM, by shard.
fn lists(world: &World) -> BTreeMap<u64, String> {
    let listed = world.json(["crl", "list"]);
    let listed = listed["crls"].as_array().unwrap();
    let of_ca = |it: &&serde_json::Value| it["issuer"] == CA && it["delta"] == false;
    let shards = listed.iter().filter(of_ca).map(|it| it["shard"].as_u64());
    let pem = |shard: u64| {
        let shown = world.json(["crl", "show", CA, "--shard", &shard.to_string()]);
        (shard, shown["pem"].as_str().unwrap().to_owned())
    };
    shards.map(|shard| pem(shard.unwrap())).collect()
}

fn file(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Without its colons, and without the zero that DER puts before a high first bit.
fn bare(serial: &str) -> String {
    serial.to_uppercase().trim_start_matches('0').to_owned()
}

#[test]
fn ca_ends_with_crls_for_ever_and_signs_nothing_after_them() {
    let world = World::new();
    let service = Service::start_at(&world, free_address());
    let issued = world.issue(&world.csr(), "last-one");
    let serial = issued["serial"].as_str().unwrap();
    let (issuer, root) = (
        ca(&service, world.folder.path(), CA),
        ca(&service, world.folder.path(), "root-ecc"),
    );
    let refused = world.refusal(END);
    assert_eq!((refused.code.as_str(), refused.exit), ("issuer.in-use", 5));
    assert!(refused.message.contains(serial), "{}", refused.message);
    assert_eq!(world.refusal(["crl", "final", CA]).code, "usage");
    let _ = world.json(["revoke", serial, "--reason", "cessation-of-operation"]);
    let before = lists(&world);
    let ended = world.json(END);
    let published = ended["published"].as_array().unwrap();
    assert_eq!(published.len(), before.len(), "{ended}");

    // Each is read by OpenSSL: genuine, complete, without end; one of them names the certificate.
    let after = lists(&world);
    let mut named = 0;
    for (shard, pem) in &after {
        let path = file(&world, "final.crl", pem);
        let mut command = Tool::OpenSsl.command();
        command
            .args(["crl", "-noout", "-text", "-CAfile"])
            .arg(&issuer);
        let said = succeed("crl", &command.arg("-in").arg(&path).output().unwrap());
        assert!(said.contains("verify OK"), "shard {shard}: {said}");
        assert!(
            said.contains("Next Update: Dec 31 23:59:59 9999 GMT"),
            "{said}"
        );
        assert!(!said.contains("Freshest CRL"), "{said}");
        assert!(!said.contains("Delta CRL Indicator"), "{said}");
        named += usize::from(said.to_uppercase().contains(&bare(serial)));
    }
    assert_eq!(named, 1);
    let chain = file(
        &world,
        "all.pem",
        &after.values().map(String::as_str).collect::<String>(),
    );
    let certificate = file(&world, "last.pem", issued["pem"].as_str().unwrap());
    let mut command = Tool::OpenSsl.command();
    command.args(["verify", "-crl_check", "-extended_crl", "-partial_chain"]);
    command.arg("-CAfile").arg(&issuer);
    command.arg("-CRLfile").arg(&chain).arg(&certificate);
    let said = fail("verify", &command.output().unwrap());
    assert!(said.contains("certificate revoked"), "{said}");

    // No second one, nothing else, and nothing is recorded of the attempts.
    let size = world.json(["ledger", "verify"])["entries"].clone();
    let again = world.json(END);
    assert!(again["published"].as_array().unwrap().is_empty(), "{again}");
    let publish = world.refusal(["crl", "publish", "--issuer", CA]);
    assert_eq!((publish.code.as_str(), publish.exit), ("issuer.ended", 5));
    let csr = world.csr();
    let refused = world.refusal(Kasane::issue_arguments(&csr, "1", "too-late"));
    assert_eq!((refused.code.as_str(), refused.exit), ("issuer.unknown", 4));
    let refused = world.refusal(["revoke", serial, "--reason", "key-compromise"]);
    assert_eq!(refused.code, "certificate.state");
    assert_eq!(world.json(["ledger", "verify"])["entries"], size);

    // The death of the service changes nothing; OCSP goes on, by signers that were made before.
    service.kill();
    let service = Service::start_at(&world, free_address());
    assert_eq!(lists(&world), after);
    assert!(world.json(END)["published"].as_array().unwrap().is_empty());
    assert_eq!(lists(&world), after);
    let question = Question::about(&service, CA, serial);
    assert!(question.is_revoked_at(service.address()));
    let files = Files {
        certificate,
        issuer,
        root,
    };
    let url = format!("http://{}/ocsp/{CA}", service.address());
    let said = openssl(&files, &url, "-no_nonce", "-sha256");
    assert!(said.contains("Response verify OK"), "{said}");
    assert!(said.contains("last.pem: revoked"), "{said}");
    assert!(service.stop().success());
}
