//! C programs, built against the installed library and run: the example, and one that misuses it.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod installed;

use std::path::Path;

use installed::Program;
use kasane_tests::chain::{Chain, IDENTITY, NOW};
use kasane_tests::tools::succeed;

fn example() -> Option<&'static Program> {
    installed::program("examples/verify.c")
}

fn run(program: &Program, chain: &Chain, more: &[&str]) -> (i32, String) {
    let anchors = chain.file("anchors.pem");
    let mut arguments = vec!["--anchors", &anchors, "--at", NOW];
    arguments.extend(more);
    program.run(&arguments)
}

#[test]
fn good_chain_is_verified_with_identity_key_and_phase() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let (good, crls) = (chain.file("good.pem"), chain.file("crls.pem"));
    let (status, said) = run(program, &chain, &["--crl", &crls, "--uri", IDENTITY, &good]);
    assert_eq!(status, 0, "{said}");
    for line in [
        "verified",
        &format!("identity: {IDENTITY}"),
        "key: p-384 (ecc)",
        "anchor: CN=Root",
        "path: 2 certificates",
        "status: end entity: crl",
        "status: intermediate 0: crl",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(said.contains("phase: ") && !said.contains("phase: -"));
}

#[test]
fn revoked_expired_misnamed_and_foreign_chains_are_refused_with_their_codes() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let crls = chain.file("crls.pem");
    let stranger = Chain::new();
    let other = stranger.file("good.pem");
    for (file, more, code) in [
        (chain.file("revoked.pem"), &[][..], "path.revoked"),
        (chain.file("expired.pem"), &[], "path.expired"),
        (
            chain.file("good.pem"),
            &["--uri", "https://id.kasane.example/facility/1312345678/2"],
            "path.name_mismatch",
        ),
        (
            chain.file("good.pem"),
            &["--server"],
            "path.extended_key_usage",
        ),
        (other, &[], "path.signature"),
    ] {
        let mut arguments = vec!["--crl", &crls];
        arguments.extend(more);
        arguments.push(&file);
        let (status, said) = run(program, &chain, &arguments);
        assert_eq!(status, 1, "{said}");
        assert!(
            said.contains(&format!("refused [{code}]")),
            "{code}: {said}"
        );
        assert!(said.contains("rule: RFC "), "{said}");
        assert!(
            said.contains("信頼できる証明書の経路がありません"),
            "{said}"
        );
    }
}

#[test]
fn dated_policy_warns_and_refuses_and_can_be_replaced() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let (good, rsa) = (chain.file("good.pem"), chain.file("rsa.pem"));
    // 2030-08-01, and 2031-01-01 in Japan, when no CRL of the chain is current any more.
    let late = |time| ["--at", time, "--soft-fail", "--fetch", "/nowhere", &rsa];
    let (status, said) = run(program, &chain, &late("1911772800"));
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("warning: CN=1312345678-1: "), "{said}");
    assert!(said.contains("key: rsa-2048 (rsa)"), "{said}");
    let (status, said) = run(program, &chain, &late("1924959600"));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("refused [path.policy]"), "{said}");
    // 2026-12-31T14:59:59Z: ECC opens a second later.
    let at = |time| ["--at", time, "--soft-fail", &good];
    let (status, said) = run(program, &chain, &at("1798729199"));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("refused [path.policy]"), "{said}");
    let text = kasane_verify::policy::OVERLAP_TIMELINE_TOML;
    let early = text.replace(
        "verifiers-accept-ecc = \"2027-01-01\"",
        "verifiers-accept-ecc = \"2026-12-01\"",
    );
    let early = chain.write("early.toml", early.as_bytes());
    let mut arguments = at("1798729199").to_vec();
    arguments.extend(["--timeline", &early, "--fetch", "/nowhere"]);
    let (status, said) = run(program, &chain, &arguments);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("phase: verifiers-accept-ecc"), "{said}");
    let broken = chain.write("broken.toml", b"format = 7");
    let (status, said) = run(program, &chain, &["--timeline", &broken, &good]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("[policy."), "{said}");
}

