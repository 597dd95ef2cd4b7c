//! The list of lints itself, and whole certificates and CRLs against all of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use der::{Decode, Encode};
use x509_cert::TbsCertificate;
use x509_cert::crl::TbsCertList;

use super::crl_fixture::CrlFixture;
use super::fixtures::CertificateFixture;
use super::*;

/// Name, source, severity, citation and description of every lint.
fn all_lints() -> Vec<(&'static str, Source, Severity, &'static str, &'static str)> {
    let certificate = CERTIFICATE_LINTS.iter().map(|lint| {
        (
            lint.name,
            lint.source,
            lint.severity,
            lint.citation,
            lint.description,
        )
    });
    let crl = CRL_LINTS.iter().map(|lint| {
        (
            lint.name,
            lint.source,
            lint.severity,
            lint.citation,
            lint.description,
        )
    });
    certificate.chain(crl).collect()
}

fn folder(source: Source) -> PathBuf {
    let folder = match source {
        Source::Rfc => "rfc",
        Source::Cabf => "cabf",
        Source::Profile => "profile",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/lint/lints")
        .join(folder)
}

#[test]
fn names_are_unique_and_say_severity_and_object() {
    let lints = all_lints();
    let names: BTreeSet<_> = lints.iter().map(|lint| lint.0).collect();
    assert_eq!(names.len(), lints.len());
    for (name, _, severity, citation, description) in lints {
        let prefix = match severity {
            Severity::Error => "e_",
            Severity::Warning => "w_",
        };
        assert!(name.starts_with(prefix), "{name}");
        let documents = ["RFC ", "CA/B BR §", "X.690 §", "Kasane "];
        assert!(
            documents.iter().any(|start| citation.starts_with(start)),
            "{name}: {citation}"
        );
        assert!(
            description.len() > 20 && !description.ends_with('.'),
            "{name}: {description}"
        );
        assert!(is_known_lint(name));
    }
    assert!(
        CERTIFICATE_LINTS
            .iter()
            .all(|lint| lint.name[2..].starts_with("certificate_"))
    );
    assert!(
        CRL_LINTS
            .iter()
            .all(|lint| lint.name[2..].starts_with("crl_"))
    );
    assert!(!is_known_lint("e_no_such_lint"));
}

#[test]
fn every_lint_is_one_file_of_its_source_with_a_failing_and_a_passing_case() {
    let mut files = BTreeSet::new();
    for source in [Source::Rfc, Source::Cabf, Source::Profile] {
        for entry in std::fs::read_dir(folder(source)).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() != "mod.rs" {
                files.insert(path);
            }
        }
    }
    for (name, source, ..) in all_lints() {
        let path = folder(source).join(format!("{}.rs", &name[2..]));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path:?} is missing"));
        assert!(
            text.contains(&format!("name: \"{name}\"")),
            "{name} is not in {path:?}"
        );
        assert!(
            text.contains("assert_passes(") && text.contains("assert_fails("),
            "{name}"
        );
        files.remove(&path);
    }
    assert!(
        files.is_empty(),
        "files whose lint is not in the list: {files:?}"
    );
}

#[test]
fn every_fixture_is_a_certificate_and_passes_every_lint() {
    for (name, fixture) in CertificateFixture::all() {
        let der = fixture.tbs_der();
        assert_eq!(
            TbsCertificate::from_der(&der).unwrap().to_der().unwrap(),
            der,
            "{name}"
        );
        let expected = fixture.expected.borrow();
        let report = lint_certificate(&CertificateFacts::decode(&der, &expected).unwrap());
        assert_eq!(report.findings, [], "{name}");
        assert_eq!(
            report.passed + report.not_applicable,
            CERTIFICATE_LINTS.len()
        );
    }
    for (name, fixture) in CrlFixture::all() {
        let der = fixture.tbs_der();
        assert_eq!(
            TbsCertList::<x509_cert::certificate::Rfc5280>::from_der(&der)
                .unwrap()
                .to_der()
                .unwrap(),
            der,
            "{name}"
        );
        let expected = fixture.expected.borrow();
        let report = lint_crl(&CrlFacts::decode(&der, &expected).unwrap());
        assert_eq!(report.findings, [], "{name}");
        assert_eq!(report.passed + report.not_applicable, CRL_LINTS.len());
    }
}

