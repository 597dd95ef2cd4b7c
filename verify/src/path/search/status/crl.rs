//! Status by CRLs, and who may sign them.

use std::sync::Arc;

use super::{Asked, Authority, Known};
use crate::crl::IndexedCrl;
use crate::path::search::validate::Stop;
use crate::path::search::{Issuer, Search, Task, position};
use crate::path::{Purpose, Reason, check};
use crate::revocation::{Basis, CrlQuestion, Status, StatusUsed, Voice, decide};

/// How many CRLs deep the signers of CRLs are checked: the signer of the CRL for a CRL's signer,
/// and once more.
const MAX_LEVEL: u8 = 3;

impl Search<'_, '_> {
    pub(super) fn by_crl(
        &mut self,
        asked: &Asked<'_>,
        problems: &mut Vec<String>,
    ) -> Result<Known, Stop> {
        if self.memory.crls.is_empty() {
            return Ok(Known::Nothing);
        }
        let crls = self.memory.crls.clone();
        let question = CrlQuestion {
            certificate: asked.certificate,
            crls: &crls,
            at: self.question.at,
            freshness: asked.freshness,
            profile: self.question.profile,
        };
        let mut authentic = |crl: &Arc<IndexedCrl>| self.is_authentic(crl, asked);
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
        asked: &Asked<'_>,
    ) -> Result<Result<Voice, String>, Stop> {
        let Asked {
            issuer,
            authority,
            anchor,
            ..
        } = *asked;
        let list = crl.list();
        let name = list.issuer();
        let wanted = list.authority_key_id().and_then(|it| it.key_id);
        let other_key = |own: Option<&[u8]>| matches!((wanted, own), (Some(a), Some(b)) if a != b);
        let mut problem = "no key of its issuer is known".to_owned();
        if authority.name.matches(&name) && !other_key(self.key_id(issuer)) {
            match self.signed_by(crl, issuer, authority)? {
                Ok(()) => return Ok(Ok(Voice::Issuer)),
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
                Ok(()) => return Ok(Ok(Voice::Other(0))),
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
                Ok(()) => return Ok(Ok(Voice::Other(index))),
                Err(why) => problem = why,
            }
        }
        Ok(Err(problem))
    }

    fn signed_by(
        &mut self,
        crl: &IndexedCrl,
        signer: Issuer,
        authority: &Authority<'_>,
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
            Ok(Some(found)) => {
                // What was put up with for a signer is reported with the path.
                let unavailable = |it: &StatusUsed| matches!(it.basis, Basis::Unavailable(_));
                let tolerated = found.statuses.into_iter().filter(unavailable);
                self.memory.tolerated.extend(tolerated);
                Ok(Ok(()))
            }
            Ok(None) => Ok(Err(format!(
                "its signer is not acceptable: {}",
                search.no_path().reason
            ))),
            Err(halt) => Err(Stop::Halt(halt)),
        }
    }
}
