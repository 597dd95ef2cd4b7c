//! Depth-first search from the end entity to an anchor. Names, dates and constraints are checked
//! before a signature is spent, and signatures from the anchor down, so that a stranger's keys are
//! used only when the anchor vouches for them. What does not depend on the path is done once.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::budget::{BudgetLimit, Meter};
use super::names::{self, Failure};
use super::{
    PathError, Position, Question, Reason, TrustAnchor, VerifiedPath, Verifier, Warning, check,
    policies, verified,
};
use crate::KeyAlgorithm;
use crate::certificate::{Certificate, NameConstraints};
use crate::crypto::{CryptoError, PublicKey};

pub(super) fn run(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
) -> Result<VerifiedPath, PathError> {
    let mut search = Search {
        verifier,
        question,
        meter: Meter::new(verifier.budget),
        issuers: vec![None; question.intermediates.len() + 1],
        local: vec![None; question.intermediates.len()],
        keys: vec![None; question.intermediates.len()],
        signatures: HashMap::new(),
        path: Vec::new(),
        best: None,
    };
    // What is wrong with the end entity itself is wrong on every path.
    let (key, warning) = check::end_entity(verifier, question)
        .map_err(|reason| search.error(Position::EndEntity, reason))?;
    match search.extend(END_ENTITY, 0) {
        Ok(Some((anchor, policies, mut warnings))) => {
            warnings.extend(warning);
            Ok(search.verified(anchor, key, policies, warnings))
        }
        Ok(None) => Err(search.best.take().unwrap_or_else(|| {
            let issuer = question.end_entity.issuer().to_string();
            search.error(Position::EndEntity, Reason::UnknownIssuer { issuer })
        })),
        Err(limit) => Err(search.error(search.top(), Reason::Budget(limit))),
    }
}

/// Index of the end entity in the tables; intermediate `i` is `i + 1`.
const END_ENTITY: usize = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Issuer {
    Anchor(usize),
    /// Index in the tables.
    Intermediate(usize),
}

type Found = (usize, super::PolicySet, Vec<Warning>);

struct Search<'s> {
    verifier: &'s Verifier<'s>,
    question: &'s Question<'s>,
    meter: Meter,
    /// Certificates and anchors whose name is the issuer's, best first.
    issuers: Vec<Option<Rc<[Issuer]>>>,
    /// What the checks that need no path said.
    local: Vec<Option<Result<Option<Warning>, Reason>>>,
    keys: Vec<Option<Result<Arc<dyn PublicKey>, CryptoError>>>,
    /// Whether the issuer's key verifies the certificate's signature.
    signatures: HashMap<(usize, Issuer), Result<(), Reason>>,
    /// From the end entity up.
    path: Vec<usize>,
    best: Option<PathError>,
}

impl<'s> Search<'s> {
    /// Puts `index` on the path and looks for what can issue it. `below` counts the non-self-issued
    /// CA certificates on the path once it is there. On success the path is left as found.
    fn extend(&mut self, index: usize, below: u32) -> Result<Option<Found>, BudgetLimit> {
        self.meter.step()?;
        self.path.push(index);
        let mut known = false;
        for issuer in self.issuers(index)?.iter().copied() {
            if matches!(self.signatures.get(&(index, issuer)), Some(Err(_))) {
                known = true;
                continue;
            }
            match issuer {
                Issuer::Anchor(anchor) => {
                    known = true;
                    if let Some(found) = self.complete(anchor, below)? {
                        return Ok(Some(found));
                    }
                }
                Issuer::Intermediate(candidate) => {
                    if self.is_loop(candidate) {
                        continue;
                    }
                    known = true;
                    if self.admit(candidate, below)? {
                        let own = u32::from(!self.certificate(candidate).is_self_issued());
                        let below = below.saturating_add(own);
                        if let Some(found) = self.extend(candidate, below)? {
                            return Ok(Some(found));
                        }
                    }
                }
            }
        }
        if !known {
            let issuer = self.certificate(index).issuer().to_string();
            self.note(position(index), Reason::UnknownIssuer { issuer });
        }
        self.path.pop();
        Ok(None)
    }

    /// Whether an intermediate may stand above the path.
    fn admit(&mut self, candidate: usize, below: u32) -> Result<bool, BudgetLimit> {
        let depth = self.verifier.budget.depth;
        if self.path.len() >= usize::try_from(depth).unwrap_or(usize::MAX) {
            self.note(self.top(), Reason::TooDeep { depth });
            return Ok(false);
        }
        if let Err(reason) = self.local(candidate) {
            self.note(position(candidate), reason);
            return Ok(false);
        }
        let constraints = self.certificate(candidate).extensions().basic_constraints;
        if let Err(reason) = check::path_length(constraints.and_then(|it| it.path_len), below) {
            self.note(position(candidate), reason);
            return Ok(false);
        }
        Ok(true)
    }

    /// The path has reached an anchor: everything that concerns the path as a whole.
    fn complete(&mut self, index: usize, below: u32) -> Result<Option<Found>, BudgetLimit> {
        let Some(anchor) = self.verifier.anchors.get(index) else {
            return Ok(None);
        };
        match self.validate(index, anchor, below) {
            Ok(found) => Ok(Some(found)),
            Err(Stop::Budget(limit)) => Err(limit),
            Err(Stop::Refused(position, reason)) => {
                self.note(position, reason);
                Ok(None)
            }
        }
    }

