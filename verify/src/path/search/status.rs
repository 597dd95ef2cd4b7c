//! Revocation status of the certificates of a path.

use std::sync::Arc;

use super::validate::Stop;
use super::{END_ENTITY, Halt, Issuer, Search, Task, position};
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crl::IndexedCrl;
use crate::crypto::{DigestAlgorithm, PublicKey};
use crate::name::Name;
use crate::ocsp::{self, CertId, OcspError, OcspIssuer, OcspRequest, OcspRules};
use crate::path::{Position, Purpose, Reason, check};
use crate::revocation::{
    Basis, CrlLocation, CrlQuestion, MAX_LOCATIONS, OcspLocation, Requirement, RevocationRequest,
    Sources, Status, Tolerance, decide,
};

/// How many CRLs deep the signers of CRLs are checked: the signer of the CRL for a CRL's signer,
/// and once more.
const MAX_LEVEL: u8 = 3;

/// The CA above a certificate, in whose name its status is stated.
#[derive(Clone)]
struct Authority<'s> {
    name: Name<'s>,
    spki: &'s [u8],
    key: Arc<dyn PublicKey>,
    validity: Option<(UnixTime, UnixTime)>,
}

enum Known {
    Good(Basis),
    Revoked(Reason),
    Nothing,
    /// A responder does not know the certificate.
    Unknown,
}

