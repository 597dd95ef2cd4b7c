//! Java's own PKIX provider: paths, CRLs by distribution point, OCSP by authority information access.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use kasane_ca_core::authority::Status;
use kasane_tests::sample::SampleCertificate;
use kasane_tests::tools::{Tool, root, text};

use crate::status::REVOKED;
use crate::{sample, ways};

/// What Java answered to a question.
pub(crate) struct Answer {
    pub(crate) question: String,
    pub(crate) said: String,
}

/// Questions for one run of the virtual machine.
#[derive(Default)]
pub(crate) struct Questions(Vec<String>);

impl Questions {
    fn add(&mut self, mode: &str, anchor: &str, chain: &[&Path]) -> &mut Self {
        self.add_files(mode, sample().pem(anchor), chain)
    }

    pub(crate) fn add_files(&mut self, mode: &str, anchor: &Path, chain: &[&Path]) -> &mut Self {
        let mut parts = vec![mode, anchor.to_str().unwrap()];
        parts.extend(chain.iter().map(|path| path.to_str().unwrap()));
        self.0.push(parts.join("\t"));
        self
    }

    /// `certificate` from `anchor` through `between`.
    fn chain(&mut self, mode: &str, certificate: &SampleCertificate, way: &(&str, Vec<&str>)) {
        let mut chain = vec![certificate.pem.as_path()];
        chain.extend(way.1.iter().map(|name| sample().pem(name)));
        self.add(mode, way.0, &chain);
    }

