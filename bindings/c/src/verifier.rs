//! Verifiers, and the question put to them.

use std::sync::{Arc, Mutex, PoisonError};

use kasane_verify::certificate::Certificate;
use kasane_verify::crl::{IndexedCrl, MAX_CRL_BYTES};
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{IntermediateCache, PathPolicy, Question, TrustAnchor, Verifier};
use kasane_verify::pem;
use kasane_verify::revocation::{HeldCrls, RevocationRules};

use crate::anchors::KasaneAnchors;
use crate::border::{KasaneStatus, borrowed, call, free, give, octets};
use crate::last_error::Failure;
use crate::options::KasaneOptions;
use crate::question::KasaneQuestion;
use crate::result::KasaneResult;

/// A network has some dozens of CA certificates.
const CACHED_INTERMEDIATES: usize = 64;

/// Most CRLs that one verifier keeps: a network has some dozens.
const MAX_CRLS: usize = 1_000;

/// Answers questions. Many threads may use it at once.
#[derive(Debug)]
pub struct KasaneVerifier {
    anchors: Vec<TrustAnchor>,
    policy: Arc<dyn PathPolicy>,
    rules: RevocationRules,
    cache: IntermediateCache,
    crls: HeldCrls,
    /// Held while CRLs are added.
    adding: Mutex<()>,
}

const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<KasaneVerifier>();
    shared::<KasaneAnchors>();
    shared::<KasaneOptions>();
    shared::<KasaneQuestion>();
    shared::<KasaneResult>();
};

/// A verifier that trusts `anchors` and judges by `options`; both are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_verifier_new(
    anchors: *const KasaneAnchors,
    options: *const KasaneOptions,
    out: *mut *mut KasaneVerifier,
) -> KasaneStatus {
    let make = || {
        // SAFETY: the contract of the library.
        let (anchors, options) = unsafe { (borrowed(anchors)?, borrowed(options)?) };
        Ok(KasaneVerifier {
            anchors: anchors.anchors.clone(),
            policy: options.policy()?,
            rules: options.rules.clone(),
            cache: IntermediateCache::new(CACHED_INTERMEDIATES),
            crls: HeldCrls::default(),
            adding: Mutex::new(()),
        })
    };
    // SAFETY: the contract of the library.
    call(|| unsafe { give(out, make) })
}

/// Adds a CRL (DER, or PEM with one or more) for every question to come: read, its entries checked
/// and, at its first use, its signature verified once. Complete and delta CRLs. An older CRL of the
/// same issuer may stay; the newest that is good decides.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_verifier_add_crl(
    verifier: *const KasaneVerifier,
    crl: *const u8,
    length: usize,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let (verifier, input) =
            unsafe { (borrowed(verifier)?, octets(crl, length, MAX_CRL_BYTES)?) };
        let added = read_crls(input)?;
        let _alone = verifier
            .adding
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let held = verifier.crls.all();
        if held.len() + added.len() > MAX_CRLS {
            return Err(Failure::bad_argument(format!(
                "the verifier has {} CRLs: at most {MAX_CRLS}; kasane_verifier_clear_crls() makes room",
                held.len()
            )));
        }
        let all: Vec<_> = held.iter().cloned().chain(added).collect();
        verifier.crls.replace(all);
        Ok(())
    })
}

/// Forgets the CRLs that were added to the verifier.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_verifier_clear_crls(
    verifier: *const KasaneVerifier,
) -> KasaneStatus {
    call(|| {
        // SAFETY: the contract of the library.
        let verifier = unsafe { borrowed(verifier) }?;
        let _alone = verifier
            .adding
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        verifier.crls.replace(Vec::new());
        Ok(())
    })
}

/// Frees the verifier. Results stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_verifier_free(verifier: *mut KasaneVerifier) {
    // SAFETY: the contract of the library.
    unsafe { free(verifier) }
}

/// Judges. The call succeeds also when the chain is refused: see kasane_result_verdict().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kasane_verify(
    verifier: *const KasaneVerifier,
    question: *const KasaneQuestion,
    out: *mut *mut KasaneResult,
) -> KasaneStatus {
    let make = || {
        // SAFETY: the contract of the library.
        let (verifier, question) = unsafe { (borrowed(verifier)?, borrowed(question)?) };
        verifier.judge(question)
    };
    // SAFETY: the contract of the library.
    call(|| unsafe { give(out, make) })
}

impl KasaneVerifier {
    fn judge(&self, asked: &KasaneQuestion) -> Result<KasaneResult, Failure> {
        let certificates = asked
            .certificates
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Failure::input(error.code(), error))?;
        let (end_entity, intermediates) = certificates
            .split_first()
            .ok_or_else(|| Failure::bad_argument("the question has no certificate".to_owned()))?;
        let mut question = Question::new(end_entity, intermediates, asked.at, asked.purpose)
            .with_evidence(&asked.evidence);
        for name in &asked.names {
            question.names.push(name.borrowed());
        }
        let verifier = Verifier::new(&AwsLc, &self.anchors, &*self.policy)
            .with_revocation(self.rules.clone())
            .with_cache(&self.cache);
        let round = verifier.round(&question, Some(&self.crls), &asked.given_up);
        Ok(KasaneResult::new(round, &self.anchors))
    }
}

/// The CRLs in DER or PEM.
pub(crate) fn read_crls(input: &[u8]) -> Result<Vec<Arc<IndexedCrl>>, Failure> {
    let lists = if pem::is_der(input) {
        vec![input.to_vec()]
    } else {
        pem::crls(input).map_err(|error| Failure::input(error.code(), error))?
    };
    lists
        .into_iter()
        .map(|der| IndexedCrl::from_der(der).map(Arc::new))
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::input(error.code(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_begins_with_the_digit_of_a_sequence_is_text() {
        let text = b"0 entries\n-----BEGIN X509 CRL-----\nMAA=\n";
        let code = format!("{:?}", read_crls(text).unwrap_err());
        assert!(code.contains("pem.unfinished"), "{code}");
        let der = read_crls(&[0x30, 0x81, 0x80]).unwrap_err();
        assert!(!format!("{der:?}").contains("pem."));
    }
}
