//! One certificate of each kind, and which of them a peer gets.

use std::sync::Arc;

use ::rustls::client::ResolvesClientCert;
use ::rustls::server::{ClientHello, ResolvesServerCert};
use ::rustls::sign::CertifiedKey;
use ::rustls::{CipherSuite, Error, NamedGroup, SignatureScheme};

use crate::certificate::{Certificate, CertificateError};
use crate::spki::SpkiError;
use crate::{KeyAlgorithm, KeyFamily};

/// An ECC certificate and an RSA certificate of the same server or client. A peer gets the ECC one
/// when it says that it can take it, the RSA one otherwise.
#[derive(Clone, Debug)]
pub struct DualCertificate {
    ecc: Certified,
    rsa: Certified,
    curve: Option<NamedGroup>,
    tls12_only: bool,
}

#[derive(Clone, Debug)]
struct Certified {
    key: Arc<CertifiedKey>,
    /// DER of the issuer of each certificate of the chain.
    issuers: Vec<Vec<u8>>,
}

/// Why two certificates are no pair.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DualCertificateError {
    /// A chain has no certificate.
    #[error("cannot use the {0} certificate: its chain is empty")]
    Empty(KeyFamily),
    /// A certificate cannot be read.
    #[error("cannot use the {0} certificate: {1}")]
    Certificate(KeyFamily, CertificateError),
    /// A key cannot be read.
    #[error("cannot use the {0} certificate: {1}")]
    PublicKey(KeyFamily, SpkiError),
    /// A certificate is of the other kind.
    #[error("cannot use the {expected} certificate: its key is {found}")]
    Family {
        /// The kind that it should be of.
        expected: KeyFamily,
        /// Its key.
        found: KeyAlgorithm,
    },
    /// A private key belongs to another certificate.
    #[error("cannot use the {0} certificate with its private key: {1}")]
    PrivateKey(KeyFamily, Error),
}

impl DualCertificateError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty(_) => "dual.empty",
            Self::Certificate(_, error) => error.code(),
            Self::PublicKey(_, error) => error.code(),
            Self::Family { .. } => "dual.family",
            Self::PrivateKey(..) => "dual.private_key",
        }
    }
}

impl DualCertificate {
    /// A pair: each chain end entity first, with its private key.
    ///
    /// # Errors
    /// When a certificate cannot be read, is of the other kind, or has another private key.
    pub fn new(
        ecc: Arc<CertifiedKey>,
        rsa: Arc<CertifiedKey>,
    ) -> Result<Self, DualCertificateError> {
        let (ecc, key) = Certified::read(ecc, KeyFamily::Ecc)?;
        let curve = match key {
            KeyAlgorithm::P256 => Some(NamedGroup::secp256r1),
            KeyAlgorithm::P384 => Some(NamedGroup::secp384r1),
            KeyAlgorithm::P521 => Some(NamedGroup::secp521r1),
            // RFC 8422 §5.1.1: Ed25519 is named by its signature scheme.
            KeyAlgorithm::Ed25519 | KeyAlgorithm::Rsa { .. } => None,
        };
        let (rsa, _) = Certified::read(rsa, KeyFamily::Rsa)?;
        Ok(Self {
            ecc,
            rsa,
            curve,
            tls12_only: false,
        })
    }

    /// For a server whose configuration leaves TLS 1.3 out: what a client says for TLS 1.3 alone
    /// then means nothing, and rustls does not tell which version it will choose.
    #[must_use]
    pub const fn tls12_only(mut self) -> Self {
        self.tls12_only = true;
        self
    }

    fn for_client(&self, asked: &Asked<'_>) -> Option<Arc<CertifiedKey>> {
        let ecc = asked.takes_ecc_in_version(self.curve, self.tls12_only);
        self.choose(asked.schemes, asked.authorities, ecc)
    }

