//! Handshakes in memory between peers of a small network of both kinds.

use std::io::Cursor;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ::rustls::crypto::{CryptoProvider as TlsProvider, aws_lc_rs};
use ::rustls::pki_types::{PrivateKeyDer, ServerName, UnixTime as TlsTime};
use ::rustls::sign::CertifiedKey;
use ::rustls::time_provider::TimeProvider;
use ::rustls::{
    ClientConfig, ClientConnection, Error, ServerConfig, ServerConnection, SignatureAlgorithm,
    SupportedProtocolVersion,
};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, RsaKeySize, SerialNumber};

use crate::UnixTime;
use crate::crl::IndexedCrl;
use crate::crl::tests::signed;
use crate::crypto::AwsLc;
use crate::path::{PathError, SharedDatedPolicy, TrustAnchor, VerifiedPath};
use crate::policy::{Class, Timeline};
use crate::revocation::HeldCrls;
use crate::rustls::{ClientVerifier, DualCertificate, Observer, ServerVerifier, Trust};
use crate::test_support::{Entity, ca, client, name};

pub(super) const HOST: &str = "eligibility.kasane.example";

/// A serial number that the CRL lists.
pub(super) const REVOKED: u64 = 5;

/// One kind's hierarchy, with what a server and a terminal have of it.
pub(super) struct Family {
    pub(super) root: Vec<u8>,
    pub(super) issuing_entity: Entity,
    pub(super) issuing: Vec<u8>,
    pub(super) crls: Vec<Arc<IndexedCrl>>,
    pub(super) server: Arc<CertifiedKey>,
    pub(super) terminal: Arc<CertifiedKey>,
    pub(super) revoked: Arc<CertifiedKey>,
}

fn entity(rsa: bool, common_name: &str) -> Entity {
    if !rsa {
        return Entity::p384(common_name);
    }
    Entity {
        name: name(common_name),
        key: KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
    }
}

fn long(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
}

pub(super) fn server(params: &mut CertificateParams) {
    let sample = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    client(params);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = sample.subject_alt_names;
}

fn crl(issuer: &Entity) -> Arc<IndexedCrl> {
    let der = signed(issuer, |params| {
        params.this_update = rcgen::date_time_ymd(2026, 1, 1);
        params.next_update = rcgen::date_time_ymd(2040, 1, 1);
    });
    Arc::new(IndexedCrl::from_der(der).unwrap())
}

impl Family {
    fn new(rsa: bool) -> Self {
        let kind = if rsa { "RSA" } else { "ECC" };
        let root = entity(rsa, &format!("{kind} Root"));
        let issuing = entity(rsa, &format!("{kind} Issuing"));
        let authority = |params: &mut CertificateParams| {
            ca(None)(params);
            long(params);
        };
        let issuing_der = root.issue(&issuing, authority);
        let subject = |what: &str, serial: u64, change: fn(&mut CertificateParams)| {
            let subject = entity(rsa, what);
            let der = issuing.issue(&subject, |params| {
                change(params);
                long(params);
                params.serial_number = Some(SerialNumber::from(serial));
            });
            let key = PrivateKeyDer::try_from(subject.key.serialize_der()).unwrap();
            let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
            let chain = vec![der.into(), issuing_der.clone().into()];
            Arc::new(CertifiedKey::new(chain, key))
        };
        Self {
            root: root.issue(&root, authority),
            crls: vec![crl(&root), crl(&issuing)],
            server: subject("server", 100, server),
            terminal: subject("terminal", 200, client),
            revoked: subject("stolen terminal", REVOKED, client),
            issuing: issuing_der.clone(),
            issuing_entity: issuing,
        }
    }

    pub(super) fn anchor(&self) -> TrustAnchor {
        TrustAnchor::from_certificate(&self.root, &AwsLc).unwrap()
    }
}

pub(super) fn ecc() -> &'static Family {
    static FAMILY: OnceLock<Family> = OnceLock::new();
    FAMILY.get_or_init(|| Family::new(false))
}

pub(super) fn rsa() -> &'static Family {
    static FAMILY: OnceLock<Family> = OnceLock::new();
    FAMILY.get_or_init(|| Family::new(true))
}

/// What was observed.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) accepted: Mutex<Vec<VerifiedPath>>,
    pub(super) refused: Mutex<Vec<PathError>>,
}

impl Observer for Seen {
    fn accepted(&self, path: &VerifiedPath) {
        self.accepted.lock().unwrap().push(path.clone());
    }

    fn refused(&self, error: &PathError) {
        self.refused.lock().unwrap().push(error.clone());
    }
}

