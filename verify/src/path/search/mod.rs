//! Depth-first search from the end entity to an anchor. Names, dates and constraints are checked
//! before a signature is spent, and signatures from the anchor down, so that a stranger's keys are
//! used only when the anchor vouches for them. What does not depend on the path is done once.

mod candidates;
mod validate;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use self::validate::Stop;
use super::budget::{BudgetLimit, Meter};
use super::{
    PathError, Position, Question, Reason, TrustAnchor, VerifiedPath, Verifier, Warning, check,
    verified,
};
use crate::KeyAlgorithm;
use crate::certificate::Certificate;
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
