//! The client's side: judging servers.

use std::net::IpAddr;

use ::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use ::rustls::pki_types::{CertificateDer, ServerName, UnixTime as TlsTime};
use ::rustls::{CertificateError as TlsError, DigitallySignedStruct, Error, SignatureScheme};

use super::Trust;
use super::trust::Peer;
use crate::path::{ExpectedName, Purpose};

/// Judges the certificates of servers (purpose serverAuth, and the name that was asked for).
#[derive(Clone, Debug)]
pub struct ServerVerifier {
    trust: Trust,
}

impl ServerVerifier {
    /// A verifier that rests on `trust`.
    #[must_use]
    pub const fn new(trust: Trust) -> Self {
        Self { trust }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: TlsTime,
    ) -> Result<ServerCertVerified, Error> {
        let name = match server_name {
            ServerName::DnsName(name) => ExpectedName::Dns(name.as_ref()),
            ServerName::IpAddress(address) => ExpectedName::Ip(IpAddr::from(*address)),
            // A kind of name that rustls may learn: nothing would be compared with it.
            _ => return Err(Error::InvalidCertificate(TlsError::NotValidForName)),
        };
        self.trust.judge(&Peer {
            end_entity,
            intermediates,
            purpose: Purpose::ServerAuth,
            name: Some(name),
            ocsp_response,
            now,
        })?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.schemes()
    }
}
