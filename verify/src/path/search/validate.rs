//! What concerns a path as a whole, once it has reached an anchor.

use std::sync::Arc;

use super::{Found, Halt, Issuer, Search, certificate, position};
use crate::certificate::NameConstraints;
use crate::crypto::{CryptoError, PublicKey};
use crate::path::names::{self, Failure};
use crate::path::{
    InitialPolicies, IntermediateCache, Position, Reason, TrustAnchor, check, policies,
};
use crate::revocation::StatusUsed;

/// Why validation of a complete path ended.
pub(super) enum Stop {
    Halt(Halt),
    Refused(Position, Reason),
}

impl From<policies::Fault> for Stop {
    fn from(fault: policies::Fault) -> Self {
        match fault {
            policies::Fault::Refused(position, reason) => Self::Refused(position, reason),
            policies::Fault::Budget(limit) => Self::Halt(limit.into()),
        }
    }
}

impl<'s> Search<'_, 's> {
    pub(super) fn validate(
        &mut self,
        index: usize,
        anchor: &'s TrustAnchor,
        below: u32,
    ) -> Result<Found, Stop> {
        let purpose = self.task.purpose;
        let warning = check::anchor(self.verifier, self.question, purpose, index, anchor, below)
            .map_err(|reason| Stop::Refused(Position::Anchor(index), reason))?;
        let question = self.question;
        let own = self.task.level == 0;
        // The caller's limits are for its own path.
        if own && let Err(reason) = check::path_length(question.max_path_length, below) {
            return Err(Stop::Refused(self.top(), reason));
        }
        self.name_constraints(anchor)?;
        let downwards: Vec<_> = self
            .path
            .iter()
            .rev()
            .map(|index| (position(*index), certificate(question, *index)))
            .collect();
        let any = InitialPolicies::default();
        let initial = if own { &question.policies } else { &any };
        let policies = policies::check(initial, &downwards, &mut self.memory.meter)?;
        let mut issuer = Issuer::Anchor(index);
        for step in (0..self.path.len()).rev() {
            let Some(child) = self.path.get(step).copied() else {
                break;
            };
            self.signature(child, issuer, anchor)?;
            issuer = Issuer::Intermediate(child);
        }
        let statuses = self.statuses(index)?;
        let mut warnings: Vec<_> = warning.into_iter().collect();
        for index in self.path.iter().skip(1).rev() {
            if let Some(Some(Ok(Some(warning)))) = self.local.get(index - 1) {
                warnings.push(warning.clone());
            }
        }
        self.accepted_under(index);
        Ok(Found {
            anchor: index,
            policies,
            warnings,
            statuses,
        })
    }

    /// From the anchor down: a revoked CA's word about what is below it counts for nothing.
    fn statuses(&mut self, anchor: usize) -> Result<Vec<StatusUsed>, Stop> {
        let mut used = Vec::new();
        let mut issuer = Issuer::Anchor(anchor);
        for step in (0..self.path.len()).rev() {
            let Some(child) = self.path.get(step).copied() else {
                break;
            };
            if let Some(basis) = self.status(child, issuer, anchor)? {
                let position = position(child);
                used.push(StatusUsed { position, basis });
            }
            issuer = Issuer::Intermediate(child);
        }
        Ok(used)
    }

    /// RFC 5280 §6.1.3 (b), (c): every CA constrains the names of all below it, but not those of
    /// self-issued CA certificates.
    fn name_constraints(&mut self, anchor: &'s TrustAnchor) -> Result<(), Stop> {
        let own = anchor
            .limits
            .as_ref()
            .and_then(|limits| limits.name_constraints.as_deref());
        let own = own
            .map(NameConstraints::from_der)
            .transpose()
            .map_err(|_| {
                let reason = Reason::NameUnsupported {
                    kind: "nameConstraints",
                    constrained_by: anchor.subject_text(),
                };
                Stop::Refused(self.top(), reason)
            })?;
        let constrained = own
            .map(|constraints| (self.path.len(), constraints))
            .into_iter()
            .chain(self.path.iter().enumerate().filter_map(|(level, index)| {
                let extensions = certificate(self.question, *index).extensions();
                extensions
                    .name_constraints
                    .map(|constraints| (level, constraints))
            }));
        for (level, constraints) in constrained {
            for (step, index) in self.path.iter().enumerate().take(level) {
                let subject = certificate(self.question, *index);
                if step > 0 && subject.is_self_issued() {
                    continue;
                }
                let Err(failure) = names::check(&constraints, subject, &mut self.memory.meter)
                else {
                    continue;
                };
                let constrained_by = match self.path.get(level) {
                    Some(ca) => certificate(self.question, *ca).subject().to_string(),
                    None => anchor.subject_text(),
                };
                let reason = match failure {
                    Failure::Budget(limit) => return Err(Stop::Halt(limit.into())),
                    Failure::NotPermitted(name) => Reason::NameNotPermitted {
                        name,
                        constrained_by,
                    },
                    Failure::Excluded(name) => Reason::NameExcluded {
                        name,
                        constrained_by,
                    },
                    Failure::Unsupported(kind) => Reason::NameUnsupported {
                        kind,
                        constrained_by,
                    },
                };
                return Err(Stop::Refused(position(*index), reason));
            }
        }
        Ok(())
    }

    fn signature(
        &mut self,
        child: usize,
        issuer: Issuer,
        anchor: &'s TrustAnchor,
    ) -> Result<(), Stop> {
        let edge = (child, issuer);
        let known = match self.memory.known_signature(edge) {
            Some(known) => known.clone(),
            None => {
                let fresh = self.check_signature(child, issuer, anchor)?;
                self.memory.signatures.push((edge, fresh.clone()));
                fresh
            }
        };
        known.map_err(|reason| Stop::Refused(position(child), reason))
    }

    /// Checks the signature, unless the cache knows it. A cached certificate brings its key along.
    fn check_signature(
        &mut self,
        index: usize,
        issuer: Issuer,
        anchor: &'s TrustAnchor,
    ) -> Result<Result<(), Reason>, Stop> {
        let child = self.certificate(index);
        // The end entity's key is not asked for again: there would be as many as terminals.
        let cache = self.verifier.cache.filter(|_| index != self.task.start);
        let id = cache.map(|_| {
            let spki = match issuer {
                Issuer::Anchor(_) => anchor.spki(),
                Issuer::Intermediate(index) => self.certificate(index).spki(),
            };
            IntermediateCache::id(self.verifier.crypto, spki, child)
        });
        if let (Some(cache), Some(id)) = (cache, &id)
            && let Some(key) = cache.find(id)
        {
            if let Some(slot) = self.memory.keys.get_mut(index.wrapping_sub(1)) {
                *slot = Some(Ok(key));
            }
            return Ok(Ok(()));
        }
        self.memory.spend_signature().map_err(Stop::Halt)?;
        let checked = self.verify_signature(index, issuer, anchor);
        if let (Some(cache), Some(id), Ok(())) = (cache, id, &checked)
            && let Ok(key) = self.key(index)
        {
            cache.insert(id, key);
        }
        Ok(checked)
    }

    fn verify_signature(
        &mut self,
        child: usize,
        issuer: Issuer,
        anchor: &'s TrustAnchor,
    ) -> Result<(), Reason> {
        let child = self.certificate(child);
        let algorithm = child.signature_algorithm().map_err(Reason::Algorithm)?;
        match issuer {
            Issuer::Anchor(_) => anchor
                .key()
                .verify(algorithm, child.tbs(), child.signature()),
            Issuer::Intermediate(index) => self
                .key(index)
                .and_then(|key| key.verify(algorithm, child.tbs(), child.signature())),
        }
        .map_err(Reason::Signature)
    }

    /// The parsed key of an intermediate.
    pub(super) fn key(&mut self, index: usize) -> Result<Arc<dyn PublicKey>, CryptoError> {
        let spki = self.certificate(index).spki();
        let crypto = self.verifier.crypto;
        match self.memory.keys.get_mut(index.wrapping_sub(1)) {
            Some(slot) => slot.get_or_insert_with(|| crypto.public_key(spki)).clone(),
            None => crypto.public_key(spki),
        }
    }
}