    pub(crate) fn ask(&self) -> Vec<Answer> {
        let mut child = Tool::Java
            .command()
            .args(["-Xshare:auto", "-XX:TieredStopAtLevel=1"])
            .arg("-Dcom.sun.security.enableAIAcaIssuers=true")
            .arg(root().join("tests/java/Revocation.java"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let lines = self.0.join("\n") + "\n";
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let written = writer.join().unwrap();
        assert!(output.status.success(), "java: {}", text(&output));
        written.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<_> = said.lines().map(str::to_owned).collect();
        assert_eq!(answers.len(), self.0.len(), "{said}");
        let pairs = self.0.iter().cloned().zip(answers);
        pairs
            .map(|(question, said)| Answer { question, said })
            .collect()
    }
}

/// Java takes the common name for a DNS name where there is no other, also one of a single label, and
/// the server CA's names are constrained: a system that is a client only is not one of them.
const CONSTRAINED: &str = "system-client-ecc";

/// What Java is to say about `certificate`.
fn expected(certificate: &SampleCertificate) -> String {
    if certificate.profile == CONSTRAINED {
        return "refused INVALID_NAME name constraints check failed".to_owned();
    }
    let authority = &sample().authority;
    match authority.status(&certificate.issuer, &certificate.serial) {
        Ok(Status::Good) => {
            assert!(!REVOKED.contains(&certificate.name.as_str()));
            "good".to_owned()
        }
        Ok(Status::Revoked { date, .. }) => {
            // Java calls a reason that is not stated so.
            let reason = if certificate.name == REVOKED[0] {
                "KEY_COMPROMISE"
            } else {
                "UNSPECIFIED"
            };
            format!("revoked {reason} {}", date.seconds())
        }
        status => panic!("{}: {status:?}", certificate.name),
    }
}

/// Every way to ask for status that Java has. The ones that ask CRLs fetch the shard that the
/// certificate names.
const MODES: [&str; 7] = [
    "legacy-crls",
    "legacy-ocsp",
    "crls-only",
    "crls-first",
    "ocsp-first",
    "ocsp-of-end-entity",
    "ocsp-nonce",
];

#[test]
fn java_sees_every_status_by_crl_and_by_ocsp_from_both_anchors() {
    if Tool::Java
        .or_skip("Java: CRLs and OCSP of every chain")
        .is_none()
    {
        return;
    }
    let mut questions = Questions::default();
    let mut wanted = Vec::new();
    for certificate in sample().subscribers() {
        for way in ways(&certificate.issuer) {
            for mode in MODES {
                questions.chain(mode, certificate, &way);
                wanted.push((mode, expected(certificate), certificate.name == REVOKED[0]));
            }
        }
    }
    assert_eq!(wanted.len(), 12 * 2 * MODES.len());
    for (answer, (mode, wanted, has_invalidity_date)) in questions.ask().iter().zip(wanted) {
        let Answer { question, said } = answer;
        if !wanted.starts_with("revoked") {
            assert_eq!(*said, wanted, "{question}");
            continue;
        }
        let (most, invalidity) = said.rsplit_once(' ').unwrap_or_default();
        assert_eq!(most, wanted, "{said}: {question}");
        // OCSP has no place for it that anybody reads.
        let is_crl = mode.contains("crls");
        assert_eq!(
            invalidity != "-",
            is_crl && has_invalidity_date,
            "{said}: {question}"
        );
    }
}

#[test]
fn java_refuses_what_has_no_status_or_no_record() {
    if Tool::Java.or_skip("Java: no status, no record").is_none() {
        return;
    }
    let mut questions = Questions::default();
    let originals = [
        "terminal-ecc.facility-1312345679-1",
        "server-rsa.system-claims-1",
    ];
    for name in originals {
        let original = sample().certificate(name);
        let unrecorded = sample().unrecorded(original);
        for way in ways(&original.issuer) {
            // Nobody is asked: no status is no path.
            questions.chain("legacy-nothing", original, &way);
            // CA certificates have CRLs only.
            questions.chain("ocsp-only", original, &way);
            // RFC 6960 §2.2: what was never issued is revoked by OCSP; a CRL cannot know.
            for mode in [
                "ocsp-of-end-entity",
                "ocsp-nonce",
                "ocsp-first",
                "legacy-ocsp",
            ] {
                questions.chain(mode, &unrecorded, &way);
            }
            questions.chain("crls-only", &unrecorded, &way);
        }
    }
    let answers = questions.ask();
    assert_eq!(answers.len(), 2 * 2 * 7);
    for answers in answers.chunks(7) {
        let Answer { question, said } = &answers[1];
        assert!(
            said.contains("does not specify OCSP responder"),
            "{said}: {question}"
        );
        let Answer { question, said } = &answers[0];
        assert!(
            said.starts_with("refused UNDETERMINED_REVOCATION_STATUS"),
            "{said}: {question}"
        );
        for Answer { question, said } in &answers[2..6] {
            assert_eq!(said, "revoked CERTIFICATE_HOLD 0 -", "{question}");
        }
        assert_eq!(answers[6].said, "good", "{}", answers[6].question);
    }
}

#[test]
fn java_finds_its_way_by_the_addresses_in_certificates() {
    if Tool::Java.or_skip("Java: paths by caIssuers").is_none() {
        return;
    }
    let mut questions = Questions::default();
    for certificate in sample().subscribers() {
        let [(own, _), (other, between)] = ways(&certificate.issuer);
        let end_entity = certificate.pem.as_path();
        questions.add("build", own, &[end_entity]);
        // The cross-certificate is no issuer's own: whoever wants that way brings it along.
        questions.add("build", other, &[end_entity]);
        questions.add("build", other, &[end_entity, sample().pem(between[1])]);
    }
    for (answers, certificate) in questions.ask().chunks(3).zip(sample().subscribers()) {
        let [own, without, with] = answers else {
            panic!("three answers each");
        };
        assert!(
            without.said.starts_with("refused"),
            "{}: {}",
            without.said,
            without.question
        );
        if certificate.profile == CONSTRAINED {
            continue;
        }
        let wanted = expected(certificate);
        for Answer { question, said } in [own, with] {
            assert!(said.starts_with(&wanted), "{said}: {question}");
        }
    }
}
