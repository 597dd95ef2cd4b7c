//! What was issued before its CA was taken over: `unknown`, as programs of others see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_crl::{Publisher, Schedule};
use kasane_ocsp::Responder;
use kasane_tests::lint::{findings, judge};
use kasane_tests::status_listener::{StatusAddress, StatusListener};
use kasane_tests::tools::{Tool, succeed};
use kasane_verify::certificate::Certificate;
use tempfile::TempDir;
use x509_cert::der::pem::{LineEnding, encode_string};

use crate::common::World;
use crate::common::imported::{self, IssuingKey};
use crate::java::Questions;

const ISSUING: &str = "issuing-ecc-terminal";

/// An authority that took over a CA, with a certificate of before that names its responder, as files.
struct TakenOver {
    folder: TempDir,
    responder: Arc<Responder>,
    world: World,
    _status: StatusListener,
}

impl TakenOver {
    fn make() -> Self {
        let at = SystemClock.now().plus_seconds(-60);
        let world = imported::world_at(at, IssuingKey::Before, 0);
        let authority = Arc::clone(&world.authority);
        let publisher = Publisher::new(Arc::clone(&authority), Schedule::default()).unwrap();
        let publisher = Arc::new(publisher);
        let sweep = publisher.publish_due(authority.now());
        assert!(sweep.failed.is_empty(), "{:?}", sweep.failed);
        let responder = Arc::new(Responder::new(Arc::clone(&authority)));
        responder.ensure_signers(authority.now());
        let address = StatusAddress::take();
        let url = format!("{}/ocsp", address.url());
        let (_, before) = imported::certificate_that_names(&world, Some(&url));
        let folder = tempfile::tempdir().unwrap();
        let der_of = |name| authority.issuer(name).unwrap().certificate_der.clone();
        for (name, der) in [
            ("before", before),
            ("issuing", der_of(ISSUING)),
            ("root", der_of("root-ecc")),
        ] {
            let pem = encode_string("CERTIFICATE", LineEnding::LF, &der).unwrap();
            fs::write(folder.path().join(format!("{name}.pem")), pem).unwrap();
        }
        Self {
            _status: address.serve(&authority, &publisher, &responder, world.folder.ledger()),
            folder,
            responder,
            world,
        }
    }

    fn pem(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.pem"))
    }

    /// Request and response about the certificate of before, as OpenSSL asks.
    fn answer(&self, digest: &str, nonce: &str) -> (PathBuf, PathBuf) {
        let place = |ending: &str| self.folder.path().join(format!("{digest}{nonce}.{ending}"));
        let (request, response) = (place("req"), place("resp"));
        let mut command = Tool::OpenSsl.command();
        command.args(["ocsp", digest, nonce, "-issuer"]);
        command.arg(self.pem("issuing"));
        command.arg("-cert").arg(self.pem("before"));
        command.arg("-reqout").arg(&request);
        let _ = succeed("asking", &command.output().unwrap());
        let der = fs::read(&request).unwrap();
        let now = self.world.authority.now();
        let answer = self.responder.respond(Some(ISSUING), &der, now);
        fs::write(&response, &answer.der).unwrap();
        (request, response)
    }
}

const KINDS: [(&str, &str); 3] = [
    ("-sha1", "-no_nonce"),
    ("-sha256", "-no_nonce"),
    ("-sha256", "-nonce"),
];

#[test]
fn openssl_sees_unknown_and_not_revoked() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl ocsp of a certificate of before") else {
        return;
    };
    let there = TakenOver::make();
    for (digest, nonce) in KINDS {
        let (request, response) = there.answer(digest, nonce);
        let mut command = Tool::OpenSsl.command();
        command.args(["ocsp", digest, "-no_nonce", "-reqin"]);
        command.arg(&request).arg("-respin").arg(&response);
        command.arg("-issuer").arg(there.pem("issuing"));
        command.arg("-cert").arg(there.pem("before"));
        command.arg("-CAfile").arg(there.pem("root"));
        command.arg("-verify_other").arg(there.pem("issuing"));
        command.args(["-no-CApath", "-no-CAstore"]);
        let said = succeed(digest, &command.output().unwrap());
        assert!(said.contains("Response verify OK"), "{said}");
        assert!(said.contains("before.pem: unknown"), "{said}");
        assert!(!said.contains("revoked"), "{said}");
    }
}

#[test]
fn gnutls_sees_unknown_and_not_revoked() {
    let Some(_) = Tool::OcspTool.or_skip("ocsptool of a certificate of before") else {
        return;
    };
    let Some(_) = Tool::OpenSsl.or_skip("ocsptool of a certificate of before") else {
        return;
    };
    let there = TakenOver::make();
    for (digest, nonce) in KINDS {
        let (_, response) = there.answer(digest, nonce);
        let mut command = Tool::OcspTool.command();
        command
            .arg("--response-info")
            .arg("--infile")
            .arg(&response);
        let said = succeed(digest, &command.output().unwrap());
        assert!(said.contains("Certificate Status: unknown"), "{said}");
        let mut command = Tool::OcspTool.command();
        command.arg("--verify-response");
        command.arg("--load-response").arg(&response);
        command.arg("--load-trust").arg(there.pem("issuing"));
        let said = succeed(digest, &command.output().unwrap());
        assert!(said.contains("Success"), "{said}");
    }
}

/// Java lets nobody in whose status is unknown, and says why: the difference is for whoever reads it.
#[test]
fn java_sees_unknown_and_not_revoked() {
    if Tool::Java
        .or_skip("Java: OCSP of a certificate of before")
        .is_none()
    {
        return;
    }
    let there = TakenOver::make();
    let (before, issuing) = (there.pem("before"), there.pem("issuing"));
    let chain: [&Path; 2] = [&before, &issuing];
    let mut questions = Questions::default();
    for mode in ["ocsp-of-end-entity", "ocsp-nonce"] {
        questions.add_files(mode, &there.pem("root"), &chain);
    }
    for answer in questions.ask() {
        assert_eq!(
            answer.said,
            "refused UNDETERMINED_REVOCATION_STATUS Certificate's revocation status is unknown",
            "{}",
            answer.question
        );
    }
}

#[test]
fn response_of_unknown_has_no_unexplained_finding() {
    let Some(_) = Tool::PkiLint.or_skip("pkilint of an unknown response") else {
        return;
    };
    let Some(_) = Tool::OpenSsl.or_skip("pkilint of an unknown response") else {
        return;
    };
    let there = TakenOver::make();
    let objects: Vec<_> = KINDS
        .iter()
        .map(|(digest, nonce)| ("ocsp", vec![there.answer(digest, nonce).1]))
        .collect();
    let exceptions = include_str!("../../pkilint-exceptions.toml");
    let wrong = judge(&findings(&objects), &["ocsp"], exceptions);
    assert_eq!(wrong, Vec::<String>::new());
}

/// What the other tests rest on: the certificate is one of the CA's.
#[test]
fn certificate_of_before_verifies() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl verify of a certificate of before") else {
        return;
    };
    let there = TakenOver::make();
    let der = fs::read(there.pem("before")).unwrap();
    let der = kasane_verify::pem::certificates(&der).unwrap().remove(0);
    assert!(Certificate::from_der(&der).is_ok());
    let mut command = Tool::OpenSsl.command();
    command.args(["verify", "-no-CApath", "-no-CAstore", "-CAfile"]);
    command.arg(there.pem("root"));
    command.arg("-untrusted").arg(there.pem("issuing"));
    command.arg(there.pem("before"));
    let _ = succeed("the chain", &command.output().unwrap());
}
