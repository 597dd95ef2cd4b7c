//! Revocation status of the certificates of a path.

mod crl;
mod ocsp;
mod request;

use std::sync::Arc;

use super::validate::Stop;
use super::{END_ENTITY, Halt, Issuer, Search, position};
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::crypto::PublicKey;
use crate::name::Name;
use crate::path::{Purpose, Reason};
use crate::revocation::{Basis, Freshness, Requirement, Sources, Tolerance};

/// The CA above a certificate, in whose name its status is stated.
#[derive(Clone)]
struct Authority<'s> {
    name: Name<'s>,
    spki: &'s [u8],
    key: Arc<dyn PublicKey>,
    validity: Option<(UnixTime, UnixTime)>,
}

/// Whose status is looked for, and by whose word.
#[derive(Clone, Copy)]
struct Asked<'a> {
    certificate: &'a Certificate<'a>,
    issuer: Issuer,
    authority: &'a Authority<'a>,
    /// The anchor that signers of evidence must lead to as well.
    anchor: usize,
    freshness: Freshness,
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
        if let Some(known) = self.memory.known_status(edge, anchor) {
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
            self.memory.statuses.push(((edge, anchor), known));
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
        let asked = Asked {
            certificate: self.certificate(child),
            issuer,
            authority: &authority,
            anchor,
            freshness: self.verifier.revocation.freshness,
        };
        let mut unknown = false;
        let mut good = None;
        // Every kind that counts is looked at: "revoked" by one is not outweighed by "good" by the
        // other, which may be older.
        for by_ocsp in order {
            match self.by(*by_ocsp, &asked, &mut problems)? {
                Known::Good(basis) => {
                    good.get_or_insert(basis);
                }
                Known::Revoked(reason) => return Err(Stop::Refused(position(child), reason)),
                Known::Unknown => unknown = true,
                Known::Nothing => {}
            }
        }
        if let Some(basis) = good {
            return Ok(basis);
        }
        let edge = (child, issuer);
        if self.memory.may_ask(edge) {
            self.memory.asked = Some(edge);
            let request = self.request(child, &authority, problems);
            return Err(Stop::Halt(Halt::Needs(Box::new(request))));
        }
        // Evidence that is out of date proves nothing good, but what it lists as revoked is known.
        let of_any_age = Asked {
            freshness: Freshness::DangerouslyIgnored,
            ..asked
        };
        for by_ocsp in order {
            if let Known::Revoked(reason) = self.by(*by_ocsp, &of_any_age, &mut Vec::new())? {
                return Err(Stop::Refused(position(child), reason));
            }
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

    fn by(
        &mut self,
        ocsp: bool,
        asked: &Asked<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Known, Stop> {
        if ocsp {
            self.by_ocsp(asked, problems)
        } else {
            self.by_crl(asked, problems)
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
}
