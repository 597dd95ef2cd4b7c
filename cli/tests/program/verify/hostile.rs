use std::time::{Duration, Instant};

use super::network::{Entity, Network};

#[test]
fn garbage_is_refused_with_the_name_of_its_file() {
    let network = Network::new();
    network.good_crls();
    network.write("garbage", "garbage");
    network.write("cut.crl", &network.root.crl(1)[..100]);
    network.write("cut.ors", [0x30, 0x82, 1, 0, 0x0a]);
    network.write("empty", "");
    for (words, code) in [
        ("--crl @garbage", "pem.none"),
        ("--crl @empty", "pem.none"),
        ("--crl @cut.crl", "crl.malformed"),
        ("--ocsp @garbage", "pem.none"),
        ("--ocsp @cut.ors", "ocsp.malformed"),
        ("--ocsp @root.crl", "ocsp.malformed"),
        ("--crl @chain.pem", "pem.none"),
    ] {
        let output = network.output(words);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{words}: {told}");
        assert!(
            told.starts_with(&format!("error[{code}]: ")),
            "{words}: {told}"
        );
        let file = words.split('@').nth(1).unwrap();
        assert!(told.contains(&format!("{file}: ")), "{words}: {told}");
    }
    assert_eq!(network.refusal("--crl @missing"), (4, "file.io".into()));
    std::fs::create_dir(network.world.file("none")).unwrap();
    assert_eq!(network.refusal("--crl @none"), (4, "file.none".into()));
    network.write("chain.pem", "garbage");
    assert_eq!(network.refusal(""), (3, "pem.none".into()));
    network.write(
        "chain.pem",
        super::network::pem("CERTIFICATE", &[vec![0x30, 0]]),
    );
    assert_eq!(network.refusal(""), (3, "certificate.malformed".into()));
}

#[test]
fn huge_files_are_refused_before_they_are_read() {
    let network = Network::new();
    let huge = std::fs::File::create(network.world.file("huge")).unwrap();
    huge.set_len(64 * 1024 * 1024 * 1024).unwrap();
    let begun = Instant::now();
    for words in [
        "--crl @huge",
        "--ocsp @huge",
        "--anchor @huge",
        "--state @huge",
    ] {
        assert_eq!(network.refusal(words), (3, "file.large".into()), "{words}");
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_thousand_strangers_among_the_intermediates_cost_little() {
    let network = Network::new();
    // The issuing CA's name with another key each, and nothing that tells them apart.
    let impostor = Entity::new("Issuing");
    let junk: Vec<_> = (0..997)
        .map(|serial| {
            impostor.ca(&impostor, 1000 + serial, |params| {
                params.crl_distribution_points.clear();
                params.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(vec![0; 4]);
            })
        })
        .collect();
    let mut chain: Vec<&[u8]> = vec![&network.terminal_der];
    chain.extend(junk.iter().map(Vec::as_slice));
    chain.push(&network.issuing_der);
    network.chain(&chain);
    let begun = Instant::now();
    let verified = network.verified("--revocation off --explain");
    assert_eq!(verified["path"].as_array().unwrap().len(), 3);
    assert_eq!(verified["explanation"]["signatures"], 2);

    chain.pop();
    network.chain(&chain);
    let refused = network.refused("--revocation off --explain");
    assert!(refused["explanation"]["signatures"].as_u64().unwrap() <= 100);
    assert!(refused["explanation"]["build_steps"].as_u64().unwrap() <= 10_000);
    assert!(begun.elapsed() < Duration::from_secs(20));

    chain.extend(junk.iter().take(4).map(Vec::as_slice));
    network.chain(&chain);
    assert_eq!(network.refusal(""), (3, "pem.too_many".into()));
}
