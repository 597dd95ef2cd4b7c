use kasane_verify::ocsp::CertStatus;
use kasane_verify::revocation::RevocationReason;

use super::network::{Network, pem};
use crate::world::{World, said};

fn by(verified: &serde_json::Value) -> Vec<&str> {
    let status = verified["status"].as_array().unwrap();
    status.iter().map(|it| it["by"].as_str().unwrap()).collect()
}

#[test]
fn chain_is_good_by_crls_and_ocsp_responses() {
    let network = Network::new();
    network.good_crls();
    let verified = network.verified("--crl @root.crl @issuing.crl");
    assert_eq!(verified["revocation"], "good by the evidence given");
    assert_eq!(by(&verified), ["crl", "crl"]);
    assert_eq!(verified["status"][1]["position"], "end entity");
    assert_eq!(verified["status"][1]["crl_number"], "012c");
    assert_eq!(verified["status"][1]["next_update"], "2028-06-03T00:00:00Z");
    assert_eq!(verified["path"].as_array().unwrap().len(), 3);

    let good = network
        .issuing
        .ocsp(&network.terminal_der, CertStatus::GOOD);
    network.write("terminal.ors", good);
    let verified = network.verified("--crl @root.crl @issuing.crl --ocsp @terminal.ors");
    assert_eq!(by(&verified), ["crl", "ocsp"]);
    let sources = "--crl @root.crl @issuing.crl --ocsp @terminal.ors --sources crl-then-ocsp";
    assert_eq!(by(&network.verified(sources)), ["crl", "crl"]);
    let alone = "--crl @root.crl @issuing.crl --ocsp @terminal.ors --sources ocsp";
    let refused = network.refused(alone);
    assert_eq!(refused["error"]["code"], "path.status_unavailable");

    // PEM, several in one file, and a folder of files.
    let folder = network.world.file("crls");
    std::fs::create_dir(&folder).unwrap();
    let both = pem(
        "X509 CRL",
        &[network.root.crl(999), network.issuing.crl(999)],
    );
    std::fs::write(folder.join("both.pem"), both).unwrap();
    std::fs::write(folder.join("README"), "no CRL").unwrap();
    let text = network.text("--crl @crls");
    assert!(
        text.contains("revocation            good by the evidence given\n"),
        "{text}"
    );
    assert!(
        text.contains("CRL 0x012c of 2028-05-30 09:00:00 JST"),
        "{text}"
    );
}

#[test]
fn revoked_by_crl_or_ocsp_is_refused_under_every_rule_that_looks() {
    let network = Network::new();
    network.good_crls();
    network.write("revoked.crl", network.issuing.crl(21));
    let date = "2028-05-01T00:00:00Z".parse().unwrap();
    let revoked = CertStatus::revoked(date, Some(RevocationReason::Superseded));
    let response = network.issuing.ocsp(&network.terminal_der, revoked);
    network.write("revoked.ors", response);
    for evidence in [
        "--crl @root.crl @revoked.crl",
        "--crl @root.crl @issuing.crl --ocsp @revoked.ors",
    ] {
        for mode in ["hard-fail", "soft-fail"] {
            let refused = network.refused(&format!("{evidence} --revocation {mode}"));
            assert_eq!(refused["error"]["code"], "path.revoked");
            assert_eq!(refused["refusal"]["position"], "end entity");
            assert_eq!(refused.get("missing"), None);
        }
        let unlooked = network.verified(&format!("{evidence} --revocation off"));
        assert_eq!(unlooked["revocation"], "not checked");
    }
    network.write("root.crl", network.root.crl(11));
    let refused = network.refused("--crl @root.crl @issuing.crl");
    assert_eq!(refused["error"]["code"], "path.revoked");
    assert_eq!(refused["refusal"]["position"], "intermediate 0");
}