/// Both kinds' anchors and CRLs under the dated policy.
pub(super) fn trust(class: Class, provider: &TlsProvider) -> Trust {
    let timeline = Arc::new(Timeline::overlap().unwrap());
    let crls: Vec<_> = ecc().crls.iter().chain(&rsa().crls).cloned().collect();
    Trust::new(
        Arc::new(AwsLc),
        vec![ecc().anchor(), rsa().anchor()],
        Arc::new(SharedDatedPolicy::online(timeline, class)),
        provider,
    )
    .with_evidence(Arc::new(HeldCrls::new(crls)))
}

pub(super) fn dual() -> DualCertificate {
    DualCertificate::new(Arc::clone(&ecc().server), Arc::clone(&rsa().server)).unwrap()
}

#[derive(Debug)]
pub(super) struct At(pub(super) UnixTime);

impl TimeProvider for At {
    fn current_time(&self) -> Option<TlsTime> {
        let seconds = u64::try_from(self.0.seconds()).unwrap();
        Some(TlsTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

pub(super) fn at(text: &str) -> Arc<At> {
    Arc::new(At(text.parse().unwrap()))
}

pub(super) fn provider() -> TlsProvider {
    aws_lc_rs::default_provider()
}

/// rustls' provider with the signature schemes of one kind only.
pub(super) fn knowing(wanted: SignatureAlgorithm) -> TlsProvider {
    let mut provider = provider();
    let algorithms = &mut provider.signature_verification_algorithms;
    let mapping: Vec<_> = algorithms
        .mapping
        .iter()
        .filter(|(scheme, _)| of(*scheme) == wanted)
        .copied()
        .collect();
    assert!(!mapping.is_empty());
    algorithms.mapping = mapping.leak();
    provider
}

fn of(scheme: ::rustls::SignatureScheme) -> SignatureAlgorithm {
    match format!("{scheme:?}") {
        name if name.starts_with("RSA") => SignatureAlgorithm::RSA,
        name if name.starts_with("ECDSA") => SignatureAlgorithm::ECDSA,
        _ => SignatureAlgorithm::ED25519,
    }
}

pub(super) fn server_config(
    version: &'static SupportedProtocolVersion,
    time: Arc<At>,
    verifier: ClientVerifier,
    certificate: DualCertificate,
) -> ServerConfig {
    let builder = ServerConfig::builder_with_details(Arc::new(provider()), time);
    let builder = builder.with_protocol_versions(&[version]).unwrap();
    let mut config = builder
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::new(certificate));
    crate::rustls::refuse_resumption(&mut config);
    config
}

pub(super) fn client_config(
    version: &'static SupportedProtocolVersion,
    time: Arc<At>,
    provider: TlsProvider,
    certificate: Arc<dyn ::rustls::client::ResolvesClientCert>,
) -> ClientConfig {
    let verifier = ServerVerifier::new(trust(Class::Server, &provider));
    let builder = ClientConfig::builder_with_details(Arc::new(provider), time);
    let builder = builder.with_protocol_versions(&[version]).unwrap();
    builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(certificate)
}

/// What each end thinks of the handshake: the first error, which end met it, and the certificates.
#[derive(Debug)]
pub(super) struct Shaken {
    pub(super) by_client: Option<Error>,
    pub(super) by_server: Option<Error>,
    pub(super) server_certificate: Option<Vec<u8>>,
    pub(super) client_certificate: Option<Vec<u8>>,
}

impl Shaken {
    pub(super) fn succeeded(self) -> Self {
        assert_eq!(
            (&self.by_client, &self.by_server),
            (&None, &None),
            "the handshake failed"
        );
        self
    }

    pub(super) fn server_used(&self, certified: &CertifiedKey) -> bool {
        self.server_certificate.as_deref() == certified.cert.first().map(|it| &**it)
    }

    pub(super) fn client_used(&self, certified: &CertifiedKey) -> bool {
        self.client_certificate.as_deref() == certified.cert.first().map(|it| &**it)
    }
}

pub(super) fn shake(client: ClientConfig, server: ServerConfig) -> Shaken {
    shake_with(HOST, client, server)
}

pub(super) fn shake_with(host: &str, client: ClientConfig, server: ServerConfig) -> Shaken {
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), host).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
    let (mut by_client, mut by_server) = (None, None);
    for _ in 0..10 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut wire = Cursor::new(wire);
        while by_server.is_none() && server.read_tls(&mut wire).unwrap() > 0 {
            by_server = server.process_new_packets().err();
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut wire = Cursor::new(wire);
        while by_client.is_none() && client.read_tls(&mut wire).unwrap() > 0 {
            by_client = client.process_new_packets().err();
        }
    }
    let done = !client.is_handshaking() && !server.is_handshaking();
    assert!(
        done || by_client.is_some() || by_server.is_some(),
        "neither done nor failed"
    );
    let first = |chain: Option<&[::rustls::pki_types::CertificateDer<'_>]>| {
        chain?.first().map(|der| der.to_vec())
    };
    Shaken {
        server_certificate: first(client.peer_certificates()),
        client_certificate: first(server.peer_certificates()),
        by_client,
        by_server,
    }
}
