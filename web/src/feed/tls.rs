//! TLS 1.3 with a pinned raw public key (RFC 7250).

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer,
    UnixTime,
};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerMisbehaved, ServerConfig,
    SignatureScheme, version,
};
use sha2::{Digest, Sha256};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Why a key cannot be the feed's.
#[derive(Debug, thiserror::Error)]
#[error("the feed's key cannot be used: {0}; remove its file and enrol every responder anew")]
pub struct FeedKeyError(#[from] Error);

/// The feed's own key. It says only that this is the authority's feed.
#[derive(Clone)]
pub struct FeedKey {
    acceptor: TlsAcceptor,
    spki_sha256: [u8; 32],
}

impl FeedKey {
    /// The key in PKCS#8, DER.
    ///
    /// # Errors
    /// [`FeedKeyError`] when it cannot be read.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, FeedKeyError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        // The reader wants bytes of its own only where it keeps them; it keeps none.
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der));
        let key = aws_lc_rs::sign::any_supported_type(&key)?;
        let spki = key
            .public_key()
            .ok_or_else(|| Error::General("it has no public half".to_owned()))?
            .to_vec();
        let spki_sha256 = Sha256::digest(&spki).into();
        let certified = CertifiedKey::new(vec![CertificateDer::from(spki)], key);
        let mut config = with_tls13(ServerConfig::builder_with_provider(provider))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::new(
                certified,
            ))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            spki_sha256,
        })
    }

    /// SHA-256 of its DER `SubjectPublicKeyInfo`: what edges pin.
    #[must_use]
    pub const fn spki_sha256(&self) -> &[u8; 32] {
        &self.spki_sha256
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}

impl std::fmt::Debug for FeedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FeedKey({})", hex::encode(self.spki_sha256))
    }
}

fn with_tls13<S: rustls::ConfigSide>(
    builder: rustls::ConfigBuilder<S, rustls::WantsVersions>,
) -> Result<rustls::ConfigBuilder<S, rustls::WantsVerifier>, Error> {
    builder.with_protocol_versions(&[&version::TLS13])
}

/// Connects to the holder of one key only.
pub(super) fn connector(spki_sha256: [u8; 32]) -> Result<TlsConnector, Error> {
    let provider = aws_lc_rs::default_provider();
    let algorithms = provider.signature_verification_algorithms;
    let verifier = PinnedKey {
        spki_sha256,
        algorithms,
    };
    let provider: Arc<CryptoProvider> = Arc::new(provider);
    let mut config = with_tls13(ClientConfig::builder_with_provider(provider))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // The key is the name.
    config.enable_sni = false;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Whether a handshake failed because the peer has another key.
pub(super) fn is_wrong_peer(error: &std::io::Error) -> bool {
    let cause = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    matches!(
        cause,
        Some(Error::InvalidCertificate(
            CertificateError::ApplicationVerificationFailure
        ))
    )
}

/// Accepts the key with that digest, proven by the handshake's signature.
#[derive(Debug)]
struct PinnedKey {
    spki_sha256: [u8; 32],
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedKey {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // RFC 7250 §3: what stands in the certificate's place is a SubjectPublicKeyInfo.
        if Sha256::digest(end_entity.as_ref())[..] == self.spki_sha256 {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
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
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
