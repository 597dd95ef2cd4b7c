//! What both verifiers rest on.

use std::fmt;
use std::sync::Arc;

use ::rustls::client::danger::HandshakeSignatureValid;
use ::rustls::crypto::{
    CryptoProvider as TlsProvider, WebPkiSupportedAlgorithms, verify_tls12_signature,
    verify_tls13_signature,
};
use ::rustls::pki_types::{CertificateDer, UnixTime as TlsTime};
use ::rustls::{
    CertificateError as TlsError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
};

use super::{Observer, error};
use crate::UnixTime;
use crate::certificate::{Certificate, CertificateError};
use crate::crypto::CryptoProvider;
use crate::path::{
    Budget, ExpectedName, IntermediateCache, PathPolicy, Purpose, Question, TrustAnchor,
    VerifiedPath, Verifier,
};
use crate::revocation::{Evidence, EvidenceSource, RevocationRules};

/// A network has some dozens of CA certificates.
const CACHED_INTERMEDIATES: usize = 64;

/// Most certificates that are read of a peer's chain; no honest one comes near.
const MAX_CHAIN: usize = 32;

/// Everything that a peer is judged by. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Trust {
    crypto: Arc<dyn CryptoProvider>,
    anchors: Arc<[TrustAnchor]>,
    policy: Arc<dyn PathPolicy>,
    rules: RevocationRules,
    budget: Budget,
    intermediates: Arc<[Vec<u8>]>,
    evidence: Option<Arc<dyn EvidenceSource>>,
    observer: Option<Arc<dyn Observer>>,
    cache: Arc<IntermediateCache>,
    hints: Arc<[DistinguishedName]>,
    handshake: WebPkiSupportedAlgorithms,
}

impl Trust {
    /// `crypto` checks certificates, CRLs and OCSP responses; `handshake` is rustls' provider, whose
    /// algorithms check the signatures of the handshake and are offered to the peer. Status of every
    /// certificate must be known and good: see [`Trust::with_evidence`].
    #[must_use]
    pub fn new(
        crypto: Arc<dyn CryptoProvider>,
        anchors: impl Into<Arc<[TrustAnchor]>>,
        policy: Arc<dyn PathPolicy>,
        handshake: &TlsProvider,
    ) -> Self {
        let anchors = anchors.into();
        let hints = anchors
            .iter()
            .map(|anchor| anchor.subject_der().to_vec().into())
            .collect();
        Self {
            crypto,
            anchors,
            policy,
            rules: RevocationRules::default(),
            budget: Budget::default(),
            intermediates: Arc::new([]),
            evidence: None,
            observer: None,
            cache: Arc::new(IntermediateCache::new(CACHED_INTERMEDIATES)),
            hints,
            handshake: handshake.signature_verification_algorithms,
        }
    }

    /// The same with other rules for revocation status.
    #[must_use]
    pub fn with_revocation(mut self, rules: RevocationRules) -> Self {
        self.rules = rules;
        self
    }

    /// The same with evidence at hand: CRLs and OCSP responses that are kept up to date elsewhere.
    #[must_use]
    pub fn with_evidence(mut self, source: Arc<dyn EvidenceSource>) -> Self {
        self.evidence = Some(source);
        self
    }

    /// The same with somebody who hears of each judgement.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The same with CA certificates (DER) that peers need not send, such as cross-certificates.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn with_intermediates(
        mut self,
        certificates: Vec<Vec<u8>>,
    ) -> Result<Self, CertificateError> {
        for der in &certificates {
            Certificate::from_der(der)?;
        }
        self.intermediates = certificates.into();
        Ok(self)
    }

    /// The same with another budget.
    #[must_use]
    pub const fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// The same with a cache that is shared with others.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<IntermediateCache>) -> Self {
        self.cache = cache;
        self
    }

    /// The names of the anchors.
    pub(super) fn hints(&self) -> &[DistinguishedName] {
        &self.hints
    }

    /// Judges a peer.
    pub(super) fn judge(&self, peer: &Peer<'_>) -> Result<VerifiedPath, Error> {
        let end_entity = match Certificate::from_der(peer.end_entity) {
            Ok(certificate) => certificate,
            Err(error) => {
                if let Some(observer) = &self.observer {
                    observer.unreadable(&error);
                }
                return Err(Error::InvalidCertificate(TlsError::BadEncoding));
            }
        };
        // A certificate that cannot be read helps nobody, and harms nobody either.
        let sent = peer.intermediates.iter().map(|der| &**der).take(MAX_CHAIN);
        let own = self.intermediates.iter().map(Vec::as_slice);
        let intermediates: Vec<_> = sent
            .chain(own)
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect();
        // Nor does a stapled response: without other evidence the status is unknown.
        let stapled: Vec<_> = (!peer.ocsp_response.is_empty())
            .then(|| Evidence::ocsp(peer.ocsp_response).ok())
            .flatten()
            .into_iter()
            .collect();
        let at = i64::try_from(peer.now.as_secs()).unwrap_or(i64::MAX);
        let mut question = Question::new(
            &end_entity,
            &intermediates,
            UnixTime::from_seconds(at),
            peer.purpose,
        )
        .with_evidence(&stapled);
        question.names.extend(peer.name);
        let verifier = Verifier::new(&*self.crypto, &self.anchors, &*self.policy)
            .with_budget(self.budget)
            .with_revocation(self.rules.clone())
            .with_cache(&self.cache);
        let result = match &self.evidence {
            Some(source) => verifier.verify_with(&question, &**source),
            None => verifier.verify(&question),
        };
        if let Some(observer) = &self.observer {
            match &result {
                Ok(path) => observer.accepted(path),
                Err(error) => observer.refused(error),
            }
        }
        result.map_err(error::refusal)
    }

    pub(super) fn tls12(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.handshake)
    }

    pub(super) fn tls13(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.handshake)
    }

    pub(super) fn schemes(&self) -> Vec<SignatureScheme> {
        self.handshake.supported_schemes()
    }
}

/// What rustls says of a peer.
pub(super) struct Peer<'p> {
    pub(super) end_entity: &'p [u8],
    pub(super) intermediates: &'p [CertificateDer<'p>],
    pub(super) purpose: Purpose,
    pub(super) name: Option<ExpectedName<'p>>,
    pub(super) ocsp_response: &'p [u8],
    pub(super) now: TlsTime,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("anchors", &self.anchors.len())
            .field("policy", &self.policy)
            .field("rules", &self.rules)
            .field("evidence", &self.evidence.is_some())
            .field("observer", &self.observer.is_some())
            .finish_non_exhaustive()
    }
}