impl<'s> Search<'_, 's> {
    /// How the status of `child` is established, or none when it need not be.
    pub(super) fn status(
        &mut self,
        child: usize,
        issuer: Issuer,
        anchor: usize,
    ) -> Result<Option<Basis>, Stop> {
        let rules = &self.verifier.revocation;
        let requirement = match (child, self.task.level) {
            (END_ENTITY, 0) => rules.end_entity,
            _ => rules.intermediates,
        };
        if requirement == Requirement::DangerouslyUnchecked {
            return Ok(None);
        }
        let certificate = self.certificate(child);
        // RFC 6960 §4.2.2.2.1.
        if child == self.task.start
            && self.task.purpose == Purpose::OcspSigning
            && certificate.extensions().ocsp_no_check
        {
            return Ok(Some(Basis::NoCheck));
        }
        let edge = (child, issuer);
        if let Some(known) = self.memory.known_status(edge) {
            return match known {
                Ok(basis) => Ok(Some(basis.clone())),
                Err(reason) => Err(Stop::Refused(position(child), reason.clone())),
            };
        }
        self.memory.pending.push(child);
        let fresh = self.establish(child, issuer, anchor, requirement);
        self.memory.pending.pop();
        let known = match &fresh {
            Ok(basis) => Ok(basis.clone()),
            Err(Stop::Refused(_, reason)) => Err(reason.clone()),
            Err(Stop::Halt(_)) => return fresh.map(Some),
        };
        if self.memory.pending.is_empty() {
            self.memory.assumed = false;
        }
        // What rests on a status that is still open is not kept.
        if !self.memory.assumed {
            self.memory.statuses.push((edge, known));
        }
        fresh.map(Some)
    }

    fn establish(
        &mut self,
        child: usize,
        issuer: Issuer,
        anchor: usize,
        requirement: Requirement,
    ) -> Result<Basis, Stop> {
        let authority = self
            .authority(issuer)
            .map_err(|reason| Stop::Refused(position(child), reason))?;
        let mut problems = Vec::new();
        let sources = self.verifier.revocation.sources;
        let order: &[bool] = match sources {
            Sources::OcspThenCrl => &[true, false],
            Sources::CrlThenOcsp => &[false, true],
            Sources::OcspOnly => &[true],
            Sources::CrlOnly => &[false],
        };
        let mut unknown = false;
        for by_ocsp in order {
            let known = if *by_ocsp {
                self.by_ocsp(child, &authority, &mut problems)?
            } else {
                self.by_crl(child, issuer, &authority, anchor, &mut problems)?
            };
            match known {
                Known::Good(basis) => return Ok(basis),
                Known::Revoked(reason) => return Err(Stop::Refused(position(child), reason)),
                Known::Unknown => unknown = true,
                Known::Nothing => {}
            }
        }
        let edge = (child, issuer);
        if self.memory.may_ask(edge) {
            self.memory.asked = Some(edge);
            let request = self.request(child, &authority, problems);
            return Err(Stop::Halt(Halt::Needs(Box::new(request))));
        }
        // "Unknown" is an answer, and not a good one.
        if unknown {
            return Err(Stop::Refused(position(child), Reason::StatusUnknown));
        }
        match (requirement, &self.verifier.revocation.emergency) {
            (Requirement::SoftFail, _) => Ok(Basis::Unavailable(Tolerance::SoftFail)),
            (_, Some(name)) => Ok(Basis::Unavailable(Tolerance::Emergency(name.clone()))),
            (_, None) => Err(Stop::Refused(
                position(child),
                Reason::StatusUnavailable { problems },
            )),
        }
    }

    fn by_ocsp(
        &mut self,
        child: usize,
        authority: &Authority<'s>,
        problems: &mut Vec<String>,
    ) -> Result<Known, Stop> {
        let certificate = self.certificate(child);
        let rules = OcspRules {
            at: self.question.at,
            freshness: self.verifier.revocation.freshness,
            max_age_seconds: self.verifier.revocation.max_age_seconds,
            nonce: None,
            policy: self.verifier.policy,
        };
        let issuer = OcspIssuer {
            name: authority.name,
            spki: authority.spki,
            key: &*authority.key,
            validity: authority.validity,
        };
        let mut newest: Option<ocsp::OcspAnswer> = None;
        for index in 0..self.memory.responses.len() {
            let Some(evidence) = self.memory.responses.get(index).map(Arc::clone) else {
                break;
            };
            self.memory.spend_signature().map_err(Stop::Halt)?;
            let rules = OcspRules {
                nonce: evidence.nonce.as_ref(),
                ..rules.clone()
            };
            let crypto = self.verifier.crypto;
            match ocsp::check(crypto, &evidence.response, certificate, &issuer, &rules) {
                Ok(answer) => {
                    if newest.is_none_or(|it| it.this_update < answer.this_update) {
                        newest = Some(answer);
                    }
                }
                Err(OcspError::NotAboutCertificate | OcspError::OtherIssuer) => {}
                Err(error) => problems.push(error.to_string()),
            }
        }
        Ok(match newest {
            None => Known::Nothing,
            Some(answer) => match answer.status {
                Status::Good => Known::Good(Basis::Ocsp {
                    produced_at: answer.produced_at,
                    this_update: answer.this_update,
                    next_update: answer.next_update,
                }),
                Status::Revoked { date, reason } => {
                    Known::Revoked(Reason::Revoked { date, reason })
                }
                Status::Unknown => {
                    problems.push("the OCSP responder does not know the certificate".to_owned());
                    Known::Unknown
                }
            },
        })
    }

    fn by_crl(
        &mut self,
        child: usize,
        issuer: Issuer,
        authority: &Authority<'s>,
        anchor: usize,
        problems: &mut Vec<String>,
    ) -> Result<Known, Stop> {
        if self.memory.crls.is_empty() {
            return Ok(Known::Nothing);
        }
        let crls = self.memory.crls.clone();
        let question = CrlQuestion {
            certificate: self.certificate(child),
            crls: &crls,
            at: self.question.at,
            freshness: self.verifier.revocation.freshness,
            profile: self.question.profile,
        };
        let mut authentic =
            |crl: &Arc<IndexedCrl>| self.is_authentic(crl, issuer, authority, anchor);
        Ok(match decide(&question, &mut authentic, problems)? {
            None => Known::Nothing,
            Some(decision) => match decision.status {
                Status::Revoked { date, reason } => {
                    Known::Revoked(Reason::Revoked { date, reason })
                }
                Status::Good | Status::Unknown => Known::Good(Basis::Crl {
                    complete: decision.complete,
                    delta: decision.delta,
                }),
            },
        })
    }

    /// RFC 5280 §6.3.3 (f), (g): signed by the certificate's issuer, by the anchor, or by a
    /// certificate with the CRL issuer's name that has a path of its own to the same anchor.
    fn is_authentic(
        &mut self,
        crl: &Arc<IndexedCrl>,
        issuer: Issuer,
        authority: &Authority<'s>,
        anchor: usize,
    ) -> Result<Result<(), String>, Stop> {
        let list = crl.list();
        let name = list.issuer();
        let wanted = list.authority_key_id().and_then(|it| it.key_id);
        let other_key = |own: Option<&[u8]>| matches!((wanted, own), (Some(a), Some(b)) if a != b);
        let mut problem = "no key of its issuer is known".to_owned();
        if authority.name.matches(&name) && !other_key(self.key_id(issuer)) {
            match self.signed_by(crl, issuer, authority)? {
                Ok(()) => return Ok(Ok(())),
                Err(why) => problem = why,
            }
        }
        let root = Issuer::Anchor(anchor);
        if issuer != root
            && let Ok(above) = self.authority(root)
            && above.name.matches(&name)
            && !other_key(self.key_id(root))
        {
            match self.signed_by(crl, root, &above)? {
                Ok(()) => return Ok(Ok(())),
                Err(why) => problem = why,
            }
        }
        for index in 1..=self.question.intermediates.len() {
            let signer = Issuer::Intermediate(index);
            if signer == issuer {
                continue;
            }
            let certificate = self.certificate(index);
            self.memory
                .meter
                .name(name.der().len())
                .map_err(|it| Stop::Halt(it.into()))?;
            if !certificate.subject().matches(&name) || other_key(self.key_id(signer)) {
                continue;
            }
            match self.signer_path(index, anchor)? {
                Ok(()) => {}
                Err(why) => {
                    problem = why;
                    continue;
                }
            }
            let Ok(own) = self.authority(signer) else {
                continue;
            };
            match self.signed_by(crl, signer, &own)? {
                Ok(()) => return Ok(Ok(())),
                Err(why) => problem = why,
            }
        }
        Ok(Err(problem))
    }

    fn signed_by(
        &mut self,
        crl: &IndexedCrl,
        signer: Issuer,
        authority: &Authority<'s>,
    ) -> Result<Result<(), String>, Stop> {
        let usage = match signer {
            Issuer::Anchor(index) => self
                .verifier
                .anchors
                .get(index)
                .and_then(|it| it.key_usage()),
            Issuer::Intermediate(index) => self.certificate(index).extensions().key_usage,
        };
        if usage.is_some_and(|usage| !usage.crl_sign()) {
            return Ok(Err(
                "the key usage of its issuer does not include cRLSign".to_owned()
            ));
        }
        if !crl.is_verified_by(authority.spki) {
            self.memory.spend_signature().map_err(Stop::Halt)?;
        }
        Ok(crl
            .verify_signature(&*authority.key, authority.spki)
            .map_err(|error| error.to_string()))
    }

    /// Whether a certificate has a path of its own as a signer of CRLs.
    fn signer_path(&mut self, index: usize, anchor: usize) -> Result<Result<(), String>, Stop> {
        if self.task.level >= MAX_LEVEL {
            return Ok(Err("too many CRL signers depend on each other".to_owned()));
        }
        // A CRL issuer may be the only one to state its own status: its path is what is being
        // validated, and the CRL says whether it was revoked.
        if self.memory.pending.contains(&index) {
            self.memory.assumed = true;
            return Ok(Ok(()));
        }
        let task = Task {
            start: index,
            purpose: Purpose::CrlSigning,
            anchor: Some(anchor),
            level: self.task.level + 1,
        };
        let place = position(index);
        let certificate = self.certificate(index);
        if let Err(reason) = check::crl_signer(self.verifier, self.question, place, certificate) {
            return Ok(Err(format!("its signer is not acceptable: {reason}")));
        }
        let mut search = Search::new(self.verifier, self.question, self.memory, task);
        match search.extend(index, 0) {
            Ok(Some(_)) => Ok(Ok(())),
            Ok(None) => Ok(Err(format!(
                "its signer is not acceptable: {}",
                search.no_path().reason
            ))),
            Err(halt) => Err(Stop::Halt(halt)),
        }
    }

    fn authority(&mut self, issuer: Issuer) -> Result<Authority<'s>, Reason> {
        let verifier = self.verifier;
        match issuer {
            Issuer::Anchor(index) => {
                let anchor = verifier.anchors.get(index).ok_or(Reason::NotACa)?;
                Ok(Authority {
                    name: anchor.subject().ok_or(Reason::NotACa)?,
                    spki: anchor.spki(),
                    key: anchor.shared_key(),
                    validity: anchor.validity(),
                })
            }
            Issuer::Intermediate(index) => {
                let certificate = self.certificate(index);
                Ok(Authority {
                    name: certificate.subject(),
                    spki: certificate.spki(),
                    key: self.key(index).map_err(Reason::Signature)?,
                    validity: Some((certificate.not_before(), certificate.not_after())),
                })
            }
        }
    }

    fn key_id(&self, issuer: Issuer) -> Option<&'s [u8]> {
        let verifier = self.verifier;
        match issuer {
            Issuer::Anchor(index) => verifier.anchors.get(index)?.key_id(),
            Issuer::Intermediate(index) => self.certificate(index).extensions().subject_key_id,
        }
    }

    fn request(
        &self,
        child: usize,
        authority: &Authority<'s>,
        problems: Vec<String>,
    ) -> RevocationRequest {
        let certificate = self.certificate(child);
        let sources = self.verifier.revocation.sources;
        let place: Position = position(child);
        RevocationRequest {
            position: place,
            subject: certificate.subject().to_string(),
            serial: certificate.serial_hex(),
            issuer: certificate.issuer().der().to_vec(),
            issuer_spki: authority.spki.to_vec(),
            ocsp: sources
                .ocsp()
                .then(|| self.ocsp_location(certificate, authority))
                .flatten(),
            crls: if sources.crl() {
                crl_locations(certificate)
            } else {
                Vec::new()
            },
            problems,
        }
    }

    fn ocsp_location(
        &self,
        certificate: &Certificate<'_>,
        authority: &Authority<'s>,
    ) -> Option<OcspLocation> {
        let access = certificate.extensions().authority_info_access?;
        let uris: Vec<_> = access
            .ocsp_uris()
            .take(MAX_LOCATIONS)
            .map(str::to_owned)
            .collect();
        if uris.is_empty() {
            return None;
        }
        let id = CertId::new(
            self.verifier.crypto,
            // What every responder knows (RFC 9919 §3.1.1 allows SHA-256 once all do).
            DigestAlgorithm::Sha1,
            certificate.issuer().der(),
            authority.spki,
            certificate.serial(),
        )
        .ok()?;
        let request = OcspRequest::new(vec![id], None).ok()?.encode_der().ok()?;
        Some(OcspLocation { uris, request })
    }
}

fn crl_locations(certificate: &Certificate<'_>) -> Vec<CrlLocation> {
    use crate::certificate::GeneralName;
    let extensions = certificate.extensions();
    let own = |uris: Vec<String>, delta_uris, issuer: Name<'_>| CrlLocation {
        uris,
        delta_uris,
        issuer: issuer.der().to_vec(),
    };
    let deltas: Vec<_> = extensions
        .freshest_crl
        .iter()
        .flat_map(|points| points.uris())
        .take(MAX_LOCATIONS)
        .map(str::to_owned)
        .collect();
    let Some(points) = extensions.crl_distribution_points else {
        return vec![own(Vec::new(), deltas, certificate.issuer())];
    };
    points
        .iter()
        .take(MAX_LOCATIONS)
        .map(|point| {
            let uris = point
                .uris()
                .take(MAX_LOCATIONS)
                .map(str::to_owned)
                .collect();
            let named = point.crl_issuer.and_then(|names| {
                names.iter().find_map(|name| match name {
                    GeneralName::Directory(name) => Some(name),
                    _ => None,
                })
            });
            own(
                uris,
                deltas.clone(),
                named.unwrap_or_else(|| certificate.issuer()),
            )
        })
        .collect()
}
