//! What OpenSSL makes of the status that is served.

use std::path::{Path, PathBuf};
use std::process::Command;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::clock::Clock;
use kasane_ca_core::pipeline::Issued;
use kasane_crl::CrlKind;
use kasane_verify::revocation::RevocationReason;
use kasane_web::server::Limits;

use crate::common::{p384, requester, rsa2048, terminal_order};
use crate::server::Server;

/// The scene: a server, files for the tool, and the instant the tool is told.
struct Scene {
    server: Server,
    files: tempfile::TempDir,
}

impl Scene {
    /// None when there is no such tool; the test says so by its name.
    fn set(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: {test}: openssl is not on PATH");
            return None;
        }
        let server = Server::start(Limits::default());
        Some(Self {
            server,
            files: tempfile::tempdir().unwrap(),
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// Writes DER as PEM.
    fn pem(&self, name: &str, command: &str, der: &[u8]) -> PathBuf {
        let (from, to) = (self.file(&format!("{name}.der")), self.file(name));
        std::fs::write(&from, der).unwrap();
        let (ok, text) = run(&[
            command,
            "-inform",
            "DER",
            "-in",
            path(&from),
            "-out",
            path(&to),
        ]);
        assert!(ok, "{text}");
        to
    }

    fn ca(&self, name: &str) -> PathBuf {
        let answer = self.server.get(&format!("/ca/{name}.cer"));
        self.pem(&format!("{name}.pem"), "x509", &answer.body)
    }

    fn crl(&self, url: &str) -> PathBuf {
        let at = url.splitn(4, '/').nth(3).unwrap();
        let answer = self.server.get(&format!("/{at}"));
        assert_eq!(answer.status, 200, "{url}");
        self.pem(&at.replace('/', "-"), "crl", &answer.body)
    }

    fn at(&self) -> String {
        self.server
            .world
            .clock
            .now()
            .plus_seconds(60)
            .seconds()
            .to_string()
    }

    fn issue(&self, profile: &str) -> Issued {
        let key = p384();
        let key = if profile == "terminal-rsa" {
            rsa2048()
        } else {
            &key
        };
        let order = terminal_order(profile, 1, key);
        self.server
            .world
            .authority
            .issue(&requester(), order)
            .unwrap()
    }

    fn revoke(&self, issued: &Issued) {
        let order = RevocationOrder {
            issuer: &issued.issuer,
            serial: &issued.serial,
            reason: Some(RevocationReason::KeyCompromise),
            invalidity_date: Some(self.server.world.clock.now().plus_seconds(-60)),
        };
        self.server
            .world
            .authority
            .revoke(&Actor::system(), &order)
            .unwrap();
    }

    fn ocsp(&self, issued: &Issued, root: &str, digest: &str, nonce: &str) -> (bool, String) {
        let address = format!("/ocsp/{}", issued.issuer);
        self.ocsp_at(&address, issued, root, digest, nonce)
    }

    fn ocsp_at(
        &self,
        address: &str,
        issued: &Issued,
        root: &str,
        digest: &str,
        nonce: &str,
    ) -> (bool, String) {
        let (ca, root) = (self.ca(&issued.issuer), self.ca(root));
        let certificate = self.pem("certificate.pem", "x509", &issued.der);
        let url = format!("http://{}{address}", self.server.address);
        run(&[
            "ocsp",
            "-issuer",
            path(&ca),
            digest,
            "-cert",
            path(&certificate),
            "-url",
            &url,
            "-CAfile",
            path(&root),
            "-verify_other",
            path(&ca),
            nonce,
            "-attime",
            &self.at(),
            // The tool compares thisUpdate with the machine's clock; the scene has its own.
            "-validity_period",
            "2000000000",
        ])
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

const HIERARCHIES: [(&str, &str); 2] = [("terminal-ecc", "root-ecc"), ("terminal-rsa", "root-rsa")];

#[test]
fn openssl_believes_ocsp_responses() {
    let Some(scene) = Scene::set("openssl_believes_ocsp_responses") else {
        return;
    };
    for (profile, root) in HIERARCHIES {
        let issued = scene.issue(profile);
        for digest in ["-sha1", "-sha256"] {
            for nonce in ["-nonce", "-no_nonce"] {
                let (ok, text) = scene.ocsp(&issued, root, digest, nonce);
                let place = format!("{profile} {digest} {nonce}: {text}");
                assert!(ok && text.contains("Response verify OK"), "{place}");
                assert!(text.contains("certificate.pem: good"), "{place}");
                assert!(!text.to_lowercase().contains("warning"), "{place}");
                // The one address of both hierarchies says the same.
                let (ok, text) = scene.ocsp_at("/ocsp", &issued, root, digest, nonce);
                let place = format!("{profile} {digest} {nonce}: {text}");
                assert!(ok && text.contains("Response verify OK"), "{place}");
                assert!(text.contains("certificate.pem: good"), "{place}");
            }
        }
        scene.revoke(&issued);
        let (ok, text) = scene.ocsp(&issued, root, "-sha1", "-nonce");
        assert!(
            ok && text.contains("Response verify OK"),
            "{profile}: {text}"
        );
        assert!(
            text.contains("certificate.pem: revoked"),
            "{profile}: {text}"
        );
        assert!(text.contains("Reason: keyCompromise"), "{profile}: {text}");
    }
}

#[test]
fn openssl_believes_crls() {
    let Some(scene) = Scene::set("openssl_believes_crls") else {
        return;
    };
    let sweep = scene
        .server
        .publisher
        .publish_due(scene.server.world.clock.now());
    assert!(sweep.failed.is_empty(), "{:?}", sweep.failed);
    for crl in sweep.published {
        let urls = &scene.server.world.authority.configuration().urls;
        let url = match crl.kind {
            CrlKind::Full => urls.crl(&crl.issuer, crl.shard),
            CrlKind::Delta => urls.delta_crl(&crl.issuer, crl.shard),
        };
        // One shard of each issuer is enough for a process per list.
        if crl.shard % 16 == 0 {
            let (file, ca) = (scene.crl(&url), scene.ca(&crl.issuer));
            let (ok, text) = run(&["crl", "-in", path(&file), "-CAfile", path(&ca), "-noout"]);
            assert!(ok && text.contains("verify OK"), "{url}: {text}");
        }
    }
}

#[test]
fn openssl_checks_a_chain_against_the_crls_of_its_certificates() {
    let name = "openssl_checks_a_chain_against_the_crls_of_its_certificates";
    let Some(scene) = Scene::set(name) else {
        return;
    };
    let now = scene.server.world.clock.now();
    scene.server.publisher.publish_due(now);
    for (profile, root_name) in HIERARCHIES {
        let issued = scene.issue(profile);
        let issuer = scene.server.world.authority.issuer(&issued.issuer).unwrap();
        let shard = issuer.shard_of(&issued.serial);
        let urls = &scene.server.world.authority.configuration().urls;
        let (root, ca) = (scene.ca(root_name), scene.ca(&issued.issuer));
        let certificate = scene.pem("certificate.pem", "x509", &issued.der);
        let root_crl = scene.crl(&urls.crl(root_name, 0));
        let check = |deltas: bool| {
            let crl = scene.crl(&urls.crl(&issued.issuer, shard));
            let delta = scene.crl(&urls.delta_crl(&issued.issuer, shard));
            let at = scene.at();
            let mut arguments = vec![
                "verify",
                "-attime",
                &at,
                "-crl_check_all",
                "-CAfile",
                path(&root),
                "-untrusted",
                path(&ca),
                "-CRLfile",
                path(&root_crl),
                "-CRLfile",
                path(&crl),
            ];
            if deltas {
                arguments.extend(["-use_deltas", "-extended_crl", "-CRLfile", path(&delta)]);
            }
            arguments.push(path(&certificate));
            run(&arguments)
        };
        for deltas in [false, true] {
            let (ok, text) = check(deltas);
            assert!(ok, "{profile}, deltas {deltas}: {text}");
        }
        scene.revoke(&issued);
        let sweep = scene.server.publisher.revoked(&issued.issuer, shard, now);
        assert_eq!(sweep.published.len(), 3, "{:?}", sweep.failed);
        for deltas in [false, true] {
            let (ok, text) = check(deltas);
            assert!(
                !ok && text.contains("certificate revoked"),
                "{profile}, {deltas}: {text}"
            );
        }
    }
}

#[test]
fn openssl_finds_a_revocation_in_the_delta_alone() {
    let Some(scene) = Scene::set("openssl_finds_a_revocation_in_the_delta_alone") else {
        return;
    };
    let now = scene.server.world.clock.now();
    scene.server.publisher.publish_due(now);
    let issued = scene.issue("terminal-ecc");
    let issuer = scene.server.world.authority.issuer(&issued.issuer).unwrap();
    let shard = issuer.shard_of(&issued.serial);
    let urls = &scene.server.world.authority.configuration().urls;
    let base = scene.crl(&urls.crl(&issued.issuer, shard));
    scene.revoke(&issued);
    let sweep = scene.server.publisher.revoked(&issued.issuer, shard, now);
    let delta = scene.pem("delta.pem", "crl", &sweep.published.first().unwrap().der);
    let certificate = scene.pem("certificate.pem", "x509", &issued.der);
    let (root, ca) = (scene.ca("root-ecc"), scene.ca(&issued.issuer));
    let at = scene.at();
    let common = [
        "verify",
        "-attime",
        &at,
        "-crl_check",
        "-CAfile",
        path(&root),
        "-untrusted",
        path(&ca),
        "-CRLfile",
        path(&base),
    ];
    let (ok, text) = run(&[&common[..], &[path(&certificate)]].concat());
    assert!(ok, "the base does not have it: {text}");
    let more = [
        "-use_deltas",
        "-extended_crl",
        "-CRLfile",
        path(&delta),
        path(&certificate),
    ];
    let (ok, text) = run(&[&common[..], &more].concat());
    assert!(!ok && text.contains("certificate revoked"), "{text}");
}
