//! CRLs and OCSP responses, as OpenSSL and GnuTLS see them.

use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use kasane_crl::CrlKind;
use kasane_tests::sample::{SampleCertificate, SampleCrl};
use kasane_tests::tools::{Tool, fail, succeed, text};

use crate::{sample, ways};

pub(crate) const REVOKED: [&str; 2] = [
    "terminal-rsa.facility-1312345679-2",
    "terminal-ecc.facility-1312345679-4",
];

/// A request made by OpenSSL and the authority's response, as files.
pub(crate) struct Answer {
    pub(crate) request: PathBuf,
    pub(crate) response: PathBuf,
}

/// Asks about `certificate` as OpenSSL asks.
pub(crate) fn answer(certificate: &SampleCertificate, nonce: bool) -> Answer {
    answer_by("-sha256", certificate, nonce)
}

/// The same with another digest in the `CertID`.
pub(crate) fn answer_by(digest: &str, certificate: &SampleCertificate, nonce: bool) -> Answer {
    answer_about(&[certificate], digest, nonce)
}

/// The same about several certificates of one issuer at once.
pub(crate) fn answer_about(
    certificates: &[&SampleCertificate],
    digest: &str,
    nonce: bool,
) -> Answer {
    let sample = sample();
    // Tests ask at the same time: each has files of its own.
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let kind = if nonce { "nonce" } else { "plain" };
    let number = ASKED.fetch_add(1, Ordering::Relaxed);
    let first = certificates[0];
    let name = format!("{}-{kind}-{number}", first.name);
    let (request, response) = (
        sample.folder.join(format!("{name}.req")),
        sample.folder.join(format!("{name}.resp")),
    );
    let mut command = Tool::OpenSsl.command();
    command.args(["ocsp", digest, if nonce { "-nonce" } else { "-no_nonce" }]);
    command.arg("-issuer").arg(sample.pem(&first.issuer));
    for certificate in certificates {
        command.arg("-cert").arg(&certificate.pem);
    }
    command.arg("-reqout").arg(&request);
    let _ = succeed(&name, &command.output().unwrap());
    let der = fs::read(&request).unwrap();
    let answer = sample
        .responder
        .respond(Some(&first.issuer), &der, sample.authority.now());
    fs::write(&response, &answer.der).unwrap();
    Answer { request, response }
}

fn check(certificate: &SampleCertificate, answer: &Answer) -> Output {
    let sample = sample();
    let anchor = if certificate.issuer == "issuing-rsa" {
        "root-rsa"
    } else {
        "root-ecc"
    };
    let mut command = Tool::OpenSsl.command();
    // The nonce of the request in the file is compared; no second one is added.
    command
        .args(["ocsp", "-sha256", "-no_nonce", "-reqin"])
        .arg(&answer.request);
    command.arg("-respin").arg(&answer.response);
    command.arg("-issuer").arg(sample.pem(&certificate.issuer));
    command
        .arg("-cert")
        .arg(&certificate.pem)
        .arg("-CAfile")
        .arg(sample.pem(anchor));
    command
        .arg("-verify_other")
        .arg(sample.pem(&certificate.issuer));
    command
        .arg("-no-CApath")
        .arg("-no-CAstore")
        .output()
        .unwrap()
}

#[test]
fn openssl_reads_ocsp_responses() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl ocsp") else {
        return;
    };
    for certificate in sample().subscribers() {
        for nonce in [true, false] {
            let said = succeed(
                &certificate.name,
                &check(certificate, &answer(certificate, nonce)),
            );
            assert!(
                said.contains("Response verify OK"),
                "{}: {said}",
                certificate.name
            );
            assert!(
                !said.to_lowercase().contains("nonce"),
                "{}: {said}",
                certificate.name
            );
            let revoked = REVOKED.contains(&certificate.name.as_str());
            let expected = if revoked { ": revoked" } else { ": good" };
            assert!(said.contains(expected), "{}: {said}", certificate.name);
            // No reason is stated where none was given (RFC 5280 §5.3.1).
            let reason = said.contains("Reason: keyCompromise");
            assert_eq!(reason, certificate.name == REVOKED[0], "{said}");
        }
    }
}

#[test]
fn openssl_refuses_an_answer_to_another_question() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl ocsp with another's answer") else {
        return;
    };
    let sample = sample();
    let one = sample.certificate("terminal-ecc.facility-1312345679-1");
    let other = sample.certificate("terminal-ecc.facility-1312345679-2");
    let said = text(&check(other, &answer(one, false)));
    assert!(
        !said.contains(": good") && !said.contains(": revoked"),
        "{said}"
    );
    // One octet of the signature changed.
    let damaged = answer(one, false);
    let mut der = fs::read(&damaged.response).unwrap();
    let middle = der.len() / 2;
    der[middle] ^= 1;
    let response = sample.folder.join("damaged.resp");
    fs::write(&response, der).unwrap();
    let said = text(&check(
        one,
        &Answer {
            response,
            ..damaged
        },
    ));
    assert!(!said.contains("Response verify OK"), "{said}");
}

