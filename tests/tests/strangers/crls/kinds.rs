//! Each kind of list by itself: signed by its CA, well formed, and what it says it is.

use kasane_tests::lint::{Object, findings, judge};
use kasane_tests::sample::SampleCrl;
use kasane_tests::tools::{Tool, succeed};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{AwsLc, CryptoProvider};

use super::life::{KINDS, LAST, LATE, Life, life};

const EXCEPTIONS: &str = include_str!("../../../pkilint-exceptions.toml");

/// Whom a list of this kind revokes.
fn revoked(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "root-ecc" => "root-rsa-by-ecc",
        "root-rsa" => "root-ecc-by-rsa",
        "shard" | "shard-delta" | "shard-beside" => LATE[0],
        "whole" | "whole-delta" | "whole-beside" => LATE[1],
        "shard-final" => LAST[0],
        "whole-final" => LAST[1],
        _ => return None,
    })
}

fn is_delta(kind: &str) -> bool {
    kind.ends_with("-delta") || kind.ends_with("-beside")
}

fn is_root(kind: &str) -> bool {
    kind.starts_with("root")
}

#[test]
fn there_is_a_list_of_every_kind() {
    let kinds: Vec<_> = life().lists.keys().copied().collect();
    assert_eq!(kinds, KINDS);
}

#[test]
fn openssl_sees_what_each_list_is() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl crl of every kind") else {
        return;
    };
    let Life { sample, lists } = life();
    for (kind, crl) in lists {
        let mut command = Tool::OpenSsl.command();
        command.args(["crl", "-noout", "-text", "-verify", "-in"]);
        command.arg(&crl.pem).arg("-CAfile");
        command.arg(sample.pem(&crl.published.issuer));
        let said = succeed(kind, &command.output().unwrap());
        let is_final = kind.ends_with("-final");
        for (text, wanted) in [
            ("verify OK", true),
            ("X509v3 CRL Number", true),
            ("X509v3 Authority Key Identifier", true),
            ("X509v3 Delta CRL Indicator: critical", is_delta(kind)),
            (
                "X509v3 Issuing Distribution Point: critical",
                !is_root(kind),
            ),
            (
                "X509v3 Freshest CRL",
                !is_root(kind) && !is_delta(kind) && !is_final,
            ),
            ("Next Update: Dec 31 23:59:59 9999 GMT", is_final),
        ] {
            let found = said.contains(text);
            assert_eq!(found, wanted, "{kind}, {text}: {said}");
        }
        if let Some(name) = revoked(kind) {
            let serial = hex::encode_upper(&sample.certificate(name).serial);
            assert!(said.contains(&serial), "{kind}, {name}: {said}");
        }
    }
}

#[test]
fn gnutls_verifies_lists_of_every_kind() {
    let Some(_) = Tool::CertTool.or_skip("certtool --verify-crl over the life of a CA") else {
        return;
    };
    let Life { sample, lists } = life();
    for (kind, crl) in lists {
        let mut command = Tool::CertTool.command();
        command.args(["--verify-crl", "--infile"]).arg(&crl.pem);
        let issuer = sample.pem(&crl.published.issuer);
        command.arg("--load-ca-certificate").arg(issuer);
        let said = succeed(kind, &command.output().unwrap());
        assert!(said.contains("Verified"), "{kind}: {said}");
    }
}

#[test]
fn lists_of_every_kind_have_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of CRLs over the life of a CA") else {
        return;
    };
    // Roots list CAs only, so theirs are authority revocation lists.
    let object = |(kind, crl): (&&'static str, &SampleCrl)| -> Object {
        let linted = if is_root(kind) { "arl" } else { "crl" };
        (linted, vec![crl.pem.clone()])
    };
    let objects: Vec<Object> = life().lists.iter().map(object).collect();
    assert_eq!(objects.len(), KINDS.len());
    let wrong = judge(&findings(&objects), &["crl", "arl"], EXCEPTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn verify_crate_reads_and_verifies_lists_of_every_kind() {
    let Life { sample, lists } = life();
    for (kind, crl) in lists {
        let list = CertificateList::from_der(&crl.published.der).unwrap();
        let issuer = &sample.certificate(&crl.published.issuer).der;
        let issuer = Certificate::from_der(issuer).unwrap();
        let key = AwsLc.public_key(issuer.spki()).unwrap();
        list.verify_signature(&*key).unwrap();
        assert_eq!(list.base_number().is_some(), is_delta(kind), "{kind}");
        let names_its_scope = list.issuing_distribution_point().is_some();
        assert_eq!(names_its_scope, !is_root(kind), "{kind}");
        if let Some(name) = revoked(kind) {
            let serial = &sample.certificate(name).serial;
            assert!(list.find(serial).unwrap().is_some(), "{kind}, {name}");
        }
    }
}
