//! OpenSSL and GnuTLS ask the running service over the network.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use kasane_tests::program::Service;
use kasane_tests::sample::Key;
use kasane_tests::tools::{Tool, succeed};

use crate::World;
use crate::status_under_load::issue_command;

/// Files for the tools.
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) issuer: PathBuf,
    pub(crate) root: PathBuf,
}

/// A CA's certificate from the service, as PEM.
pub(crate) fn ca(service: &Service, folder: &Path, name: &str) -> PathBuf {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    let head = format!("GET /ca/{name}.cer HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{name}");
    let body = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    let path = folder.join(format!("{name}.pem"));
    let pem = pem_of(&answer[body..]);
    std::fs::write(&path, pem).unwrap();
    path
}

fn pem_of(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

pub(crate) fn openssl(files: &Files, url: &str, nonce: &str, digest: &str) -> String {
    let mut command = Tool::OpenSsl.command();
    command.args(["ocsp", "-url", url, nonce, "-issuer"]);
    command.arg(&files.issuer).args([digest, "-cert"]);
    command.arg(&files.certificate).arg("-CAfile");
    command.arg(&files.root).arg("-verify_other");
    command.arg(&files.issuer);
    succeed(url, &command.output().unwrap())
}

fn ocsptool(files: &Files, url: &str, nonce: &str) -> String {
    let mut command = Tool::OcspTool.command();
    command
        .arg(format!("--ask={url}"))
        .arg(nonce)
        .arg("--load-cert");
    command.arg(&files.certificate).arg("--load-issuer");
    command.arg(&files.issuer).arg("--load-trust");
    command.arg(&files.issuer);
    // It reports a revoked certificate by its exit status as well.
    let output = command.output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// One family, with two of its certificates.
struct Family {
    issuer: &'static str,
    files: Files,
    serial: String,
    other: PathBuf,
}

impl Family {
    fn enrol(world: &World, service: &Service, profile: &str, key: &Key) -> Self {
        let (issuer, root) = match profile {
            "terminal-ecc" => ("issuing-ecc-terminal", "root-ecc"),
            _ => ("issuing-rsa", "root-rsa"),
        };
        let folder = world.folder.path();
        let command = issue_command(key, profile);
        let write = |name: &str| {
            let issued = world.post(&command, || {}).unwrap();
            let issued = &issued["issued"];
            let path = folder.join(format!("{profile}-{name}.pem"));
            std::fs::write(&path, issued["pem"].as_str().unwrap()).unwrap();
            (path, issued["serial"].as_str().unwrap().to_owned())
        };
        let (certificate, serial) = write("first");
        let (other, _) = write("second");
        Self {
            issuer,
            files: Files {
                certificate,
                issuer: ca(service, folder, issuer),
                root: ca(service, folder, root),
            },
            serial,
            other,
        }
    }

    /// What each tool says at either address, with and without a nonce.
    fn check(&self, base: &str, status: &str) {
        let Self { issuer, files, .. } = self;
        for url in [base.to_owned(), format!("{base}/{issuer}")] {
            if Tool::OpenSsl.or_skip("openssl ocsp -url").is_some() {
                for nonce in ["-nonce", "-no_nonce"] {
                    for digest in ["-sha1", "-sha256"] {
                        let said = openssl(files, &url, nonce, digest);
                        let place = format!("{url} {nonce} {digest}: {said}");
                        assert!(said.contains("Response verify OK"), "{place}");
                        assert!(said.contains(&format!("first.pem: {status}")), "{place}");
                        assert!(!said.contains("WARNING"), "{place}");
                    }
                    self.check_both(&url, nonce, status);
                }
            }
            if Tool::OcspTool.or_skip("ocsptool --ask").is_some() {
                for nonce in ["--nonce", "--no-nonce"] {
                    let said = ocsptool(files, &url, nonce);
                    assert!(said.contains("Verifying OCSP Response: Success"), "{said}");
                    let expected = format!("Certificate Status: {status}");
                    assert!(said.contains(&expected), "{url} {nonce}: {said}");
                }
            }
        }
    }

    /// Two certificates in one request.
    fn check_both(&self, url: &str, nonce: &str, status: &str) {
        let mut command = Tool::OpenSsl.command();
        command.args(["ocsp", "-url", url, nonce, "-issuer"]);
        command.arg(&self.files.issuer).args(["-sha256", "-cert"]);
        command.arg(&self.files.certificate).arg("-cert");
        command
            .arg(&self.other)
            .arg("-CAfile")
            .arg(&self.files.root);
        command.arg("-verify_other").arg(&self.files.issuer);
        let said = succeed(url, &command.output().unwrap());
        assert!(said.contains("Response verify OK"), "{said}");
        assert!(said.contains(&format!("first.pem: {status}")), "{said}");
        assert!(said.contains("second.pem: good"), "{said}");
    }
}

#[test]
fn tools_see_a_revocation_at_once_at_either_address() {
    let world = World::new();
    let service = Service::start(&world);
    let base = format!("http://{}/ocsp", service.address());
    for (profile, key) in [("terminal-ecc", Key::P384), ("terminal-rsa", Key::Rsa2048)] {
        let family = Family::enrol(&world, &service, profile, &key);
        family.check(&base, "good");
        // The second time from what is kept.
        family.check(&base, "good");
        let _ = world.json(["revoke", &family.serial, "--reason", "key-compromise"]);
        family.check(&base, "revoked");
        family.check(&base, "revoked");
    }
    assert!(service.stop().success());
}
