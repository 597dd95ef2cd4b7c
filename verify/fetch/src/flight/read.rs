//! From octets to evidence.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::ocsp::{OcspRequest, OcspResponse, OcspResponseStatus};
use kasane_verify::revocation::{Evidence, OcspEvidence};

use crate::cache::{Kept, Reservation};
use crate::error::FetchError;
use crate::http::Validators;

/// What a parsed CRL costs beside its octets and index: names, keys and validators.
const CRL_EXTRA_BYTES: usize = 2_048;

/// What was read.
pub(super) struct Read {
    pub(super) kept: Kept,
    /// Which of the expected keys signed it.
    pub(super) signer: Option<Arc<[u8]>>,
}

/// Reads a CRL, and finds out which of `signers` signed it: here, once, and not while a
/// verification holds up others. The reservation is what it takes afterwards.
pub(super) fn crl(
    mut octets: Vec<u8>,
    signers: &[Arc<[u8]>],
    crypto: &dyn CryptoProvider,
    memory: &mut Reservation,
) -> Result<Read, FetchError> {
    octets.shrink_to_fit();
    // The index takes four octets for an entry of 20 or more.
    memory.resize(octets.capacity() + octets.len() / 4 + CRL_EXTRA_BYTES)?;
    let crl = IndexedCrl::from_der(octets)?;
    let signer = signer(&crl, signers, crypto);
    let kept = keep_crl(crl);
    memory.resize(kept.bytes)?;
    Ok(Read { kept, signer })
}

/// Which of `signers` signed a CRL.
pub(super) fn signer(
    crl: &IndexedCrl,
    signers: &[Arc<[u8]>],
    crypto: &dyn CryptoProvider,
) -> Option<Arc<[u8]>> {
    let signer = signers.iter().find(|spki| {
        let key = crypto.public_key(spki);
        key.is_ok_and(|key| crl.verify_signature(&*key, spki).is_ok())
    });
    signer.map(Arc::clone)
}

/// A CRL as the cache keeps it.
pub(crate) fn keep_crl(crl: IndexedCrl) -> Kept {
    Kept {
        bytes: crl.memory_bytes() + CRL_EXTRA_BYTES,
        this_update: crl.list().this_update(),
        next_update: crl.list().next_update(),
        evidence: Evidence::Crl(Arc::new(crl)),
        validators: Validators::default(),
    }
}

/// Reads an OCSP response to `request`. What it is worth is for the verifier to say.
pub(super) fn ocsp(
    octets: &[u8],
    request: &[u8],
    memory: &mut Reservation,
) -> Result<Read, FetchError> {
    // Parsed it takes about as much again.
    let bytes = octets.len() * 2 + 2_048;
    memory.resize(octets.len() + bytes)?;
    let response = OcspResponse::parse(octets)?;
    if response.response_status != OcspResponseStatus::Successful {
        return Err(FetchError::OcspStatus(response.response_status));
    }
    let (this_update, next_update) = times(&response, request)?;
    memory.resize(bytes)?;
    let evidence = OcspEvidence {
        response,
        nonce: None,
    };
    let kept = Kept {
        evidence: Evidence::Ocsp(Arc::new(evidence)),
        bytes,
        this_update,
        next_update,
        validators: Validators::default(),
    };
    Ok(Read { kept, signer: None })
}

/// Of the answers to the request the one that ends first.
fn times(
    response: &OcspResponse,
    request: &[u8],
) -> Result<(UnixTime, Option<UnixTime>), FetchError> {
    let request = OcspRequest::parse(request)?;
    let basic = response.basic()?;
    let asked = &request.tbs_request.request_list;
    basic
        .data
        .responses
        .iter()
        .filter(|it| {
            asked
                .iter()
                .any(|asked| asked.req_cert.same_certificate(&it.cert_id))
        })
        .map(|it| (it.this_update, it.next_update))
        .min_by_key(|(_, next)| next.unwrap_or(UnixTime::MAX))
        .ok_or(FetchError::OcspOther)
}