    /// Of the kinds that the peer can take, one that an authority it names has certified; else any;
    /// ECC first.
    fn choose<N: AsRef<[u8]>>(
        &self,
        schemes: &[SignatureScheme],
        authorities: &[N],
        ecc: bool,
    ) -> Option<Arc<CertifiedKey>> {
        let takes = |it: &&Certified| it.key.key.choose_scheme(schemes).is_some();
        let usable: Vec<_> = [ecc.then_some(&self.ecc), Some(&self.rsa)]
            .into_iter()
            .flatten()
            .filter(takes)
            .collect();
        let trusted = usable.iter().find(|it| it.is_under(authorities));
        trusted
            .or_else(|| usable.first())
            .map(|it| Arc::clone(&it.key))
    }
}

impl Certified {
    fn read(
        key: Arc<CertifiedKey>,
        family: KeyFamily,
    ) -> Result<(Self, KeyAlgorithm), DualCertificateError> {
        type Broken = DualCertificateError;
        let mut issuers = Vec::new();
        let mut own = None;
        for der in &key.cert {
            let certificate =
                Certificate::from_der(der).map_err(|it| Broken::Certificate(family, it))?;
            issuers.push(certificate.issuer().der().to_vec());
            if own.is_none() {
                let info = certificate.public_key_info();
                own = Some(
                    info.map_err(|it| Broken::PublicKey(family, it))?
                        .algorithm(),
                );
            }
        }
        let own = own.ok_or(Broken::Empty(family))?;
        if own.family() != family {
            let (expected, found) = (family, own);
            return Err(Broken::Family { expected, found });
        }
        match key.keys_match() {
            // A key in a device may not tell its public half.
            Ok(()) | Err(Error::InconsistentKeys(::rustls::InconsistentKeys::Unknown)) => {}
            Err(error) => return Err(Broken::PrivateKey(family, error)),
        }
        Ok((Self { key, issuers }, own))
    }

    fn is_under<N: AsRef<[u8]>>(&self, authorities: &[N]) -> bool {
        authorities
            .iter()
            .any(|name| self.issuers.iter().any(|issuer| *issuer == name.as_ref()))
    }
}

/// What a client says that it can take.
struct Asked<'a> {
    schemes: &'a [SignatureScheme],
    suites: &'a [CipherSuite],
    groups: Option<&'a [NamedGroup]>,
    authorities: &'a [::rustls::DistinguishedName],
}

impl Asked<'_> {
    /// Beyond signature schemes, which name the curve in TLS 1.3 (RFC 8446 §4.2.3), TLS 1.2 binds
    /// the kind of certificate to the cipher suite (RFC 8422 §2) and its curve to the groups
    /// (RFC 8422 §5.1.1); without that extension the choice is the server's (RFC 8422 §4).
    fn takes_ecc_in_version(&self, curve: Option<NamedGroup>, tls12_only: bool) -> bool {
        if !tls12_only && self.suites.iter().any(|suite| is_tls13(*suite)) {
            return true;
        }
        let suite = self.suites.iter().any(|suite| is_tls12_ecdsa(*suite));
        let group = match (self.groups, curve) {
            (Some(groups), Some(curve)) => groups.contains(&curve),
            _ => true,
        };
        suite && group
    }
}

fn is_tls13(suite: CipherSuite) -> bool {
    // RFC 8446 §B.4.
    u16::from(suite) >> 8 == 0x13
}

/// The suites with ECDSA that rustls has; a client with none of them gets no ECC handshake.
const fn is_tls12_ecdsa(suite: CipherSuite) -> bool {
    matches!(
        suite,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    )
}

impl ResolvesServerCert for DualCertificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.for_client(&Asked {
            schemes: hello.signature_schemes(),
            suites: hello.cipher_suites(),
            groups: hello.named_groups(),
            authorities: hello.certificate_authorities().unwrap_or_default(),
        })
    }
}

impl ResolvesClientCert for DualCertificate {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.choose(schemes, root_hint_subjects, true)
    }

    fn has_certs(&self) -> bool {
        true
    }
}