    fn validate(
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
        let policies = policies::check(&question.policies, &downwards)
            .map_err(|(position, reason)| Stop::Refused(position, reason))?;
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
        let own = own.and_then(|der| NameConstraints::from_der(der).ok());
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

    fn local(&mut self, index: usize) -> Result<(), Reason> {
        let (verifier, question) = (self.verifier, self.question);
        let fresh = || {
            check::issuer(
                verifier,
                question,
                position(index),
                certificate(question, index),
            )
        };
        match self.local.get_mut(index.wrapping_sub(1)) {
            Some(slot) => slot.get_or_insert_with(fresh).clone().map(drop),
            None => fresh().map(drop),
        }
    }

    /// A name and key that are on the path already add nothing to it (RFC 4158 §2.4.2).
    fn is_loop(&self, candidate: usize) -> bool {
        let certificate = self.certificate(candidate);
        self.path.iter().any(|index| {
            let other = self.certificate(*index);
            *index == candidate
                || (other.spki() == certificate.spki()
                    && other.subject().matches(&certificate.subject()))
        })
    }

    /// Who could have issued a certificate, the likeliest first.
    fn issuers(&mut self, index: usize) -> Result<Rc<[Issuer]>, BudgetLimit> {
        if let Some(Some(known)) = self.issuers.get(index) {
            return Ok(Rc::clone(known));
        }
        let child = self.certificate(index);
        let name = child.issuer();
        let wanted = child.extensions().authority_key_id.and_then(|it| it.key_id);
        let mut found = Vec::new();
        for (index, anchor) in self.verifier.anchors.iter().enumerate() {
            self.meter.name(name.der().len())?;
            if anchor
                .subject()
                .is_some_and(|subject| subject.matches(&name))
            {
                let order = (key_id_order(wanted, anchor.key_id()), false, false);
                found.push((order, Issuer::Anchor(index)));
            }
        }
        for (offset, candidate) in self.question.intermediates.iter().enumerate() {
            self.meter.name(name.der().len())?;
            if candidate.subject().matches(&name) {
                let at = self.question.at;
                let dated = at < candidate.not_before() || at > candidate.not_after();
                let key_id = key_id_order(wanted, candidate.extensions().subject_key_id);
                found.push(((key_id, true, dated), Issuer::Intermediate(offset + 1)));
            }
        }
        found.sort_by_key(|(order, _)| *order);
        let found: Rc<[Issuer]> = found.into_iter().map(|(_, issuer)| issuer).collect();
        if let Some(slot) = self.issuers.get_mut(index) {
            *slot = Some(Rc::clone(&found));
        }
        Ok(found)
    }

    fn certificate(&self, index: usize) -> &'s Certificate<'s> {
        certificate(self.question, index)
    }

    fn top(&self) -> Position {
        position(self.path.last().copied().unwrap_or(END_ENTITY))
    }

    fn note(&mut self, position: Position, reason: Reason) {
        if self
            .best
            .as_ref()
            .is_none_or(|best| best.reason.rank() < reason.rank())
        {
            self.best = Some(self.error(position, reason));
        }
    }

    fn error(&self, position: Position, reason: Reason) -> PathError {
        let subject = match position {
            Position::EndEntity => self.question.end_entity.subject().to_string(),
            Position::Intermediate(index) => self.certificate(index + 1).subject().to_string(),
            Position::Anchor(index) => self
                .verifier
                .anchors
                .get(index)
                .map(TrustAnchor::subject_text)
                .unwrap_or_default(),
        };
        PathError {
            position,
            subject,
            reason: Box::new(reason),
        }
    }

    fn verified(
        &self,
        anchor: usize,
        key: KeyAlgorithm,
        policies: super::PolicySet,
        warnings: Vec<Warning>,
    ) -> VerifiedPath {
        let end_entity = self.question.end_entity;
        VerifiedPath {
            positions: self.path.iter().map(|index| position(*index)).collect(),
            certificates: self
                .path
                .iter()
                .map(|index| self.certificate(*index).der().to_vec())
                .collect(),
            anchor,
            policies,
            purpose: self.question.purpose,
            identity: verified::identity(end_entity),
            key,
            at: self.question.at,
            warnings,
        }
    }
}

/// Why validation of a complete path ended.
enum Stop {
    Budget(BudgetLimit),
    Refused(Position, Reason),
}

fn certificate<'s>(question: &'s Question<'s>, index: usize) -> &'s Certificate<'s> {
    index
        .checked_sub(1)
        .and_then(|offset| question.intermediates.get(offset))
        .unwrap_or(question.end_entity)
}

const fn position(index: usize) -> Position {
    match index.checked_sub(1) {
        None => Position::EndEntity,
        Some(offset) => Position::Intermediate(offset),
    }
}

/// Equal key identifiers first, then those that say nothing; differing ones last, because they are
/// a hint and no proof (RFC 5280 §4.2.1.1).
fn key_id_order(wanted: Option<&[u8]>, found: Option<&[u8]>) -> u8 {
    match (wanted, found) {
        (Some(wanted), Some(found)) if wanted == found => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}