#[test]
fn a_finding_stops_unless_the_profile_excepts_it_by_name() {
    let mut fixture = CertificateFixture::terminal();
    fixture.version = None;
    let (der, expected) = (fixture.tbs_der(), fixture.expected.borrow());
    let report = lint_certificate(&CertificateFacts::decode(&der, &expected).unwrap());
    assert!(!report.is_clean());

    let none: [&str; 0] = [];
    let error = report.clone().into_result(&none).unwrap_err();
    assert_eq!(error.code(), "lint.findings");
    assert!(
        error
            .to_string()
            .contains("e_certificate_version_v3 (RFC 5280 §4.1.2.1)"),
        "{error}"
    );

    let names: Vec<_> = report.findings.iter().map(|finding| finding.name).collect();
    let accepted = report.clone().into_result(&names).unwrap();
    assert_eq!(accepted.excepted.len(), names.len());
    assert!(
        report
            .into_result(&["e_certificate_serial_positive"])
            .is_err()
    );
}

#[test]
fn truncated_or_foreign_bytes_are_an_error_and_never_a_panic() {
    let fixture = CertificateFixture::terminal();
    let (der, expected) = (fixture.tbs_der(), fixture.expected.borrow());
    for length in 0..der.len() {
        let error = CertificateFacts::decode(&der[..length], &expected).unwrap_err();
        assert_eq!(error.code(), "lint.malformed");
    }
    let crl = CrlFixture::shard();
    let (crl_der, crl_expected) = (crl.tbs_der(), crl.expected.borrow());
    for length in 0..crl_der.len() {
        assert!(CrlFacts::decode(&crl_der[..length], &crl_expected).is_err());
    }
    assert!(CrlFacts::decode(&der, &crl_expected).is_err());
    assert!(CertificateFacts::decode(&crl_der, &expected).is_err());
}

/// Changes every octet in three ways and gives what lint lets through: the positions of the octets
/// that nothing pins.
fn unpinned(mut der: Vec<u8>, passes: impl Fn(&[u8]) -> bool) -> BTreeSet<usize> {
    assert!(passes(&der));
    let mut found = BTreeSet::new();
    for index in 0..der.len() {
        for flip in [0x01, 0x80, 0xff] {
            der[index] ^= flip;
            if passes(&der) {
                found.insert(index);
            }
            der[index] ^= flip;
        }
    }
    found
}

/// The positions of `part` in `whole`.
fn positions(whole: &[u8], part: &[u8]) -> BTreeSet<usize> {
    let start = whole
        .windows(part.len())
        .position(|window| window == part)
        .unwrap();
    (start..start + part.len()).collect()
}

#[test]
fn every_octet_of_a_certificate_but_the_times_is_pinned() {
    for fixture in [
        CertificateFixture::server(),
        CertificateFixture::terminal_rsa(),
    ] {
        let (der, expected) = (fixture.tbs_der(), fixture.expected.borrow());
        let times = [&fixture.not_before[..], &fixture.not_after].concat();
        let found = unpinned(der.clone(), |der| {
            CertificateFacts::decode(der, &expected)
                .is_ok_and(|facts| lint_certificate(&facts).is_clean())
        });
        let allowed = positions(&der, &times);
        assert!(
            found.is_subset(&allowed),
            "{:?}",
            found.difference(&allowed)
        );
    }
}

#[test]
fn every_octet_of_an_empty_crl_but_next_update_is_pinned() {
    let fixture = CrlFixture::root();
    let (der, expected) = (fixture.tbs_der(), fixture.expected.borrow());
    let found = unpinned(der.clone(), |der| {
        CrlFacts::decode(der, &expected).is_ok_and(|facts| lint_crl(&facts).is_clean())
    });
    let allowed = positions(
        &der,
        &[&fixture.this_update[..], &fixture.next_update].concat(),
    );
    assert!(
        found.is_subset(&allowed),
        "{:?}",
        found.difference(&allowed)
    );
}

#[test]
fn changed_entries_never_make_lint_panic() {
    let fixture = CrlFixture::delta();
    let (der, expected) = (fixture.tbs_der(), fixture.expected.borrow());
    let found = unpinned(der.clone(), |der| {
        CrlFacts::decode(der, &expected).is_ok_and(|facts| lint_crl(&facts).is_clean())
    });
    // Only serial numbers, dates and reasons of the entries, and nextUpdate, may differ unseen.
    assert!(found.len() < der.len() / 2);
}
