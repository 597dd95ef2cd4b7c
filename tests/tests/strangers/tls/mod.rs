//! TLS between rustls with the verifiers of `verify`, and OpenSSL.

mod s_client;
mod s_server;

use std::sync::Arc;
use std::time::Duration;

use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{SharedDatedPolicy, TrustAnchor};
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::HeldCrls;
use kasane_verify::rustls::{DualCertificate, Trust, refuse_resumption};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, UnixTime as TlsTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;

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

fn anybody() -> Arc<dyn rustls::server::danger::ClientCertVerifier> {
    WebPkiClientVerifier::no_client_auth()
}

const BOTH: &[&rustls::SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];
const ONLY_12: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12];