#[test]
fn missing_evidence_is_named_for_every_certificate_with_its_addresses() {
    let network = Network::new();
    let refused = network.refused("");
    assert_eq!(refused["error"]["code"], "path.status_unavailable");
    let missing = refused["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 2, "{refused}");
    assert_eq!(missing[0]["position"], "intermediate 0");
    assert_eq!(missing[0]["serial"], "0b");
    assert_eq!(missing[0]["crl"][0], "http://status.example/ca-11.crl");
    assert_eq!(missing[1]["position"], "end entity");
    assert_eq!(missing[1]["ocsp"][0], "http://status.example/ocsp");
    assert_eq!(missing[1]["crl"][0], "http://status.example/terminals.crl");
    let message = refused["error"]["message"].as_str().unwrap();
    for uri in [
        "OCSP http://status.example/ocsp",
        "CRL http://status.example/terminals.crl",
        "CRL http://status.example/ca-11.crl",
    ] {
        assert!(message.contains(uri), "{message}");
    }
    network.good_crls();
    let half = network.refused("--crl @root.crl");
    let missing = half["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0]["position"], "end entity");

    let output = network.output("--lang ja");
    let told = said(&output);
    assert!(
        told.contains("error[path.status_unavailable]: 信頼できる"),
        "{told}"
    );
    assert!(told.contains("不足している失効情報"), "{told}");
}

#[test]
fn stale_crl_does_not_suffice_and_is_named_as_such() {
    let network = Network::new();
    network.good_crls();
    let crls = "--crl @root.crl @issuing.crl";
    network.verified(&format!("{crls} --at 2028-06-03T00:00:00Z"));
    let refused = network.refused(&format!("{crls} --at 2028-06-03T00:00:01Z"));
    assert_eq!(refused["error"]["code"], "path.status_unavailable");
    let problems = refused["missing"][1]["problems"].to_string();
    assert!(problems.contains("it is out of date"), "{problems}");
}

#[test]
fn soft_fail_tolerates_and_says_so() {
    let network = Network::new();
    let verified = network.verified("--revocation soft-fail");
    assert_eq!(verified["revocation"], "unavailable and tolerated");
    assert_eq!(by(&verified), ["soft-fail", "soft-fail"]);
    assert_eq!(verified["missing"].as_array().unwrap().len(), 2);
    let text = network.text("--revocation soft-fail");
    assert!(
        text.contains("tolerated             CN=terminal-1,O=Example: status unavailable"),
        "{text}"
    );
}

#[test]
fn folder_answers_from_its_records_unless_evidence_is_asked_for() {
    let world = World::new();
    let issued = world.issue("1", &world.csr("terminal.csr"));
    let serial = issued["serial"].as_str().unwrap();
    let chain = world.file("chain.pem");
    std::fs::write(&chain, world.text(["show", serial, "--pem", "--chain"])).unwrap();
    let chain = chain.to_str().unwrap();
    let refusal = world.refusal(["verify", chain, "--revocation", "hard-fail"]);
    assert_eq!(refusal, (1, "path.status_unavailable".into()));

    world.json(["crl", "publish", "--all"]);
    let crls = world.file("crls");
    std::fs::create_dir(&crls).unwrap();
    for (issuer, shards) in [("root-ecc", 1), ("issuing-ecc-terminal", 2)] {
        for shard in 0..shards {
            let pem = world.text(["crl", "show", issuer, "--shard", &shard.to_string()]);
            std::fs::write(crls.join(format!("{issuer}-{shard}.pem")), pem).unwrap();
        }
    }
    let evidence = ["verify", chain, "--crl", crls.to_str().unwrap()];
    let verified = world.json(evidence);
    assert_eq!(verified["revocation"], "good by the evidence given");
    world.json(["revoke", serial, "--reason", "superseded"]);
    // What was published before knows nothing of it; the records do.
    assert_eq!(
        world.json(evidence)["revocation"],
        "good by the evidence given"
    );
    assert_eq!(world.refusal(["verify", chain]), (1, "path.revoked".into()));
}