#[test]
fn missing_evidence_is_named_and_supplied_in_a_second_round() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let (good, revoked) = (chain.file("good.pem"), chain.file("revoked.pem"));
    let (status, said) = run(program, &chain, &[&good]);
    assert_eq!(status, 3, "{said}");
    // Both certificates at once.
    for line in [
        "crl: http://pki.kasane.example/root.crl",
        "crl: http://pki.kasane.example/issuing.crl",
        "evidence is missing",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let folder = chain.folder("fetched");
    let (status, said) = run(program, &chain, &["--fetch", &folder, &good]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("status: end entity: crl"), "{said}");
    let (status, said) = run(program, &chain, &["--fetch", &folder, &revoked]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("refused [path.revoked]"), "{said}");
}

#[test]
fn evidence_that_nobody_has_ends_by_the_rules() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let good = chain.file("good.pem");
    let folder = chain.folder("empty");
    let (status, said) = run(program, &chain, &["--fetch", &folder, &good]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("refused [path.status_unavailable]"), "{said}");
    let (status, said) = run(program, &chain, &["--fetch", &folder, "--soft-fail", &good]);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("status: end entity: unavailable:soft-fail"),
        "{said}"
    );
}

#[test]
fn unreadable_files_are_named_with_a_code() {
    let Some(program) = example() else { return };
    let chain = Chain::new();
    let good = chain.file("good.pem");
    let garbage = chain.write("garbage.pem", b"no PEM at all");
    for arguments in [
        vec![garbage.as_str()],
        vec!["--crl", &garbage, &good],
        vec!["--timeline", &garbage, &good],
    ] {
        let (status, said) = run(program, &chain, &arguments);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("garbage.pem: "), "{said}");
    }
    assert_eq!(program.run(&[]).0, 2);
}

#[test]
fn misuse_is_answered_and_threads_share_a_verifier() {
    let Some(program) = installed::program("tests/misuse.c") else {
        return;
    };
    let chain = Chain::new();
    let files = ["anchors.pem", "good.pem", "crls.pem"].map(|name| chain.file(name));
    let (status, said) = program.run(&[&files[0], &files[1], &files[2], NOW]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("misused"), "{said}");
}

#[test]
fn valgrind_finds_no_error_and_no_leak() {
    let (Some(example), Some(misuse)) = (example(), installed::program("tests/misuse.c")) else {
        return;
    };
    if !installed::there("valgrind", "the C library under Valgrind") {
        return;
    }
    let chain = Chain::new();
    let (anchors, good) = (chain.file("anchors.pem"), chain.file("good.pem"));
    let (revoked, folder) = (chain.file("revoked.pem"), chain.folder("fetched"));
    let ask = |file| ["--anchors", &anchors, "--at", NOW, "--fetch", &folder, file];
    let crls = chain.file("crls.pem");
    for (program, arguments, expected) in [
        (example, &ask(&good)[..], 0),
        (example, &ask(&revoked), 1),
        (misuse, &[&anchors, &good, &crls, NOW], 0),
    ] {
        let (status, said) = program.run_under_valgrind(arguments);
        assert_eq!(status, expected, "{said}");
    }
}

#[test]
fn pkg_config_file_names_the_place_it_is_for_however_it_is_staged() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = "usr/local/lib/pkgconfig/kasane-verify.pc";
    for staging in ["staged", "staged/", "./staged"] {
        let _old = std::fs::remove_dir_all(parent.join("staged"));
        for staging in [
            staging.to_owned(),
            format!("{}/{staging}", parent.display()),
        ] {
            let installed = installed::installer()
                .arg("/usr/local")
                .env("DESTDIR", &staging)
                .current_dir(parent)
                .output()
                .unwrap();
            let _ = succeed("install.sh", &installed);
            let written = std::fs::read_to_string(parent.join("staged").join(file)).unwrap();
            assert!(
                written.starts_with("prefix=/usr/local\n"),
                "{staging}: {written}"
            );
        }
    }
}
