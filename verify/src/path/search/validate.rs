//! What concerns a path as a whole, once it has reached an anchor.

use std::sync::Arc;

use super::{Found, Issuer, Search, certificate, position};
use crate::certificate::NameConstraints;
use crate::crypto::{CryptoError, PublicKey};
use crate::path::budget::BudgetLimit;
use crate::path::names::{self, Failure};
use crate::path::{Position, Reason, TrustAnchor, check, policies};

/// Why validation of a complete path ended.
pub(super) enum Stop {
    Budget(BudgetLimit),
    Refused(Position, Reason),
}

impl From<policies::Fault> for Stop {
    fn from(fault: policies::Fault) -> Self {
        match fault {
            policies::Fault::Refused(position, reason) => Self::Refused(position, reason),
            policies::Fault::Budget(limit) => Self::Budget(limit),
        }
    }
}

impl<'s> Search<'s> {
    pub(super) fn validate(
        &mut self,
        index: usize,
        anchor: &'s TrustAnchor,
        below: u32,
    ) -> Result<Found, Stop> {
        let warning = check::anchor(self.verifier, self.question, index, anchor, below)
            .map_err(|reason| Stop::Refused(Position::Anchor(index), reason))?;
        self.name_constraints(anchor)?;
        let question = self.question;
        let downwards: Vec<_> = self
            .path
            .iter()
            .rev()
            .map(|index| (position(*index), certificate(question, *index)))
            .collect();
        let policies = policies::check(&question.policies, &downwards, &mut self.meter)?;
        let mut issuer = Issuer::Anchor(index);
        for step in (0..self.path.len()).rev() {
            let Some(child) = self.path.get(step).copied() else {
                break;
            };
            self.signature(child, issuer, anchor)?;
            issuer = Issuer::Intermediate(child);
        }
        let mut warnings: Vec<_> = warning.into_iter().collect();
        for index in self.path.iter().skip(1).rev() {
            if let Some(Some(Ok(Some(warning)))) = self.local.get(index - 1) {
                warnings.push(warning.clone());
            }
        }
        Ok((index, policies, warnings))
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
                let Err(failure) = names::check(&constraints, subject, &mut self.meter) else {
                    continue;
                };
                let constrained_by = match self.path.get(level) {
                    Some(ca) => certificate(self.question, *ca).subject().to_string(),
                    None => anchor.subject_text(),
                };
                let reason = match failure {
                    Failure::Budget(limit) => return Err(Stop::Budget(limit)),
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
        let known = match self.signatures.get(&(child, issuer)) {
            Some(known) => known.clone(),
            None => {
                self.meter.signature().map_err(Stop::Budget)?;
                let fresh = self.check_signature(child, issuer, anchor);
                self.signatures.insert((child, issuer), fresh.clone());
                fresh
            }
        };
        known.map_err(|reason| Stop::Refused(position(child), reason))
    }

    fn check_signature(
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

    fn key(&mut self, index: usize) -> Result<Arc<dyn PublicKey>, CryptoError> {
        let spki = self.certificate(index).spki();
        let crypto = self.verifier.crypto;
        match self.keys.get_mut(index.wrapping_sub(1)) {
            Some(slot) => slot.get_or_insert_with(|| crypto.public_key(spki)).clone(),
            None => crypto.public_key(spki),
        }
    }
}
