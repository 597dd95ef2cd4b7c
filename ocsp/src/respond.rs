//! From request to response.

use std::sync::Arc;

use der::Encode;
use kasane_ca_core::Error;
use kasane_ca_core::authority::Status;
use kasane_ca_core::issuer::Issuer;
use kasane_ledger::Stop;
use kasane_verify::UnixTime;
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, Nonce, OcspError, OcspRequest, OcspResponseStatus,
    ResponseData, SingleResponse, Version,
};
use kasane_verify::revocation::RevocationReason;

use crate::cache::Cached;
use crate::signer::Signer;
use crate::{Cacheable, Responder, Response};

/// A response is signed anew after this part of its window: 12 of 48 hours.
const REFRESH_PART: i64 = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error(transparent)]
    Authority(#[from] Error),
    #[error(transparent)]
    Message(#[from] OcspError),
    #[error(transparent)]
    Encoding(#[from] der::Error),
}

impl Responder {
    /// Answers `request_der`. `issuer` is the issuing CA that the address stands for: a request
    /// about another's certificate is `unauthorized` (RFC 5019 §2.2.3). Without it the request
    /// itself says, as long as all of it is about one.
    ///
    /// A serial number that the issuer never used is `unknown`, not the extended `revoked` of RFC
    /// 6960 §2.2: a certificate that is being signed this very moment would be reported revoked,
    /// and a cached `revoked` is for ever. Relying systems here take `unknown` for a refusal, and
    /// it is never cached.
    ///
    /// Never fails: what goes wrong inside is logged and answered as `tryLater` or `internalError`.
    pub fn respond(&self, issuer: Option<&str>, request_der: &[u8], now: UnixTime) -> Response {
        let crypto = self.authority.crypto();
        let error = |status| Response::error(crypto, status);
        // A signature of the requester is not looked at: everybody may ask.
        let parsed = OcspRequest::parse(request_der)
            .and_then(|request| request.nonce().map(|nonce| (request, nonce)));
        let (request, nonce) = match parsed {
            Ok(parsed) => parsed,
            // RFC 9654 §2.1: a nonce without octets or with more than 128 is malformed as well.
            Err(reason) => {
                tracing::debug!(code = reason.code(), %reason, "OCSP request refused");
                return error(OcspResponseStatus::MalformedRequest);
            }
        };
        let Some(found) = self.issuer_of(&request) else {
            return error(OcspResponseStatus::Unauthorized);
        };
        if issuer.is_some_and(|name| name != found.name()) || found.is_root() {
            return error(OcspResponseStatus::Unauthorized);
        }
        // The projection lags behind the ledger then: a revocation may be missing in it.
        if let Some(Stop::Observer { .. }) = self.authority.ledger().stopped() {
            tracing::error!("no OCSP response: the store does not take the ledger's entries");
            return error(OcspResponseStatus::TryLater);
        }
        let answer = |responder: &Self| responder.answer(&found, &request, nonce.as_ref(), now);
        let answered = match answer(self) {
            Ok(None) if self.replace_signer(&found, now) => answer(self),
            answered => answered,
        };
        match answered {
            Ok(Some(response)) => response,
            Ok(None) => {
                tracing::error!(issuer.name = found.name(), "no valid OCSP signer");
                error(OcspResponseStatus::TryLater)
            }
            Err(NoAnswer::Authority(reason @ Error::Signing(_))) => {
                tracing::warn!(
                    issuer.name = found.name(), code = reason.code(), %reason,
                    "OCSP response could not be signed"
                );
                error(OcspResponseStatus::TryLater)
            }
            Err(reason) => {
                tracing::error!(issuer.name = found.name(), %reason, "OCSP response failed");
                error(OcspResponseStatus::InternalError)
            }
        }
    }

    /// The one issuer that every part of the request is about.
    fn issuer_of(&self, request: &OcspRequest) -> Option<Arc<Issuer>> {
        let mut ids = request
            .tbs_request
            .request_list
            .iter()
            .map(|single| &single.req_cert);
        let issuer = self.identities.find(&self.authority, ids.next()?)?;
        for id in ids {
            // One signer's certificate speaks for one issuer (RFC 6960 §4.2.2.2).
            if self.identities.find(&self.authority, id)?.name() != issuer.name() {
                return None;
            }
        }
        Some(issuer)
    }

    fn answer(
        &self,
        issuer: &Issuer,
        request: &OcspRequest,
        nonce: Option<&Nonce>,
        now: UnixTime,
    ) -> Result<Option<Response>, NoAnswer> {
        let list = &request.tbs_request.request_list;
        let mut statuses = Vec::with_capacity(list.len());
        for single in list {
            statuses.push(
                self.authority
                    .status(issuer.name(), serial(&single.req_cert))?,
            );
        }
        // Only what many ask for in the same words is worth keeping.
        let key = match (nonce, list.as_slice(), statuses.as_slice()) {
            (None, [single], [status]) if *status != Status::Unknown => {
                let key = single.req_cert.to_der()?;
                let cached = self.cache.lock().find(&key, *status, now);
                if let Some(Cached { signer, response, .. }) = cached
                    // What a revoked signer said counts no more.
                    && self.authority.status(issuer.name(), &signer)? == Status::Good
                {
                    return Ok(Some(response));
                }
                Some((key, *status))
            }
            _ => None,
        };
        let Some(signer) = self.signers.signer(&self.authority, issuer.name(), now)? else {
            return Ok(None);
        };
        // RFC 6960 §4.2.2.2: nothing is answered for a time after signer or issuer.
        let next_update = now
            .plus_seconds(signer.facts.window_seconds)
            .min(signer.facts.not_after)
            .min(issuer.not_after);
        if next_update <= now {
            return Ok(None);
        }
        let responses = list
            .iter()
            .zip(&statuses)
            .map(|(single, status)| SingleResponse {
                cert_id: single.req_cert.clone(),
                cert_status: cert_status(*status),
                this_update: now,
                next_update: Some(next_update),
                single_extensions: None,
            })
            .collect();
        let known = !statuses.contains(&Status::Unknown);
        let cacheable = (nonce.is_none() && known).then_some(Cacheable {
            this_update: now,
            next_update,
            produced_at: now,
        });
        let response = self.sign(&signer, responses, nonce, cacheable, now)?;
        if let Some((key, status)) = key {
            let refresh_at = now
                .plus_seconds(signer.facts.window_seconds / REFRESH_PART)
                .min(next_update);
            let response = response.clone();
            let cached = Cached {
                status,
                refresh_at,
                produced_at: now,
                signer: Arc::clone(&signer.serial),
                response,
            };
            self.cache.lock().put(key, cached);
        }
        Ok(Some(response))
    }

    fn sign(
        &self,
        signer: &Signer,
        responses: Vec<SingleResponse>,
        nonce: Option<&Nonce>,
        cacheable: Option<Cacheable>,
        now: UnixTime,
    ) -> Result<Response, NoAnswer> {
        let data = ResponseData {
            version: Version::V1,
            responder_id: signer.responder_id.clone(),
            produced_at: now,
            responses,
            // RFC 9654 §2.1: the nonce of the request, as it came.
            response_extensions: nonce
                .map(|nonce| nonce.to_extension().map(|extension| vec![extension]))
                .transpose()?,
        }
        .encode_der()?;
        let facts = &signer.facts;
        let algorithm = facts.signature_algorithm;
        let door = self.authority.door();
        let signature = door
            .sign_ocsp_response(&facts.key_label, algorithm, &data)
            .map_err(|error| NoAnswer::Authority(error.into()))?;
        let certificates = [facts.certificate_der.as_slice()];
        let der = BasicOcspResponse::assemble(&data, algorithm, &signature, &certificates)?;
        let crypto = self.authority.crypto();
        Ok(Response::new(
            crypto,
            der,
            OcspResponseStatus::Successful,
            cacheable,
        ))
    }
}

/// The serial number as it is recorded: without the octet that keeps an INTEGER positive.
fn serial(id: &CertId) -> &[u8] {
    match id.serial() {
        [0, rest @ ..] if !rest.is_empty() => rest,
        serial => serial,
    }
}

fn cert_status(status: Status) -> CertStatus {
    match status {
        Status::Good => CertStatus::GOOD,
        Status::Unknown => CertStatus::UNKNOWN,
        Status::Revoked { date, reason, .. } => {
            CertStatus::revoked(date, reason.and_then(RevocationReason::from_number))
        }
    }
}
