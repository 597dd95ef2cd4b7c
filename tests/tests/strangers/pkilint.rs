//! pkilint over everything that the authority signs.

use kasane_tests::lint::{Object, findings, judge};
use kasane_tests::tools::Tool;

use crate::sample;
use crate::status::{Answer, answer, answer_about, answer_by};

const EXCEPTIONS: &str = include_str!("../../pkilint-exceptions.toml");

#[test]
fn certificates_have_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of certificates") else {
        return;
    };
    let sample = sample();
    let mut objects: Vec<Object> = Vec::new();
    for certificate in &sample.certificates {
        objects.push(("certificate", vec![certificate.pem.clone()]));
        let issuer = sample.pem(&certificate.issuer).to_owned();
        objects.push(("chain", vec![issuer, certificate.pem.clone()]));
    }
    assert_eq!(objects.len(), 2 * (8 + 4 + 12));
    let wrong = judge(&findings(&objects), &["certificate", "chain"], EXCEPTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn crls_have_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of CRLs") else {
        return;
    };
    let sample = sample();
    // Roots list CAs only, so theirs are authority revocation lists.
    let kind = |issuer: &str| {
        if issuer.starts_with("root") {
            "arl"
        } else {
            "crl"
        }
    };
    let objects: Vec<Object> = sample
        .crls
        .iter()
        .map(|crl| (kind(&crl.published.issuer), vec![crl.pem.clone()]))
        .collect();
    let wrong = judge(&findings(&objects), &["crl", "arl"], EXCEPTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn ocsp_responses_have_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of OCSP responses") else {
        return;
    };
    let Some(_) = Tool::OpenSsl.or_skip("pkilint of OCSP responses") else {
        return;
    };
    let sample = sample();
    let mut answers: Vec<Answer> = sample
        .subscribers()
        .flat_map(|certificate| {
            let plain = answer_by("-sha1", certificate, false);
            [plain, answer(certificate, true), answer(certificate, false)]
        })
        .collect();
    assert_eq!(answers.len(), 36);
    for issuer in ["issuing-rsa", "issuing-ecc-terminal"] {
        let subscribers = sample.subscribers();
        let of_issuer: Vec<_> = subscribers.filter(|it| it.issuer == issuer).collect();
        // Good and revoked ones in one response, and what was never recorded.
        answers.push(answer_about(&of_issuer, "-sha256", true));
        let unrecorded = sample.unrecorded(of_issuer[0]);
        answers.push(answer(&unrecorded, true));
        answers.push(answer_about(&[&unrecorded, of_issuer[0]], "-sha1", false));
    }
    let objects: Vec<Object> = answers
        .into_iter()
        .map(|answer| ("ocsp", vec![answer.response]))
        .collect();
    let wrong = judge(&findings(&objects), &["ocsp"], EXCEPTIONS);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn linter_finds_what_is_wrong() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of a bad certificate") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("bad.pem");
    // A version 3 certificate without extensions, the subject as its own issuer.
    let key = kasane_tests::sample::Key::P256.generate();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    std::fs::write(&pem, params.self_signed(&key).unwrap().pem()).unwrap();
    let found = findings(&[("certificate", vec![pem])]);
    assert!(!judge(&found, &["certificate"], "").is_empty(), "{found:?}");
}

#[test]
fn exception_without_a_finding_is_refused() {
    let exceptions = "[[exception]]\nkind = 'crl'\ncode = 'x'\nobjects = ['*']\n\
                      reason = 'long enough to be one'\n";
    assert_eq!(judge(&[], &["crl"], exceptions).len(), 1);
    assert!(judge(&[], &["certificate"], exceptions).is_empty());
}
