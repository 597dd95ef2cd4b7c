//! Paths among strangers' certificates with strangers' evidence: concatenated DER, the first
//! certificate the end entity, all others intermediates and anchors; CRLs and OCSP responses are
//! evidence. Once with real signatures, and once with signatures of which most are taken as good, so
//! that what comes after them is reached.
#![no_main]

#[path = "../shared/split.rs"]
mod split;

use std::sync::Arc;

use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::{
    AwsLc, CryptoError, CryptoProvider, Digest, DigestAlgorithm, PublicKey,
};
use kasane_verify::path::{
    AcceptAll, InitialPolicies, ProfileRule, Purpose, Question, Step, TrustAnchor, Verifier,
};
use kasane_verify::revocation::{Evidence, Requirement, RevocationRules};
use kasane_verify::spki::PublicKeyInfo;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let blocks = split::split(data);
    for crypto in [&Lenient as &dyn CryptoProvider, &AwsLc] {
        run(&blocks, crypto);
    }
});

fn run(blocks: &[&[u8]], crypto: &dyn CryptoProvider) {
    let mut certificates = Vec::new();
    let mut evidence = Vec::new();
    for der in blocks {
        if let Ok(certificate) = Certificate::from_der(der) {
            certificates.push(certificate);
        } else if let Ok(crl) = IndexedCrl::from_der(*der) {
            evidence.push(Evidence::Crl(Arc::new(crl)));
        } else if let Ok(response) = Evidence::ocsp(der) {
            evidence.push(response);
        }
    }
    let anchors: Vec<_> = certificates
        .iter()
        .rev()
        .take(2)
        .filter_map(|it| TrustAnchor::from_certificate(it.der(), crypto).ok())
        .collect();
    let Some((end_entity, intermediates)) = certificates.split_first() else { return };
    let at = end_entity.not_before();
    for (purpose, requirement) in [
        (Purpose::Any, Requirement::HardFail),
        (Purpose::ClientAuth, Requirement::SoftFail),
        (Purpose::OcspSigning, Requirement::DangerouslyUnchecked),
    ] {
        let rules = RevocationRules::of_all(requirement);
        let verifier = Verifier::new(crypto, &anchors, &AcceptAll).with_revocation(rules);
        let mut question = Question::new(end_entity, intermediates, at, purpose);
        question.policies = InitialPolicies {
            require_explicit: purpose == Purpose::ClientAuth,
            ..InitialPolicies::default()
        };
        if purpose == Purpose::OcspSigning {
            question.profile = ProfileRule::Rfc5280;
        }
        let explained = verifier.explain(&question, None);
        drop(explained.result.map_err(|error| (error.to_string(), error.text_ja())));
        // The same evidence, given when it is asked for, leads to the same verdict as at once.
        let mut session = verifier.begin(&question);
        let mut given = evidence.iter();
        let late = loop {
            match session.advance() {
                Step::Verified(_) => break true,
                Step::Refused(_) => break false,
                Step::NeedsRevocation(_) => match given.next() {
                    Some(evidence) => session.supply(evidence.clone()),
                    None => session.unavailable(),
                },
            }
        };
        let at_once = verifier.verify(&question.clone().with_evidence(&evidence)).is_ok();
        // Evidence that is not asked for may only be bad news, or cost the budget.
        assert!(late || !at_once || requirement == Requirement::SoftFail || evidence.len() > 8);
        let _ = verifier.dry_run(&question, UnixTime::from_seconds(at.seconds() + 1));
    }
}

/// Takes signatures as good whose last octet is not zero.
#[derive(Debug)]
struct Lenient;

#[derive(Debug)]
struct LenientKey(KeyAlgorithm);

impl CryptoProvider for Lenient {
    fn public_key(&self, spki: &[u8]) -> Result<Arc<dyn PublicKey>, CryptoError> {
        Ok(Arc::new(LenientKey(PublicKeyInfo::from_der(spki)?.algorithm())))
    }

    fn digest(&self, algorithm: DigestAlgorithm, data: &[u8]) -> Digest {
        AwsLc.digest(algorithm, data)
    }
}

impl PublicKey for LenientKey {
    fn algorithm(&self) -> KeyAlgorithm {
        self.0
    }

    fn verify(&self, _: SignatureAlgorithm, _: &[u8], it: &[u8]) -> Result<(), CryptoError> {
        match it.last() {
            Some(0) | None => Err(CryptoError::BadSignature(self.0)),
            Some(_) => Ok(()),
        }
    }
}
