//! A client that speaks TLS to the feed and then what it likes, from any address of this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme, version,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::scene::{PATIENCE, Scene};

/// A connection that said nothing yet.
pub(crate) async fn connect(to: SocketAddr, from: u8) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, from), 0)))?;
    timeout(PATIENCE, socket.connect(to)).await?
}

/// A connection after its handshake.
pub(crate) struct Raw {
    stream: TlsStream<TcpStream>,
    runtime: Handle,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        body["code"].as_str().unwrap().to_owned()
    }
}

impl Raw {
    /// From 127.0.0.`from`.
    pub(crate) fn connect(scene: &Scene, from: u8) -> io::Result<Self> {
        let connecting = async {
            let stream = connect(scene.address, from).await?;
            let name = ServerName::try_from("feed.invalid").unwrap();
            connector().connect(name, stream).await
        };
        let runtime = scene.runtime.handle().clone();
        let stream = runtime.block_on(async { timeout(PATIENCE, connecting).await })??;
        Ok(Self { stream, runtime })
    }

    pub(crate) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.runtime.block_on(async {
            self.stream.write_all(octets).await?;
            self.stream.flush().await
        })
    }

    /// Asks for `what`, like `GET /v1/entries`; `more` are further fields, each with its line's end.
    pub(crate) fn ask(
        &mut self,
        what: &str,
        authorization: &str,
        more: &str,
    ) -> io::Result<Answer> {
        let head = format!(
            "{what} HTTP/1.1\r\nHost: feed\r\nAuthorization: {authorization}\r\n{more}\r\n"
        );
        self.send(head.as_bytes())?;
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        let stream = &mut self.stream;
        let reading = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |it| it.parse().unwrap())];
            stream.read_exact(&mut body).await?;
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            Ok(Answer { status, head, body })
        };
        self.runtime
            .block_on(async { timeout(PATIENCE, reading).await })?
    }

    /// Waits until the other side ends the connection; how, does not matter.
    pub(crate) fn wait_for_the_end(&mut self) {
        let mut rest = Vec::new();
        let reading = self.stream.read_to_end(&mut rest);
        let ended = self
            .runtime
            .block_on(async { timeout(PATIENCE, reading).await });
        assert!(ended.is_ok(), "it goes on");
    }
}

fn connector() -> TlsConnector {
    let provider = aws_lc_rs::default_provider();
    let algorithms = provider.signature_verification_algorithms;
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyKey(algorithms)))
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Takes whichever key the other side has.
#[derive(Debug)]
struct AnyKey(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyKey {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(cert.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
