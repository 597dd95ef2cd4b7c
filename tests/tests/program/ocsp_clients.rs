//! OpenSSL and GnuTLS ask the running service over the network.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kasane_tests::program::Service;
use kasane_tests::tools::{Tool, succeed};

use crate::World;

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
    let mut command = Command::new("ocsptool");
    command
        .arg(format!("--ask={url}"))
        .arg(nonce)
        .arg("--load-cert");
    command.arg(&files.certificate).arg("--load-issuer");
    command.arg(&files.issuer).arg("--load-trust");
    command
        .arg(&files.issuer)
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    // It reports a revoked certificate by its exit status as well.
    let output = command.output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn tools_see_a_revocation_at_once_at_either_address() {
    let world = World::new();
    let service = Service::start(&world);
    let issued = world.issue(&world.csr(), "ocsp-clients");
    let folder = world.folder.path();
    let certificate = folder.join("terminal.pem");
    std::fs::write(&certificate, issued["pem"].as_str().unwrap()).unwrap();
    let files = Files {
        certificate,
        issuer: ca(&service, folder, "issuing-ecc-terminal"),
        root: ca(&service, folder, "root-ecc"),
    };
    let base = format!("http://{}/ocsp", service.address());
    let urls = [base.clone(), format!("{base}/issuing-ecc-terminal")];
    let has_openssl = Tool::OpenSsl.or_skip("openssl ocsp -url").is_some();
    let has_gnutls = Tool::CertTool.or_skip("ocsptool --ask").is_some();
    let check = |status: &str| {
        for url in &urls {
            if has_openssl {
                for nonce in ["-nonce", "-no_nonce"] {
                    for digest in ["-sha1", "-sha256"] {
                        let said = openssl(&files, url, nonce, digest);
                        let place = format!("{url} {nonce} {digest}: {said}");
                        assert!(said.contains("Response verify OK"), "{place}");
                        assert!(said.contains(&format!(".pem: {status}")), "{place}");
                    }
                }
            }
            if has_gnutls {
                for nonce in ["--nonce", "--no-nonce"] {
                    let said = ocsptool(&files, url, nonce);
                    assert!(said.contains("Verifying OCSP Response: Success"), "{said}");
                    let expected = format!("Certificate Status: {status}");
                    assert!(said.contains(&expected), "{url} {nonce}: {said}");
                }
            }
        }
    };
    check("good");
    // The second time from what is kept.
    check("good");
    let serial = issued["serial"].as_str().unwrap();
    let _ = world.json(["revoke", serial, "--reason", "key-compromise"]);
    check("revoked");
    check("revoked");
    assert!(service.stop().success());
}
