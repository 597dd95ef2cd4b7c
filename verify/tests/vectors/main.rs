//! The conformance harness over the public suites, where they are at hand: every case as its suite
//! expects, or as an exception says, with both providers of cryptography.

#![expect(clippy::unwrap_used, reason = "a test may stop on a failure")]

#[path = "../../examples/conformance/exceptions.rs"]
mod exceptions;
#[path = "../../examples/conformance/folder/mod.rs"]
mod folder;
#[path = "../../examples/conformance/limbo.rs"]
mod limbo;
#[path = "../../examples/conformance/provider.rs"]
mod provider;
#[path = "../../examples/conformance/report.rs"]
mod report;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/vectors.rs"]
mod support;

use std::path::{Path, PathBuf};

use exceptions::Exceptions;
use provider::Provider;
use report::Report;

fn providers() -> [Provider; 2] {
    ["aws-lc", "rustcrypto"].map(|name| Provider::named(name).unwrap())
}

#[test]
fn chains_of_every_suite_come_out_as_expected() {
    let Some(folder) = vectors("chains") else {
        return;
    };
    for provider in providers() {
        let mut report = Report::new(Exceptions::built_in().unwrap(), true);
        for (name, cases) in [
            ("bettertls-nameconstraints", 950),
            ("bettertls-pathbuilding", 48),
            ("boringssl-vcc", 53),
            ("botan-nc", 85),
            ("cross-mesh", 1),
            ("limbo-core", 147),
            ("pkits", 201),
            ("x509test", 37),
        ] {
            let file = folder.join(name).with_extension("json");
            report.begin(&file);
            limbo::run(&file, provider, &mut report).unwrap();
            assert!(
                report.cases() >= cases,
                "{name} has {} cases",
                report.cases()
            );
            report.end();
        }
        assert!(report.finish(), "unexpected cases are listed above");
    }
}

#[test]
fn ocsp_responses_of_boringssl_come_out_as_expected() {
    let Some(folder) = vectors("ocsp") else {
        return;
    };
    for provider in providers() {
        run_folder(&folder.join("boringssl"), None, provider, 36);
    }
}

#[test]
fn crls_of_other_projects_come_out_as_expected() {
    let Some(folder) = vectors("crl") else { return };
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cases");
    for provider in providers() {
        for (name, count) in [("webpki", 47), ("pyca", 35), ("amazon", 24)] {
            let list = cases.join(format!("crl-{name}.json"));
            run_folder(&folder.join(name), Some(&list), provider, count);
        }
    }
}

fn run_folder(folder: &Path, cases: Option<&Path>, provider: Provider, count: u32) {
    let mut report = Report::new(Exceptions::built_in().unwrap(), true);
    report.begin(folder);
    folder::run(folder, cases, provider, &mut report).unwrap();
    assert!(
        report.cases() >= count,
        "{} has {} cases",
        folder.display(),
        report.cases()
    );
    report.end();
    assert!(report.finish(), "unexpected cases are listed above");
}

fn vectors(kind: &str) -> Option<PathBuf> {
    support::vectors(kind, &format!("conformance suites ({kind})"))
}
