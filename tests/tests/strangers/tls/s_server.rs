//! A rustls client at OpenSSL's server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;

use kasane_tests::tools::Tool;
use kasane_verify::policy::Class;
use kasane_verify::rustls::ServerVerifier;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, ClientConnection, Error};

use super::{BOTH, Now, PATIENCE, SERVER_ECC, SERVER_RSA, TERMINAL_RSA, provider, trust};
use crate::sample;

/// `openssl s_server`, ended when dropped.
struct SServer {
    child: Child,
    address: String,
}

impl SServer {
    fn start(certificates: &[&str], arguments: &[&str]) -> Self {
        let sample = sample();
        let mut command = Tool::OpenSsl.command();
        command.args(["s_server", "-accept", "127.0.0.1:0", "-www"]);
        for (name, options) in certificates.iter().zip([
            ["-cert", "-key", "-cert_chain"],
            ["-dcert", "-dkey", "-dcert_chain"],
        ]) {
            let certificate = sample.certificate(name);
            let issuer = sample.pem(&certificate.issuer);
            let key = certificate.key.as_ref().unwrap();
            let files: [&Path; 3] = [&certificate.pem, key, issuer];
            for (option, file) in options.into_iter().zip(files) {
                command.arg(option).arg(file);
            }
        }
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(str::to_owned))
            .unwrap();
        // It must not meet a closed pipe.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(server: &SServer, host: &str) -> Result<Vec<u8>, Error> {
    let timeline = sample().authority.timeline();
    let verifier = ServerVerifier::new(trust(Class::Server, timeline));
    let config = ClientConfig::builder_with_details(Arc::new(provider()), Arc::new(Now))
        .with_protocol_versions(BOTH)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), host).unwrap();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            return Err(error
                .get_ref()
                .and_then(|it| it.downcast_ref::<Error>())
                .unwrap_or_else(|| panic!("{error}"))
                .clone());
        }
    }
    let mut tls = rustls::Stream::new(&mut connection, &mut stream);
    tls.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = [0; 15];
    tls.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.0 200 ok");
    Ok(connection.peer_certificates().unwrap()[0].to_vec())
}

#[test]
fn servers_of_openssl_are_judged() {
    let Some(_) = Tool::OpenSsl.or_skip("openssl s_server") else {
        return;
    };
    let der = |name: &str| sample().certificate(name).der.clone();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = SServer::start(&[SERVER_ECC], &[version]);
        assert_eq!(
            connect(&server, "eligibility.kasane.example"),
            Ok(der(SERVER_ECC))
        );
        assert_eq!(
            connect(&server, "other.kasane.example"),
            Err(Error::InvalidCertificate(CertificateError::NotValidForName))
        );
        let server = SServer::start(&[SERVER_RSA, SERVER_ECC], &[version]);
        assert!(connect(&server, "eligibility.kasane.example").is_ok());
        let server = SServer::start(&[SERVER_RSA], &[version]);
        assert_eq!(
            connect(&server, "prescription.kasane.example"),
            Ok(der(SERVER_RSA))
        );
        // A terminal that poses as a server.
        let server = SServer::start(&[TERMINAL_RSA], &[version]);
        assert_eq!(
            connect(&server, "eligibility.kasane.example"),
            Err(Error::InvalidCertificate(CertificateError::InvalidPurpose))
        );
    }
}
