//! From request to response.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use der::Encode;
use kasane_ca_core::Error;
use kasane_ca_core::authority::Status;
use kasane_ca_core::issuer::Issuer;
use kasane_verify::UnixTime;
use kasane_verify::ocsp::{
    BasicOcspResponse, CertId, CertStatus, Nonce, OcspError, OcspRequest, OcspResponseStatus,
    ResponseData, SingleResponse, Version, archive_cutoff, extended_revoke,
};
use kasane_verify::revocation::RevocationReason;
use x509_cert::ext::Extension;

use crate::complaints::Complaint;
use crate::kept::{Kept, Stamps};
use crate::renew::AHEAD_PART;
use crate::signer::Signer;
use crate::{Cacheable, Responder, Response};

/// A response is signed anew after this part of its window: 12 of 48 hours.
const RENEW_PART: i64 = 4;

/// A response is not renewed by itself before so many seconds.
const LEAST_RENEWAL_SECONDS: i64 = 60;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error(transparent)]
    Authority(#[from] Error),
    #[error(transparent)]
    Message(#[from] OcspError),
    #[error(transparent)]
    Encoding(#[from] der::Error),
}

impl Responder {
    /// Answers `request_der`. `issuer` is the issuing CA that the address stands for: a request
    /// about another's certificate is `unauthorized` (RFC 9919 §3.2.3). Without it the request
    /// itself says, as long as all of it is about one.
    ///
    /// A serial number that the issuer never used is the extended `revoked` of RFC 6960 §2.2; one that
    /// is recorded and about to be signed is `unknown`: its certificate may exist in a moment, and
    /// whoever kept a `revoked` would refuse it for ever. So is one that is not known here although its
    /// certificate may exist. None of them is ever kept.
    ///
    /// A CA for which nobody here can sign an answer any more, or ever could, is `unauthorized`
    /// (RFC 6960 §2.3): asking again later does not help.
    ///
    /// Blocks while a key signs.
    ///
    /// Never fails: what goes wrong inside is logged and answered as `tryLater` or `internalError`.
    pub fn respond(&self, issuer: Option<&str>, request_der: &[u8], now: UnixTime) -> Response {
        let crypto = self.source.crypto();
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
        if !found.has_key() || found.not_after <= now {
            return self.not_answered(&found);
        }
        let due = |complaint| self.complaints.due(complaint, found.name(), now);
        // RFC 6960 §2.3: the responder is there, and cannot answer now.
        if self.source.known_as_of(now).is_none() {
            if let Some(untold) = due(Complaint::Lags) {
                tracing::error!(
                    untold,
                    "no OCSP response: what is known here does not follow the ledger"
                );
            }
            return error(OcspResponseStatus::TryLater);
        }
        let answer = |responder: &Self| responder.answer(&found, &request, nonce.as_ref(), now);
        let answered = match answer(self) {
            Ok(None) if self.replace_signer(&found, now) => answer(self),
            answered => answered,
        };
        match answered {
            Ok(Some(response)) => response,
            Ok(None) if found.ended && self.lacks_signer(&found, now) => self.not_answered(&found),
            Ok(None) => {
                if let Some(untold) = due(Complaint::NoSigner) {
                    tracing::error!(
                        issuer.name = found.name(),
                        untold,
                        "no OCSP response: there is no valid signer, or what is known is too old"
                    );
                }
                error(OcspResponseStatus::TryLater)
            }
            Err(NoAnswer::Authority(reason @ Error::Signing(_))) => {
                if let Some(untold) = due(Complaint::NotSigned) {
                    tracing::warn!(
                        issuer.name = found.name(), code = reason.code(), %reason, untold,
                        "OCSP response could not be signed"
                    );
                }
                error(OcspResponseStatus::TryLater)
            }
            Err(reason) => {
                if let Some(untold) = due(Complaint::Failed) {
                    tracing::error!(
                        issuer.name = found.name(), %reason, untold, "OCSP response failed"
                    );
                }
                error(OcspResponseStatus::InternalError)
            }
        }
    }

    /// What is said for a CA whose status is told by CRLs only, and noted once.
    fn not_answered(&self, issuer: &Issuer) -> Response {
        if self
            .complaints
            .is_first(Complaint::NotAnswered, issuer.name())
        {
            let reason = if !issuer.has_key() {
                "its key is elsewhere, and so is who answers for it"
            } else if issuer.ended {
                "it was ended, and its last signer too: its final CRL tells"
            } else {
                "it has expired"
            };
            tracing::warn!(
                issuer.name = issuer.name(),
                reason,
                "OCSP requests about a CA that is not answered for: unauthorized, from now on without a \
                 word"
            );
        }
        Response::error(self.source.crypto(), OcspResponseStatus::Unauthorized)
    }

    fn lacks_signer(&self, issuer: &Issuer, now: UnixTime) -> bool {
        let signer = self.signers.signer(&*self.source, issuer.name(), now);
        signer.is_ok_and(|signer| signer.is_none())
    }

    /// The one issuer that every part of the request is about.
    fn issuer_of(&self, request: &OcspRequest) -> Option<Arc<Issuer>> {
        let mut ids = request
            .tbs_request
            .request_list
            .iter()
            .map(|single| &single.req_cert);
        let issuer = self.identities.find(&*self.source, ids.next()?)?;
        for id in ids {
            // One signer's certificate speaks for one issuer (RFC 6960 §4.2.2.2).
            if self.identities.find(&*self.source, id)?.name() != issuer.name() {
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
        // Only what many ask for in the same words is worth keeping.
        let kept = match (nonce, request.tbs_request.request_list.as_slice()) {
            (None, [single]) => self.cache.find(&single.req_cert.to_der()?),
            _ => None,
        };
        let kept = match kept {
            Some(kept) if self.confirm(&kept)? => Some(kept),
            _ => None,
        };
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh(now)) {
            return Ok(Some(kept.hand_out()));
        }
        match (self.sign_anew(issuer, request, nonce, now), kept) {
            (Err(NoAnswer::Authority(reason @ Error::Signing(_))), Some(kept))
                if kept.is_current(now) =>
            {
                let due = self
                    .complaints
                    .due(Complaint::NotRenewed, issuer.name(), now);
                if let Some(untold) = due {
                    tracing::warn!(
                        issuer.name = issuer.name(), code = reason.code(), %reason, untold,
                        "OCSP response could not be renewed; the one before it is given"
                    );
                }
                Ok(Some(kept.hand_out()))
            }
            (signed, _) => signed,
        }
    }

    /// Whether what is kept still says what is true; reads the status of certificate and signer
    /// unless both are known to stand.
    fn confirm(&self, kept: &Kept) -> Result<bool, Error> {
        let changes = self.source.status_changes();
        if kept.stands(changes) {
            return Ok(true);
        }
        let stamps = Stamps::new(changes.stamp(&kept.serial), changes.stamp(&kept.signer));
        // What a revoked signer said counts no more.
        let is_true = self.source.status(&kept.issuer, &kept.serial)? == kept.status
            && self.source.status(&kept.issuer, &kept.signer)? == Status::Good;
        if is_true {
            kept.confirm(&stamps);
        }
        Ok(is_true)
    }

    /// Signs a response now, and keeps it if others may use it; none without a signer.
    pub(crate) fn sign_anew(
        &self,
        issuer: &Issuer,
        request: &OcspRequest,
        nonce: Option<&Nonce>,
        now: UnixTime,
    ) -> Result<Option<Response>, NoAnswer> {
        // Before the status is read: it is true then, or later.
        let Some(this_update) = self.source.known_as_of(now) else {
            return Ok(None);
        };
        let changes = self.source.status_changes();
        let list = &request.tbs_request.request_list;
        let mut known = Vec::with_capacity(list.len());
        for single in list {
            let serial = serial(&single.req_cert);
            let stamp = changes.stamp(serial);
            known.push((stamp, self.source.status(issuer.name(), serial)?));
        }
        let Some((signer, signer_stamp)) =
            self.signers.signer(&*self.source, issuer.name(), now)?
        else {
            return Ok(None);
        };
        // RFC 6960 §4.2.2.2: nothing is answered for a time after signer or issuer.
        let next_update = this_update
            .plus_seconds(signer.facts.window_seconds)
            .min(signer.facts.not_after)
            .min(issuer.not_after);
        if next_update <= now {
            return Ok(None);
        }
        let responses = list
            .iter()
            .zip(&known)
            .map(|(single, (_, status))| {
                Ok(SingleResponse {
                    cert_id: single.req_cert.clone(),
                    cert_status: cert_status(*status),
                    this_update,
                    next_update: Some(next_update),
                    single_extensions: single_extensions(issuer, *status)?,
                })
            })
            .collect::<Result<_, OcspError>>()?;
        let statuses = || known.iter().map(|(_, status)| *status);
        let extensions = response_extensions(nonce, statuses())?;
        let cacheable = (nonce.is_none() && statuses().all(is_settled)).then_some(Cacheable {
            this_update,
            next_update,
            produced_at: now,
        });
        let response = self.sign(&signer, responses, extensions, cacheable, now)?;
        if let ([single], [(stamp, status)], Some(_)) =
            (list.as_slice(), known.as_slice(), cacheable)
        {
            let quarter = signer.facts.window_seconds / RENEW_PART;
            let renew_at = now.plus_seconds(quarter).min(next_update);
            let kept = Kept {
                cert_id: single.req_cert.to_der()?.into(),
                issuer: issuer.name().into(),
                serial: serial(&single.req_cert).into(),
                status: *status,
                produced_at: now,
                renew_at,
                next_update,
                signer: Arc::clone(&signer.serial),
                response: response.clone(),
                stamps: Stamps::new(*stamp, signer_stamp),
                asked: AtomicBool::new(false),
            };
            // At an edge that hears nothing the end is near: it is not signed again and again for that.
            let due = renew_at
                .plus_seconds(-quarter / AHEAD_PART)
                .max(now.plus_seconds(LEAST_RENEWAL_SECONDS));
            self.cache.put(&Arc::new(kept), due);
        }
        Ok(Some(response))
    }

    fn sign(
        &self,
        signer: &Signer,
        responses: Vec<SingleResponse>,
        extensions: Option<Vec<Extension>>,
        cacheable: Option<Cacheable>,
        now: UnixTime,
    ) -> Result<Response, NoAnswer> {
        let data = ResponseData {
            version: Version::V1,
            responder_id: signer.responder_id.clone(),
            produced_at: now,
            responses,
            response_extensions: extensions,
        }
        .encode_der()?;
        let facts = &signer.facts;
        let algorithm = facts.signature_algorithm;
        let signature = self
            .source
            .sign_ocsp_response(&facts.key_label, algorithm, &data)
            .map_err(|error| NoAnswer::Authority(error.into()))?;
        let certificates = [facts.certificate_der.as_slice()];
        let der = BasicOcspResponse::assemble(&data, algorithm, &signature, &certificates)?;
        let crypto = self.source.crypto();
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
        Status::Pending | Status::Unrecorded => CertStatus::UNKNOWN,
        // RFC 6960 §2.2: the epoch, and on hold.
        Status::NeverUsed => CertStatus::revoked(
            UnixTime::from_seconds(0),
            Some(RevocationReason::CertificateHold),
        ),
        Status::Revoked { date, reason, .. } => {
            CertStatus::revoked(date, reason.and_then(RevocationReason::from_number))
        }
    }
}

/// Whether it is about a certificate that is known to exist.
const fn is_settled(status: Status) -> bool {
    matches!(status, Status::Good | Status::Revoked { .. })
}

/// RFC 6960 §4.4.4: nothing is ever forgotten here, so the cutoff is the issuer's own beginning, or when
/// it came here.
fn single_extensions(issuer: &Issuer, status: Status) -> Result<Option<Vec<Extension>>, OcspError> {
    let begin = issuer.known_since().filter(|_| is_settled(status));
    begin
        .map(|begin| archive_cutoff(begin).map(|extension| vec![extension]))
        .transpose()
}

fn response_extensions(
    nonce: Option<&Nonce>,
    mut statuses: impl Iterator<Item = Status>,
) -> Result<Option<Vec<Extension>>, OcspError> {
    let mut extensions = Vec::new();
    if let Some(nonce) = nonce {
        // RFC 9654 §2.1: the nonce of the request, as it came.
        extensions.push(nonce.to_extension()?);
    }
    // RFC 6960 §4.4.8: where it must be; elsewhere it would only cost octets.
    if statuses.any(|status| status == Status::NeverUsed) {
        extensions.push(extended_revoke()?);
    }
    Ok((!extensions.is_empty()).then_some(extensions))
}
