//! The server's side: judging clients.

use std::sync::Arc;

use ::rustls::client::danger::HandshakeSignatureValid;
use ::rustls::pki_types::{CertificateDer, UnixTime as TlsTime};
use ::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use ::rustls::server::{NoServerSessionStorage, ServerConfig};
use ::rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::Trust;
use super::trust::Peer;
use crate::path::Purpose;

/// Judges the certificates of clients (purpose clientAuth). Whom they name is for the server to
/// compare afterwards with what the client wants: it has the path from its
/// [`super::Observer`], or reads the identity from the connection's certificate.
#[derive(Clone, Debug)]
pub struct ClientVerifier {
    trust: Trust,
    mandatory: bool,
}

impl ClientVerifier {
    /// Clients without certificate are refused.
    #[must_use]
    pub const fn new(trust: Trust) -> Self {
        Self {
            trust,
            mandatory: true,
        }
    }

    /// Clients without certificate are let in, for servers that also have something for everybody.
    /// A certificate that is shown must still be good.
    #[must_use]
    pub const fn dangerously_allow_anonymous(mut self) -> Self {
        self.mandatory = false;
        self
    }
}

/// Makes every connection show its certificate: no session is kept and no ticket is sent. Without
/// this a client goes on with a resumed session after its certificate was revoked or its kind of key
/// has ended.
pub fn refuse_resumption(config: &mut ServerConfig) {
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Arc::new(NoTickets);
    config.send_tls13_tickets = 0;
}

#[derive(Debug)]
struct NoTickets;

impl ::rustls::server::ProducesTickets for NoTickets {
    fn enabled(&self) -> bool {
        false
    }

    fn lifetime(&self) -> u32 {
        0
    }

    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.trust.hints()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: TlsTime,
    ) -> Result<ClientCertVerified, Error> {
        self.trust.judge(&Peer {
            end_entity,
            intermediates,
            purpose: Purpose::ClientAuth,
            name: None,
            ocsp_response: &[],
            now,
        })?;
        Ok(ClientCertVerified::assertion())
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
