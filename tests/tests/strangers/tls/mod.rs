//! TLS between rustls with the verifiers of `verify`, and OpenSSL.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::tools::{Tool, text};
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{SharedDatedPolicy, TrustAnchor};
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::HeldCrls;
use kasane_verify::rustls::{
    ClientVerifier, DualCertificate, ServerVerifier, Trust, path_error, refuse_resumption,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, ServerName, UnixTime as TlsTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, ServerConfig, ServerConnection,
};

use crate::sample;

const SERVER_ECC: &str = "server-ecc.system-eligibility-1";
const SERVER_RSA: &str = "server-rsa.system-prescription-1";
const TERMINAL_ECC: &str = "terminal-ecc.facility-1312345679-1";
const TERMINAL_RSA: &str = "terminal-rsa.facility-1312345679-1";
const REVOKED_ECC: &str = "terminal-ecc.facility-1312345679-4";
const REVOKED_RSA: &str = "terminal-rsa.facility-1312345679-2";

const PATIENCE: Duration = Duration::from_secs(20);

fn trust(class: Class, timeline: &Timeline) -> Trust {
    let sample = sample();
    let anchors: Vec<_> = ["root-ecc", "root-rsa"]
        .iter()
        .map(|name| TrustAnchor::from_certificate(&sample.certificate(name).der, &AwsLc).unwrap())
        .collect();
    let crls: Vec<_> = sample
        .crls
        .iter()
        .map(|crl| Arc::new(IndexedCrl::from_der(&*crl.published.der).unwrap()))
        .collect();
    let policy = SharedDatedPolicy::online(Arc::new(timeline.clone()), class);
    Trust::new(Arc::new(AwsLc), anchors, Arc::new(policy), &provider())
        .with_evidence(Arc::new(HeldCrls::new(crls)))
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// The network's day, whatever the clock says.
#[derive(Debug)]
struct Now;

impl TimeProvider for Now {
    fn current_time(&self) -> Option<TlsTime> {
        let seconds = u64::try_from(sample().authority.now().seconds()).unwrap();
        Some(TlsTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The certificate of that name with the CA that issued it, and its key.
fn certified(name: &str) -> Arc<CertifiedKey> {
    let certificate = sample().certificate(name);
    let issuer = sample().certificate(&certificate.issuer);
    let key = PrivateKeyDer::from_pem_file(certificate.key.as_ref().unwrap()).unwrap();
    let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let chain = vec![certificate.der.clone().into(), issuer.der.clone().into()];
    Arc::new(CertifiedKey::new(chain, key))
}

fn server(
    versions: &[&'static rustls::SupportedProtocolVersion],
    verifier: Arc<dyn rustls::server::danger::ClientCertVerifier>,
) -> ServerConfig {
    let mut dual = DualCertificate::new(certified(SERVER_ECC), certified(SERVER_RSA)).unwrap();
    if versions == [&rustls::version::TLS12] {
        dual = dual.tls12_only();
    }
    let mut config = ServerConfig::builder_with_details(Arc::new(provider()), Arc::new(Now))
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(dual));
    refuse_resumption(&mut config);
    config
}

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

fn anybody() -> Arc<dyn rustls::server::danger::ClientCertVerifier> {
    WebPkiClientVerifier::no_client_auth()
}

const BOTH: &[&rustls::SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];
const ONLY_12: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12];

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