#[test]
fn gnutls_reads_ocsp_responses() {
    let Some(_) = Tool::OcspTool.or_skip("ocsptool") else {
        return;
    };
    let sample = sample();
    for certificate in sample.subscribers() {
        let answer = answer(certificate, false);
        let mut command = Tool::OcspTool.command();
        command
            .arg("--verify-response")
            .arg("--load-response")
            .arg(&answer.response);
        command
            .arg("--load-trust")
            .arg(sample.pem(&certificate.issuer));
        let said = succeed(&certificate.name, &command.output().unwrap());
        assert!(said.contains("Success"), "{}: {said}", certificate.name);
    }
}

fn crls(issuer: &str, kind: CrlKind) -> Vec<&'static SampleCrl> {
    let crls = sample().crls.iter();
    crls.filter(|crl| crl.published.issuer == issuer && crl.published.kind == kind)
        .collect()
}

#[test]
fn every_crl_verifies_and_prints() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl crl") else {
        return;
    };
    // One list each for the roots and the RSA issuer, 16 shards for the others; no deltas of roots.
    assert_eq!(sample().crls.len(), 2 + 2 * (1 + 3 * 16));
    for crl in &sample().crls {
        let what = crl.pem.display().to_string();
        let mut command = Tool::OpenSsl.command();
        command
            .args(["crl", "-noout", "-text", "-verify", "-in"])
            .arg(&crl.pem);
        command
            .arg("-CAfile")
            .arg(sample().pem(&crl.published.issuer));
        let said = succeed(&what, &command.output().unwrap());
        assert!(said.contains("verify OK"), "{what}: {said}");
        assert!(said.contains("X509v3 CRL Number"), "{what}: {said}");
        let delta = crl.published.kind == CrlKind::Delta;
        assert_eq!(
            said.contains("X509v3 Delta CRL Indicator: critical"),
            delta,
            "{what}: {said}"
        );
    }
}

#[test]
fn gnutls_verifies_every_crl() {
    let Some(_) = Tool::CertTool.or_skip("certtool --verify-crl") else {
        return;
    };
    for crl in &sample().crls {
        let what = crl.pem.display().to_string();
        let mut command = Tool::CertTool.command();
        command.args(["--verify-crl", "--infile"]).arg(&crl.pem);
        command
            .arg("--load-ca-certificate")
            .arg(sample().pem(&crl.published.issuer));
        let said = succeed(&what, &command.output().unwrap());
        assert!(said.contains("Verified"), "{what}: {said}");
    }
}

/// Each certificate names the shard it would be listed in, and only that list decides.
#[test]
fn openssl_checks_revocation_along_every_path() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify -crl_check_all") else {
        return;
    };
    let sample = sample();
    for certificate in sample.subscribers() {
        let shard = sample
            .authority
            .issuer(&certificate.issuer)
            .unwrap()
            .shard_of(&certificate.serial);
        for (anchor, between) in ways(&certificate.issuer) {
            let mut lists = Vec::new();
            for name in ["root-rsa", "root-ecc"] {
                lists.extend(crls(name, CrlKind::Full));
            }
            let own: Vec<_> = crls(&certificate.issuer, CrlKind::Full);
            lists.push(own.iter().find(|crl| crl.published.shard == shard).unwrap());
            let said = with_lists(certificate, anchor, &between, &lists);
            let what = format!("{} from {anchor}", certificate.name);
            if REVOKED.contains(&certificate.name.as_str()) {
                let said = fail(&what, &said);
                assert!(said.contains("certificate revoked"), "{what}: {said}");
            } else {
                let _ = succeed(&what, &said);
            }
            // The other shards' lists say nothing about it.
            if own.len() > 1 {
                lists.pop();
                lists.extend(own.iter().filter(|crl| crl.published.shard != shard));
                let said = fail(&what, &with_lists(certificate, anchor, &between, &lists));
                assert!(!said.contains("certificate revoked"), "{what}: {said}");
            }
        }
    }
}

fn with_lists(
    certificate: &SampleCertificate,
    anchor: &str,
    between: &[&str],
    lists: &[&SampleCrl],
) -> Output {
    let sample = sample();
    let mut command = Tool::OpenSsl.command();
    command.args([
        "verify",
        "-x509_strict",
        "-no-CApath",
        "-no-CAstore",
        "-crl_check_all",
    ]);
    command.arg("-CAfile").arg(sample.pem(anchor));
    command.arg("-untrusted").arg(sample.bundle(between));
    for list in lists {
        command.arg("-CRLfile").arg(&list.pem);
    }
    command.arg(&certificate.pem).output().unwrap()
}
