//! OpenSSL's client at a rustls server.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::tools::{Tool, text};
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::rustls::{ClientVerifier, path_error};
use rustls::{CertificateError, Error, ServerConfig, ServerConnection};

use super::{
    BOTH, ONLY_12, PATIENCE, REVOKED_ECC, REVOKED_RSA, SERVER_ECC, SERVER_RSA, TERMINAL_ECC,
    TERMINAL_RSA, anybody, server, trust,
};
use crate::sample;

/// What came of one connection of `openssl s_client` to a rustls server.
struct Login {
    said: String,
    error: Option<Error>,
    client: Option<Vec<u8>>,
}

impl Login {
    fn server_is(&self, name: &str) -> bool {
        let kind = if name == SERVER_ECC { "ECDSA" } else { "RSA" };
        let line = self
            .said
            .lines()
            .find(|line| line.starts_with("Signature type:"));
        line.unwrap_or_else(|| panic!("no handshake: {}", self.said))
            .contains(kind)
    }
}

fn s_client(config: ServerConfig, arguments: &[&str], client: Option<&str>) -> Login {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answering = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let error = shake(&mut connection, &mut stream);
        if error.is_none() {
            connection.writer().write_all(b"welcome\n").unwrap();
            connection.send_close_notify();
        }
        while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
        let client = connection.peer_certificates();
        (error, client.map(|chain| chain[0].to_vec()))
    });
    let sample = sample();
    // Written once: a test that wrote it again would take it from under another.
    static ANCHORS: OnceLock<PathBuf> = OnceLock::new();
    let anchors = ANCHORS.get_or_init(|| sample.bundle(&["root-rsa", "root-ecc"]));
    let mut command = Tool::OpenSsl.command();
    command.args(["s_client", "-brief", "-verify_return_error", "-connect"]);
    command.args([&address, "-servername", "eligibility.kasane.example"]);
    command.arg("-CAfile").arg(anchors).args(arguments);
    if let Some(name) = client {
        let certificate = sample.certificate(name);
        command.arg("-cert").arg(&certificate.pem);
        command.arg("-key").arg(certificate.key.as_ref().unwrap());
        let issuer = sample.pem(&certificate.issuer);
        command.arg("-cert_chain").arg(issuer);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It reads from us until the server closes.
    let input = child.stdin.take();
    let output: Output = child.wait_with_output().unwrap();
    drop(input);
    let (error, client) = answering.join().unwrap();
    Login {
        said: text(&output),
        error,
        client,
    }
}

/// The connection of a client that may have failed before it came.
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let start = Instant::now();
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            return stream;
        }
        assert!(start.elapsed() < PATIENCE, "nobody connected");
        thread::sleep(Duration::from_millis(5));
    }
}

fn shake(connection: &mut ServerConnection, stream: &mut TcpStream) -> Option<Error> {
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(stream) {
            return Some(
                error
                    .get_ref()
                    .and_then(|it| it.downcast_ref::<Error>())
                    .cloned()
                    .unwrap_or_else(|| Error::General(error.to_string())),
            );
        }
    }
    None
}

#[test]
fn openssl_gets_the_kind_of_certificate_that_it_can_take() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl s_client, dual certificates") else {
        return;
    };
    let rsa_sigalgs = "rsa_pss_rsae_sha256:rsa_pkcs1_sha256";
    let cases: &[(_, &[&str], _)] = &[
        (BOTH, &[], SERVER_ECC),
        (BOTH, &["-tls1_2"], SERVER_ECC),
        (ONLY_12, &[], SERVER_ECC),
        (BOTH, &["-sigalgs", rsa_sigalgs], SERVER_RSA),
        (BOTH, &["-tls1_2", "-sigalgs", rsa_sigalgs], SERVER_RSA),
        (BOTH, &["-sigalgs", "ecdsa_secp384r1_sha384"], SERVER_ECC),
        (
            BOTH,
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
            SERVER_RSA,
        ),
        (
            BOTH,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
            SERVER_ECC,
        ),
        // Offers TLS 1.3 as well, of which a TLS 1.2 server makes nothing.
        (
            ONLY_12,
            &["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
            SERVER_RSA,
        ),
        (BOTH, &["-tls1_2", "-groups", "X25519:P-256"], SERVER_RSA),
        (BOTH, &["-tls1_3", "-groups", "X25519:P-256"], SERVER_ECC),
    ];
    for (versions, arguments, expected) in cases {
        let login = s_client(server(versions, anybody()), arguments, None);
        assert_eq!(login.error, None, "{arguments:?}: {}", login.said);
        assert!(
            login.said.contains("Verification: OK"),
            "{arguments:?}: {}",
            login.said
        );
        assert!(login.server_is(expected), "{arguments:?}: {}", login.said);
    }
}

#[test]
fn openssl_logs_in_with_either_kind_and_revoked_terminals_do_not() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl s_client, logins") else {
        return;
    };
    let timeline = sample().authority.timeline();
    for version in ["-tls1_2", "-tls1_3"] {
        for (name, good) in [
            (TERMINAL_ECC, true),
            (TERMINAL_RSA, true),
            (REVOKED_ECC, false),
            (REVOKED_RSA, false),
        ] {
            let verifier = ClientVerifier::new(trust(Class::Terminal, timeline));
            let login = s_client(server(BOTH, Arc::new(verifier)), &[version], Some(name));
            if good {
                assert_eq!(login.error, None, "{name}: {}", login.said);
                assert_eq!(login.client.as_ref(), Some(&sample().certificate(name).der));
            } else {
                let revoked = Error::InvalidCertificate(CertificateError::Revoked);
                assert_eq!(login.error, Some(revoked), "{name}");
                assert!(
                    login.said.contains("certificate revoked"),
                    "the alert says so: {}",
                    login.said
                );
            }
        }
        let verifier = ClientVerifier::new(trust(Class::Terminal, timeline));
        let login = s_client(server(BOTH, Arc::new(verifier)), &[version], None);
        assert_eq!(login.error, Some(Error::NoCertificatesPresented));
    }
}

#[test]
fn rsa_logins_of_openssl_end_with_the_policy() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl s_client, end of RSA") else {
        return;
    };
    // 2031-01-01 was yesterday.
    let end = "2031-01-01".parse().unwrap();
    let passed = sample().authority.now().seconds_since(end) / 86_400 - 1;
    let timeline = Timeline::overlap().unwrap().shifted(passed);
    for (name, good) in [(TERMINAL_RSA, false), (TERMINAL_ECC, true)] {
        let verifier = ClientVerifier::new(trust(Class::Terminal, &timeline));
        let login = s_client(server(BOTH, Arc::new(verifier)), &[], Some(name));
        let code = login
            .error
            .as_ref()
            .map(|error| path_error(error).unwrap().code());
        assert_eq!(code, (!good).then_some("path.policy"), "{}", login.said);
    }
}
