//! Depth-first search from the end entity to an anchor. Names, dates and constraints are checked
//! before a signature is spent, and signatures from the anchor down, so that a stranger's keys are
//! used only when the anchor vouches for them. What does not depend on the path is done once.

mod candidates;
mod memory;
mod status;
mod trace;
mod validate;

pub(super) use self::memory::Memory;
pub use self::trace::{Explanation, Node, NodeOutcome};

use self::validate::Stop;
use super::budget::BudgetLimit;
use super::{
    PathError, Position, Purpose, Question, Reason, TrustAnchor, VerifiedPath, Verifier, Warning,
    check, verified,
};
use crate::KeyAlgorithm;
use crate::certificate::Certificate;
use crate::revocation::{RevocationRequest, StatusUsed};

/// Why a search has no path.
pub(super) enum Failure {
    Refused(PathError),
    Needs(Box<RevocationRequest>),
}

/// What ends a search at once.
#[derive(Debug)]
pub(super) enum Halt {
    Budget(BudgetLimit),
    Needs(Box<RevocationRequest>),
}

impl From<BudgetLimit> for Halt {
    fn from(limit: BudgetLimit) -> Self {
        Self::Budget(limit)
    }
}

pub(super) fn run<'s>(
    verifier: &'s Verifier<'s>,
    question: &'s Question<'s>,
    memory: &mut Memory,
) -> Result<VerifiedPath, Failure> {
    let task = Task {
        start: END_ENTITY,
        purpose: question.purpose,
        anchor: None,
        level: 0,
    };
    if let Some(trace) = &mut memory.trace {
        trace.restart();
    }
    let mut search = Search::new(verifier, question, memory, task);
    if let Some(limit) = search.memory.too_much {
        let reason = Reason::Budget(limit);
        return Err(Failure::Refused(
            search.whole_refused(Position::EndEntity, reason),
        ));
    }
    // What is wrong with the end entity itself is wrong on every path.
    let (key, warning) = check::end_entity(verifier, question)
        .map_err(|reason| Failure::Refused(search.whole_refused(Position::EndEntity, reason)))?;
    match search.extend(END_ENTITY, 0) {
        Ok(Some(mut found)) => {
            found.warnings.extend(warning);
            found.statuses.append(&mut search.memory.tolerated);
            Ok(search.verified(found, key))
        }
        Ok(None) => Err(Failure::Refused(search.no_path())),
        Err(Halt::Budget(limit)) => {
            let top = search.top();
            Err(Failure::Refused(
                search.whole_refused(top, Reason::Budget(limit)),
            ))
        }
        Err(Halt::Needs(request)) => Err(Failure::Needs(request)),
    }
}

/// Index of the end entity in the tables; intermediate `i` is `i + 1`.
const END_ENTITY: usize = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    Anchor(usize),
    /// Index in the tables.
    Intermediate(usize),
}

/// A path that was found, and what came of validating it.
pub(super) struct Found {
    anchor: usize,
    policies: super::PolicySet,
    warnings: Vec<Warning>,
    statuses: Vec<StatusUsed>,
}

/// What a search is for: the question itself, or the signer of a CRL that is needed for it.
#[derive(Clone, Copy)]
struct Task {
    /// Index of the certificate that the path ends with.
    start: usize,
    purpose: Purpose,
    /// The only anchor that counts (RFC 5280 §6.3.3 (f)).
    anchor: Option<usize>,
    /// How many CRLs deep.
    level: u8,
}

struct Search<'m, 's> {
    verifier: &'s Verifier<'s>,
    question: &'s Question<'s>,
    memory: &'m mut Memory,
    task: Task,
    /// What the checks that need no path said.
    local: Vec<Option<Result<Option<Warning>, Reason>>>,
    /// From the end entity up.
    path: Vec<usize>,
    best: Option<PathError>,
}

impl<'m, 's> Search<'m, 's> {
    fn new(
        verifier: &'s Verifier<'s>,
        question: &'s Question<'s>,
        memory: &'m mut Memory,
        task: Task,
    ) -> Self {
        Self {
            verifier,
            question,
            memory,
            task,
            local: vec![None; question.intermediates.len()],
            path: Vec::with_capacity(4),
            best: None,
        }
    }

