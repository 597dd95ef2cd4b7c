//! `kasane responder serve`, run as people run it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, CertStatus, OcspRequest, OcspResponse};
use serde_json::Value;

use crate::http::Connection;
use crate::program::{Kasane, Service, free_address};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running edge, killed when dropped.
#[derive(Debug)]
pub struct EdgeService(Service);

impl EdgeService {
    /// Starts it and waits until its start is done.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start(edge: &Kasane) -> Self {
        Self::start_at(edge, free_address())
    }

    /// The same at an address that others know already.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn start_at(edge: &Kasane, address: SocketAddr) -> Self {
        let service = Self::launch_at(edge, address);
        let end = Instant::now() + 2 * PATIENCE;
        while health(address).1["status"] == "starting" {
            assert!(
                Instant::now() < end,
                "it goes on starting: {}",
                service.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        service
    }

    /// Starts it and waits only until it takes connections.
    ///
    /// # Panics
    /// When it ends instead, with its log.
    #[must_use]
    pub fn launch_at(edge: &Kasane, address: SocketAddr) -> Self {
        let arguments = ["responder", "serve", "--listen", &address.to_string()];
        let mut service = Service::spawn(edge, &arguments, address);
        service.wait_until_it_listens();
        Self(service)
    }

    /// Waits until it knows enough and has a signer for each issuing CA.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_until_it_answers(&self, edge: &Kasane, patience: Duration) {
        let end = Instant::now() + patience;
        let answers = || {
            let output = edge
                .command(["responder", "status"])
                .arg("--json")
                .output()
                .unwrap();
            let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            output.status.success() && report["without_signer"] == serde_json::json!([])
        };
        while !answers() {
            assert!(Instant::now() < end, "it does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Where it serves.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.address()
    }

    /// What it said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// SIGKILL.
    pub fn kill(self) {
        self.0.kill();
    }

    /// Stops it as people do; how it ended.
    #[must_use]
    pub fn stop(self) -> ExitStatus {
        self.0.stop()
    }
}

/// A question about one certificate.
#[derive(Clone, Debug)]
pub struct Question(Vec<u8>);

impl Question {
    /// About that serial number (hex) of an issuer, whose certificate the authority serves.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn about(authority: &Service, issuer: &str, serial: &str) -> Self {
        let head = format!("GET /ca/{issuer}.cer HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n");
        let der = exchange(authority.address(), head.as_bytes());
        let ca = Certificate::from_der(&der).unwrap();
        let id = CertId::new(
            &AwsLc,
            DigestAlgorithm::Sha1,
            ca.subject().der(),
            ca.spki(),
            &hex::decode(serial).unwrap(),
        );
        let request = OcspRequest::new(vec![id.unwrap()], None).unwrap();
        Self(request.encode_der().unwrap())
    }

    /// The response that comes from `address`.
    ///
    /// # Panics
    /// When nobody is there.
    #[must_use]
    pub fn response_at(&self, address: &str) -> Vec<u8> {
        let head = format!(
            "POST /ocsp HTTP/1.1\r\nHost: s\r\nContent-Type: application/ocsp-request\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.0.len()
        );
        exchange(address, &[head.as_bytes(), &self.0].concat())
    }

    /// The same, parsed; none when what comes is no response.
    ///
    /// # Panics
    /// When nobody is there.
    #[must_use]
    pub fn parsed_at(&self, address: &str) -> Option<OcspResponse> {
        OcspResponse::parse(&self.response_at(address)).ok()
    }

    /// What is said at `address`; none when there is no answer in the response.
    ///
    /// # Panics
    /// When nobody is there.
    #[must_use]
    pub fn status_at(&self, address: &str) -> Option<CertStatus> {
        let body = self.response_at(address);
        let parsed = OcspResponse::parse(&body).ok()?;
        let basic = parsed.basic().ok()?;
        basic.data.responses.first().map(|it| it.cert_status)
    }

    /// producedAt and thisUpdate of what is said at `address`; none when there is no answer in the
    /// response.
    ///
    /// # Panics
    /// When nobody is there.
    #[must_use]
    pub fn times_at(&self, address: &str) -> Option<(UnixTime, UnixTime)> {
        let body = self.response_at(address);
        let parsed = OcspResponse::parse(&body).ok()?;
        let basic = parsed.basic().ok()?;
        let single = basic.data.responses.first()?;
        Some((basic.data.produced_at, single.this_update))
    }

    /// Whether it is said to be good.
    #[must_use]
    pub fn is_good_at(&self, address: &str) -> bool {
        self.status_at(address) == Some(CertStatus::GOOD)
    }

    /// Whether it is said to be revoked.
    #[must_use]
    pub fn is_revoked_at(&self, address: &str) -> bool {
        matches!(self.status_at(address), Some(CertStatus::Revoked(_)))
    }
}

/// What a service, edge or not, says at `/health`: HTTP status and JSON.
///
/// # Panics
/// When nobody is there, or what comes is no answer.
#[must_use]
pub fn health(address: SocketAddr) -> (u16, Value) {
    let head = b"GET /health HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
    let reply = Connection::new(address).send(head).unwrap();
    let said = serde_json::from_slice(&reply.body).unwrap();
    (reply.status, said)
}

fn exchange(address: &str, request: &[u8]) -> Vec<u8> {
    let answer = plain(address.parse().unwrap(), request);
    let body = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    answer[body..].to_vec()
}

/// Sends octets and reads what comes until the end.
///
/// # Panics
/// When nobody is there.
#[must_use]
pub fn plain(address: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(octets).unwrap();
    let mut answer = Vec::new();
    // An end without a farewell is one as well.
    let _ = stream.read_to_end(&mut answer);
    answer
}
