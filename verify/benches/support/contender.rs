//! Whoever verifies the same chain: nothing but the signatures, rustls-webpki, and we.

use std::time::Duration;

use aws_lc_rs::signature::{
    self as alc, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm,
};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::path::{
    AcceptAll, ExpectedName, IntermediateCache, Purpose, Question, TrustAnchor, VerifiedPath,
    Verifier,
};
use kasane_verify::revocation::RevocationRules;
use kasane_verify::{UnixTime, spki};
use rustls_pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, TrustAnchor as WebpkiAnchor,
};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::good::{GOOD_ALGORITHMS, Good};
use crate::hierarchy::{HOST, Hierarchy, NOW_SECONDS};

/// A hierarchy with its root loaded by everyone.
pub(crate) struct Contenders<'h> {
    hierarchy: &'h Hierarchy,
    crypto: &'static dyn CryptoProvider,
    algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
    anchors: [TrustAnchor; 1],
    cache: IntermediateCache,
    webpki_anchors: [WebpkiAnchor<'static>; 1],
    host: ServerName<'static>,
    signed: [Signed<'h>; 2],
}

/// What a signature check is given.
struct Signed<'h> {
    algorithm: &'static dyn VerificationAlgorithm,
    key: Vec<u8>,
    parsed: ParsedPublicKey,
    certificate: Certificate<'h>,
}

impl<'h> Contenders<'h> {
    pub(crate) fn new(hierarchy: &'h Hierarchy) -> Self {
        Self::with(hierarchy, &AwsLc, ALL_VERIFICATION_ALGS)
    }

    /// Every signature is taken as good.
    pub(crate) fn without_signatures(hierarchy: &'h Hierarchy) -> Self {
        Self::with(hierarchy, &Good, GOOD_ALGORITHMS)
    }

    fn with(
        hierarchy: &'h Hierarchy,
        crypto: &'static dyn CryptoProvider,
        algorithms: &'static [&'static dyn SignatureVerificationAlgorithm],
    ) -> Self {
        let root = CertificateDer::from(&*hierarchy.root);
        Self {
            hierarchy,
            crypto,
            algorithms,
            anchors: [TrustAnchor::from_certificate(&hierarchy.root, crypto).unwrap()],
            cache: IntermediateCache::new(8),
            webpki_anchors: [anchor_from_trusted_cert(&root).unwrap().to_owned()],
            host: ServerName::try_from(HOST).unwrap(),
            signed: [
                Signed::new(hierarchy.name, &hierarchy.root, &hierarchy.intermediate),
                Signed::new(
                    hierarchy.name,
                    &hierarchy.intermediate,
                    &hierarchy.end_entity,
                ),
            ],
        }
    }

    /// The two signatures, keys from octets.
    pub(crate) fn floor_unparsed(&self) {
        for it in &self.signed {
            UnparsedPublicKey::new(it.algorithm, &it.key)
                .verify(it.certificate.tbs(), it.certificate.signature())
                .unwrap();
        }
    }

    /// The two signatures, keys parsed before.
    pub(crate) fn floor_parsed(&self) {
        for it in &self.signed {
            it.parsed
                .verify_sig(it.certificate.tbs(), it.certificate.signature())
                .unwrap();
        }
    }

    /// rustls-webpki from DER, with the name.
    pub(crate) fn webpki(&self) {
        let end_entity = CertificateDer::from(&*self.hierarchy.end_entity);
        let intermediates = [CertificateDer::from(&*self.hierarchy.intermediate)];
        let end_entity = EndEntityCert::try_from(&end_entity).unwrap();
        let now = Duration::from_secs(NOW_SECONDS.into());
        end_entity
            .verify_for_usage(
                self.algorithms,
                &self.webpki_anchors,
                &intermediates,
                rustls_pki_types::UnixTime::since_unix_epoch(now),
                KeyUsage::server_auth(),
                None,
                None,
            )
            .unwrap();
        end_entity
            .verify_is_valid_for_subject_name(&self.host)
            .unwrap();
    }

    /// We from DER, with the name and everything else.
    pub(crate) fn ours(&self) -> VerifiedPath {
        self.verify(&self.verifier())
    }

    /// The same with the intermediate verified before.
    pub(crate) fn ours_cached(&self) -> VerifiedPath {
        self.verify(&self.verifier().with_cache(&self.cache))
    }

    fn verifier(&self) -> Verifier<'_> {
        // The others look at no status either.
        Verifier::new(self.crypto, &self.anchors, &AcceptAll)
            .with_revocation(RevocationRules::dangerously_unchecked())
    }

    fn verify(&self, verifier: &Verifier<'_>) -> VerifiedPath {
        let end_entity = Certificate::from_der(&self.hierarchy.end_entity).unwrap();
        let intermediates = [Certificate::from_der(&self.hierarchy.intermediate).unwrap()];
        let at = UnixTime::from_seconds(NOW_SECONDS.into());
        let question = Question::new(&end_entity, &intermediates, at, Purpose::ServerAuth)
            .with_name(ExpectedName::Dns(HOST));
        verifier.verify(&question).unwrap()
    }

    /// rustls-webpki reads the end entity.
    pub(crate) fn parse_webpki(&self) {
        let der = CertificateDer::from(&*self.hierarchy.end_entity);
        EndEntityCert::try_from(std::hint::black_box(&der)).unwrap();
    }

    /// We read the end entity.
    pub(crate) fn parse_ours(&self) {
        let der = std::hint::black_box(&*self.hierarchy.end_entity);
        std::hint::black_box(Certificate::from_der(der).unwrap());
    }
}

impl<'h> Signed<'h> {
    fn new(name: &str, issuer: &[u8], subject: &'h [u8]) -> Self {
        let algorithm: &'static dyn VerificationAlgorithm = match name {
            "p-384" => &alc::ECDSA_P384_SHA384_ASN1,
            "p-256" => &alc::ECDSA_P256_SHA256_ASN1,
            _ => &alc::RSA_PKCS1_2048_8192_SHA256,
        };
        let issuer = Certificate::from_der(issuer).unwrap();
        let key = spki::key_bytes(issuer.spki()).unwrap().to_vec();
        Self {
            algorithm,
            parsed: ParsedPublicKey::new(algorithm, &key).unwrap(),
            key,
            certificate: Certificate::from_der(subject).unwrap(),
        }
    }
}