    /// Puts `index` on the path and looks for what can issue it. `below` counts the non-self-issued
    /// CA certificates on the path once it is there. On success the path is left as found.
    fn extend(&mut self, index: usize, below: u32) -> Result<Option<Found>, Halt> {
        self.path.push(index);
        self.entered(index);
        let mut known = false;
        let candidates = self.issuers(index)?;
        for place in candidates.start..candidates.end {
            let Some(issuer) = self.memory.pool.get(place).copied() else {
                break;
            };
            self.memory.meter.step()?;
            if let Some(Err(reason)) = self.memory.known_signature((index, issuer)) {
                known = true;
                let reason = reason.clone();
                self.skipped(issuer, &reason);
                continue;
            }
            match issuer {
                Issuer::Anchor(anchor) => {
                    if self.task.anchor.is_some_and(|only| only != anchor) {
                        continue;
                    }
                    known = true;
                    if let Some(found) = self.complete(anchor, below)? {
                        self.left(true);
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
                            self.left(true);
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
        self.left(false);
        self.path.pop();
        Ok(None)
    }

    /// Whether an intermediate may stand above the path.
    fn admit(&mut self, candidate: usize, below: u32) -> Result<bool, Halt> {
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

    /// Validates the path under an anchor as a whole.
    fn complete(&mut self, index: usize, below: u32) -> Result<Option<Found>, Halt> {
        let Some(anchor) = self.verifier.anchors.get(index) else {
            return Ok(None);
        };
        match self.validate(index, anchor, below) {
            Ok(found) => Ok(Some(found)),
            Err(Stop::Halt(halt)) => Err(halt),
            Err(Stop::Refused(position, reason)) => {
                self.refused_under(index, position, &reason);
                self.keep(position, reason);
                Ok(None)
            }
        }
    }

    fn local(&mut self, index: usize) -> Result<(), Reason> {
        let (verifier, question, purpose) = (self.verifier, self.question, self.task.purpose);
        let fresh = || {
            check::issuer(
                verifier,
                question,
                purpose,
                position(index),
                certificate(question, index),
            )
        };
        match self.local.get_mut(index.wrapping_sub(1)) {
            Some(slot) => match slot.get_or_insert_with(fresh) {
                Ok(_) => Ok(()),
                Err(reason) => Err(reason.clone()),
            },
            None => fresh().map(drop),
        }
    }

    /// No certificate stands on a path twice (RFC 5280 §6.1), and a CA's name and key that are on it
    /// already add nothing (RFC 4158 §2.4.2). What ends the path may have a CA's name and key.
    fn is_loop(&self, candidate: usize) -> bool {
        let certificate = self.certificate(candidate);
        self.path.iter().enumerate().any(|(step, index)| {
            let other = self.certificate(*index);
            *index == candidate
                || other.der() == certificate.der()
                || (step > 0
                    && other.spki() == certificate.spki()
                    && other.subject().matches(&certificate.subject()))
        })
    }

    fn certificate(&self, index: usize) -> &'s Certificate<'s> {
        certificate(self.question, index)
    }

    fn top(&self) -> Position {
        position(self.path.last().copied().unwrap_or(self.task.start))
    }

    /// A candidate or the path is refused.
    fn note(&mut self, position: Position, reason: Reason) {
        self.refused(position, &reason);
        self.keep(position, reason);
    }

    /// Of all reasons the most telling is reported.
    fn keep(&mut self, position: Position, reason: Reason) {
        if self
            .best
            .as_ref()
            .is_none_or(|best| best.reason.rank() < reason.rank())
        {
            self.best = Some(self.error(position, reason));
        }
    }

    fn whole_refused(&mut self, position: Position, reason: Reason) -> PathError {
        self.refused(position, &reason);
        self.error(position, reason)
    }

    fn no_path(&mut self) -> PathError {
        let start = self.task.start;
        self.best.take().unwrap_or_else(|| {
            let issuer = self.certificate(start).issuer().to_string();
            self.error(position(start), Reason::UnknownIssuer { issuer })
        })
    }

    fn error(&self, position: Position, reason: Reason) -> PathError {
        PathError {
            position,
            subject: self.subject(position),
            reason: Box::new(reason),
        }
    }

    fn subject(&self, position: Position) -> String {
        match position {
            Position::EndEntity => self.question.end_entity.subject().to_string(),
            Position::Intermediate(index) => self.certificate(index + 1).subject().to_string(),
            Position::Anchor(index) => self
                .verifier
                .anchors
                .get(index)
                .map(TrustAnchor::subject_text)
                .unwrap_or_default(),
        }
    }

    fn verified(&self, found: Found, key: KeyAlgorithm) -> VerifiedPath {
        let end_entity = self.question.end_entity;
        VerifiedPath {
            positions: self.path.iter().map(|index| position(*index)).collect(),
            certificates: self
                .path
                .iter()
                .map(|index| self.certificate(*index).der().to_vec())
                .collect(),
            anchor: found.anchor,
            policies: found.policies,
            purpose: self.question.purpose,
            identity: verified::identity(end_entity),
            key,
            at: self.question.at,
            phase: self.verifier.policy.phase(self.question.at),
            warnings: found.warnings,
            statuses: found.statuses,
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
