use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, Nonce, OcspRequest};

use super::Watched;

/// How a question travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// In the path.
    Get,
    /// In the body.
    Post,
}

/// A question as it is sent.
#[derive(Clone, Debug)]
pub struct Question {
    /// How it travels.
    pub method: Method,
    /// What names the issuer.
    pub digest: DigestAlgorithm,
    /// To the address of all issuers, or to the issuer's own.
    pub own_address: bool,
    /// What the answer must repeat.
    pub nonce: Option<Nonce>,
}

impl Question {
    /// One of all kinds, by number.
    ///
    /// # Panics
    /// When `nonce` cannot be one.
    #[must_use]
    pub fn of_kind(kind: u8, nonce: [u8; 16]) -> Self {
        Self {
            method: if kind & 1 == 0 {
                Method::Get
            } else {
                Method::Post
            },
            digest: if kind & 2 == 0 {
                DigestAlgorithm::Sha1
            } else {
                DigestAlgorithm::Sha256
            },
            own_address: kind & 4 == 0,
            // One in four is signed for itself.
            nonce: (kind & 24 == 0).then(|| Nonce::new(&nonce).unwrap()),
        }
    }

    /// Head and body of the question about `watched`.
    ///
    /// # Panics
    /// When it cannot be encoded.
    #[must_use]
    pub fn encode(&self, watched: &Watched, host: SocketAddr) -> Vec<u8> {
        let issuer = Certificate::from_der(&watched.issuer_der).unwrap();
        let name = issuer.subject().der();
        let id = CertId::new(&AwsLc, self.digest, name, issuer.spki(), &watched.serial).unwrap();
        let request = OcspRequest::new(vec![id], self.nonce.as_ref()).unwrap();
        let request = request.encode_der().unwrap();
        let path = if self.own_address {
            format!("/ocsp/{}", watched.issuer)
        } else {
            "/ocsp".to_owned()
        };
        match self.method {
            Method::Get => {
                let encoded = STANDARD.encode(&request);
                format!("GET {path}/{encoded} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
            }
            Method::Post => {
                let mut whole = format!(
                    "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\
                     Content-Type: application/ocsp-request\r\n\r\n",
                    request.len()
                )
                .into_bytes();
                whole.extend(request);
                whole
            }
        }
    }
}
