use super::network::{Entity, Network};
use crate::world::{World, said};

#[test]
fn ecc_terminal_passes_in_2031_and_an_rsa_terminal_does_not() {
    let network = Network::new();
    let passes = network.verified("--dry-run 2031-01-01");
    assert_eq!(passes["dry_run"]["passes"], true);
    assert_eq!(passes["dry_run"]["at"], "2030-12-31T15:00:00Z");
    assert_eq!(passes["dry_run"]["phase"], "ecc-only");
    let certificates = passes["dry_run"]["certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), 3);
    assert!(certificates.iter().all(|it| it["verdict"] == "passes"));

    let network = Network::of(World::empty(), &Entity::rsa("terminal-1"));
    let fails = network.refused("--dry-run 2031-01-01");
    assert_eq!(fails["error"]["code"], "path.policy");
    let certificates = &fails["dry_run"]["certificates"];
    assert_eq!(certificates[0]["verdict"], "refused");
    assert_eq!(certificates[0]["findings"][0]["code"], "path.policy");
    assert_eq!(certificates[1]["verdict"], "passes");

    // The last second before, with a warning; then what a person reads.
    let warned = network.verified("--dry-run 2030-12-31T14:59:59Z");
    assert_eq!(warned["dry_run"]["certificates"][0]["verdict"], "warned");
    let output = network.output("--dry-run 2031-01-01");
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for line in [
        "at 2031-01-01 00:00:00 JST the chain does not pass; phase ecc-only (online, ECC end",
        "verdict  place           certificate              rule\n",
        "refused  end entity      CN=terminal-1,O=Example  path.policy\n",
        "passes   intermediate 0  CN=Issuing,O=Example\n",
        "passes   trust anchor 0  CN=Root,O=Example\n",
    ] {
        assert!(told.contains(line), "{line:?} in\n{told}");
    }
    let japanese = said(&network.output("--dry-run 2031-01-01 --lang ja"));
    assert!(japanese.contains("この経路は通過しません"), "{japanese}");
    assert!(
        japanese.contains("オンラインではECC証明書のみ"),
        "{japanese}"
    );
}

#[test]
fn every_finding_of_a_date_is_told_and_another_path_may_pass() {
    let network = Network::new();
    let late = network.refused("--dry-run 2031-07-01");
    let certificates = late["dry_run"]["certificates"].as_array().unwrap();
    let codes: Vec<_> = certificates
        .iter()
        .map(|it| it["findings"][0]["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["path.expired"; 3]);

    // A certificate of the issuing CA that ends early, and its successor.
    let early = network.root.ca(&network.issuing, 12, |params| {
        params.not_after = rcgen::date_time_ymd(2029, 1, 1);
    });
    network.chain(&[&network.terminal_der, &early, &network.issuing_der]);
    let passes = network.verified("--dry-run 2030-01-01");
    assert_eq!(passes["dry_run"]["passes"], true);
    assert_eq!(passes["dry_run"]["certificates"][1]["verdict"], "refused");
    assert_eq!(passes["dry_run"]["path"][1]["serial"], "0b");
    let text = network.text("--dry-run 2030-01-01");
    assert!(
        text.contains("another path passes: CN=terminal-1"),
        "{text}"
    );
}
